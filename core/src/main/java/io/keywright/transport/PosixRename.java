package io.keywright.transport;

/** Atomic rename over an existing file: {@code posix-rename@openssh.com} (OpenSSH's PROTOCOL file, section 4.3). */
@FunctionalInterface
public interface PosixRename {

    /**
     * Renames a file, replacing what is there.
     *
     * @param from the old name
     * @param to the new name; an existing file is replaced in one step
     */
    void posixRename(String from, String to);

    /**
     * Sends what {@link #posixRename} asks.
     *
     * @param from as there
     * @param to as there
     * @return waits for the answer; throws what {@code posixRename} throws
     */
    default Runnable send(String from, String to) {
        posixRename(from, to);
        return () -> {};
    }
}
