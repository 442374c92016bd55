package io.keywright.rotation;

import java.util.List;
import java.util.Optional;

/**
 * The {@code authorized_keys} files of one account, or why they could not be read.
 *
 * @param device the device's id
 * @param account {@code user@host:port}
 * @param files every file that was looked for, also those that are not there; empty after a failure
 * @param failure why the account could not be read, or empty
 */
public record AccountReading(String device, String account, List<RemoteFile> files, Optional<DeviceFailure> failure) {

    /** Copies the list. */
    public AccountReading {
        files = List.copyOf(files);
    }

    /**
     * Names who else writes a file, where that leaves a mark in it: a configuration management or a cloud's agent, which may
     * bring back a line that is removed.
     *
     * @param file one of the files
     * @return the name of a program, as a person would say it
     */
    public static Optional<String> managerOf(RemoteFile file) {
        return FileManagers.of(file.keys());
    }
}
