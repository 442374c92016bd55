package io.keywright.transport;

/** Writing a file through to the disk: {@code fsync@openssh.com} (OpenSSH's PROTOCOL file, section 4.6). */
@FunctionalInterface
public interface DurableWrite {

    /**
     * Like {@link SftpSession#createExclusive}, with an fsync of the file before it is closed. The directory entry is not
     * synced: no SFTP server offers that.
     *
     * @param path the file, which must not exist yet
     * @param mode permission bits in the open request
     * @param content what to write
     */
    void createExclusiveSynced(String path, int mode, byte[] content);

    /**
     * Does the same, but does not wait for the content: the file exists when this returns.
     *
     * @param path as there
     * @param mode as there
     * @param content as there
     * @return run once: waits until all is on the disk; throws what {@link #createExclusiveSynced} throws
     */
    default Runnable begin(String path, int mode, byte[] content) {
        createExclusiveSynced(path, mode, content);
        return () -> {};
    }
}
