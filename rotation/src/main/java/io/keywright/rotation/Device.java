package io.keywright.rotation;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A server account that accepts a credential's key.
 *
 * @param id unique within the credential, {@code [A-Za-z0-9._-]{1,64}}
 * @param host host name or address
 * @param port TCP port
 * @param user the remote account, where it is not the credential's
 * @param original true for the device that the credential was first made for; it goes first
 * @param authorizedKeysFiles the files that this server's sshd reads, the one to add to first; {@code %h} is the home, {@code
 *     %u} the user, and a relative path starts at the home, as in sshd_config(5)
 * @param administrator whom to log in as to edit the account's files: root, or somebody whom sudo lets in without a password;
 *     empty for the account itself. Whatever the credential authenticates with is this account's then
 */
public record Device(
        String id,
        String host,
        int port,
        Optional<String> user,
        boolean original,
        List<String> authorizedKeysFiles,
        Optional<String> administrator) {

    /** What OpenSSH's sshd reads unless it is configured otherwise. */
    public static final List<String> DEFAULT_AUTHORIZED_KEYS_FILES =
            List.of("%h/.ssh/authorized_keys", "%h/.ssh/authorized_keys2");

    /** A path: no control characters, which could end a line somewhere, and the tokens that are known here. */
    private static final Pattern FILE = Pattern.compile("(?:[^\\p{Cntrl}%]|%[hu%])+");

    /** Checks the id, the port, and that there is at least one file, and what they are called. */
    public Device {
        if (!id.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("a device id has 1 to 64 letters, digits, '.', '_' or '-'");
        }
        if (host.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException("device " + id + " needs a host and a port from 1 to 65535");
        }
        authorizedKeysFiles = List.copyOf(authorizedKeysFiles);
        if (authorizedKeysFiles.isEmpty()) {
            throw new IllegalArgumentException("device " + id + " needs at least one authorized_keys file");
        }
        for (String file : authorizedKeysFiles) {
            if (file.isBlank() || !FILE.matcher(file).matches()) {
                throw new IllegalArgumentException(
                        "an authorized_keys file is a path without control characters, in which only %h, %u and %% are"
                                + " known");
            }
        }
    }

    /**
     * Makes a device whose account edits its own files.
     *
     * @param id unique within the credential
     * @param host host name or address
     * @param port TCP port
     * @param user the remote account, where it is not the credential's
     * @param original true for the device that the credential was first made for
     * @param authorizedKeysFiles the files that this server's sshd reads
     */
    public Device(
            String id,
            String host,
            int port,
            Optional<String> user,
            boolean original,
            List<String> authorizedKeysFiles) {
        this(id, host, port, user, original, authorizedKeysFiles, Optional.empty());
    }

    /**
     * Makes a device with the credential's user and sshd's default files.
     *
     * @param id unique within the credential
     * @param host host name or address
     * @param port TCP port
     * @return the device, not the original one
     */
    public static Device of(String id, String host, int port) {
        return new Device(id, host, port, Optional.empty(), false, DEFAULT_AUTHORIZED_KEYS_FILES);
    }

    /**
     * Returns this device marked as the original one.
     *
     * @return a copy
     */
    public Device asOriginal() {
        return new Device(id, host, port, user, true, authorizedKeysFiles, administrator);
    }

    /**
     * Returns this device with its own remote account.
     *
     * @param account the account
     * @return a copy
     */
    public Device withUser(String account) {
        return new Device(id, host, port, Optional.of(account), original, authorizedKeysFiles, administrator);
    }

    /**
     * Returns this device with other authorized_keys files.
     *
     * @param files as in sshd_config(5), the one to add to first
     * @return a copy
     */
    public Device withAuthorizedKeysFiles(List<String> files) {
        return new Device(id, host, port, user, original, files, administrator);
    }

    /**
     * Returns this device with an administrator who edits the account's files. The credential must authenticate with another
     * one, whose key or password is the administrator's.
     *
     * @param account {@code root}, or somebody whom sudo lets in without a password
     * @return a copy
     */
    public Device withAdministrator(String account) {
        return new Device(id, host, port, user, original, authorizedKeysFiles, Optional.of(account));
    }
}
