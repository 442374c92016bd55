package io.keywright.transport;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The few SFTP requests that editing a small file safely needs (draft-ietf-secsh-filexfer-02, version 3).
 *
 * <p>Paths are the server's; relative ones start at the user's home. Every call throws {@link SftpException} when the
 * server answers with an error, and another {@link TransportException} when it does not answer.
 *
 * <p>Each call waits for its answer, but those whose names begin with {@code send}: what does not depend on each other's
 * answers can be sent together and costs one round trip. The server does what it was sent in that order, and the answers
 * are to be taken in that order. A session that cannot send without waiting asks when the answer is taken.
 */
public interface SftpSession extends AutoCloseable {

    /**
     * Resolves a path to an absolute one. OpenSSH's server resolves symbolic links, others may not.
     *
     * @param path the path; {@code "."} is the home directory
     * @return the absolute path
     */
    String realPath(String path);

    /**
     * Reads a file's attributes, following symbolic links.
     *
     * @param path the file
     * @return the attributes, or empty when there is no such file
     */
    Optional<RemoteAttributes> stat(String path);

    /**
     * Reads a file's attributes without following a symbolic link.
     *
     * @param path the file
     * @return the attributes, or empty when there is no such file
     */
    Optional<RemoteAttributes> lstat(String path);

    /**
     * Reads a symbolic link.
     *
     * @param path the link
     * @return where it points, as it is stored
     */
    String readLink(String path);

    /**
     * Reads a whole file.
     *
     * @param path the file
     * @param maxBytes the most that is accepted
     * @return its content
     * @throws io.keywright.LimitExceededException when the file is longer
     */
    byte[] read(String path, int maxBytes);

    /**
     * A path's own attributes and, when asked for it, its real path.
     *
     * @param attributes of the path itself, a symbolic link not followed
     * @param realPath gives what {@link #realPath} does, and throws what it throws
     */
    record Located(RemoteAttributes attributes, Supplier<String> realPath) {}

    /**
     * A path's own attributes and, where it is a regular file, its content.
     *
     * @param attributes of the path itself, a symbolic link not followed
     * @param content empty unless it is a regular file
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one comparison
    record Look(RemoteAttributes attributes, Optional<byte[]> content) {}

    /**
     * Sends what {@link #realPath} asks.
     *
     * @param path as there
     * @return waits for the answer, gives it or throws what {@code realPath} throws
     */
    default Supplier<String> sendRealPath(String path) {
        return () -> realPath(path);
    }

    /**
     * Sends what {@link #stat} asks.
     *
     * @param path as there
     * @return waits for the answer, gives it or throws what {@code stat} throws
     */
    default Supplier<Optional<RemoteAttributes>> sendStat(String path) {
        return () -> stat(path);
    }

    /**
     * Sends what {@link #lstat} asks.
     *
     * @param path as there
     * @return waits for the answer, gives it or throws what {@code lstat} throws
     */
    default Supplier<Optional<RemoteAttributes>> sendLstat(String path) {
        return () -> lstat(path);
    }

    /**
     * Sends what {@link #lstat} and {@link #realPath} ask.
     *
     * @param path absolute, or relative to the home
     * @return waits for the answer, gives it or throws what these throw; empty when nothing is there
     */
    default Supplier<Optional<Located>> sendLocate(String path) {
        return () -> lstat(path).map(attributes -> new Located(attributes, () -> realPath(path)));
    }

    /**
     * Sends what {@link #lstat} and, when there is a regular file, {@link #read} ask. Something else than a regular file is
     * never read, and opened only in a way that does not wait for another program.
     *
     * @param path absolute, or relative to the home
     * @param maxBytes the most to accept
     * @return asked once: waits for the answer, gives it or throws what these throw; empty when nothing is there
     */
    default Supplier<Optional<Look>> sendLook(String path, int maxBytes) {
        return () -> lstat(path)
                .map(attributes -> new Look(
                        attributes,
                        attributes.kind() == RemoteAttributes.Kind.REGULAR
                                ? Optional.of(read(path, maxBytes))
                                : Optional.empty()));
    }

    /**
     * Opens a file to read it more than once, whatever becomes of its name meanwhile.
     *
     * @param path the file
     * @return the file, which the caller closes; or empty when this transport cannot keep one open
     */
    default Optional<HeldFile> hold(String path) {
        return Optional.empty();
    }

    /**
     * Creates a file that must not exist yet, writes it whole, and closes it. The mode goes into the open request itself,
     * so that the file is never readable by others; the server's umask may take bits away.
     *
     * @param path the file
     * @param mode permission bits, e.g. {@code 0600}
     * @param content what to write
     * @throws SftpException with status {@code FAILURE} or {@code FILE_ALREADY_EXISTS} when it exists
     */
    void createExclusive(String path, int mode, byte[] content);

    /**
     * Does what {@link #createExclusive} does, but does not wait for its content: the file exists when this returns.
     *
     * @param path as there
     * @param mode as there
     * @param content as there
     * @return run once: waits until all is written; throws what {@code createExclusive} throws
     * @throws SftpException as there
     */
    default Runnable beginExclusive(String path, int mode, byte[] content) {
        createExclusive(path, mode, content);
        return () -> {};
    }

    /**
     * Writes at the end of a file that exists, wherever that is by then: the file is opened for appending.
     *
     * @param path the file
     * @param content what to add
     */
    void append(String path, byte[] content);

    /**
     * Writes a file that exists from its beginning, then cuts it to the new length. It stays the same file, with its owner,
     * mode and access lists. Not atomic: whoever reads meanwhile may see something of both contents.
     *
     * @param path the file
     * @param content what it holds then
     */
    void overwrite(String path, byte[] content);

    /**
     * Sets permission bits.
     *
     * @param path the file
     * @param mode permission bits, at most {@code 07777}
     */
    void setPermissions(String path, int mode);

    /**
     * Sends what {@link #setPermissions} asks.
     *
     * @param path as there
     * @param mode as there
     * @return waits for the answer; throws what {@code setPermissions} throws
     */
    default Runnable sendPermissions(String path, int mode) {
        setPermissions(path, mode);
        return () -> {};
    }

    /**
     * Sets the owner and group.
     *
     * @param path the file
     * @param uid numeric user id
     * @param gid numeric group id
     */
    void setOwner(String path, int uid, int gid);

    /**
     * Renames a file; fails when the new name exists.
     *
     * @param from the old name
     * @param to the new name
     */
    void rename(String from, String to);

    /**
     * Removes a file or symbolic link.
     *
     * @param path the file
     */
    void remove(String path);

    /**
     * Creates a directory.
     *
     * @param path the directory
     * @param mode permission bits, subject to the server's umask
     */
    void makeDirectory(String path, int mode);

    /**
     * Removes an empty directory.
     *
     * @param path the directory
     */
    void removeDirectory(String path);

    /**
     * Lists a directory.
     *
     * @param path the directory
     * @return the names in it, without {@code .} and {@code ..}
     */
    List<String> list(String path);

    /**
     * Returns the ability to rename over an existing file.
     *
     * @return the capability, or empty when the server does not announce {@code posix-rename@openssh.com}
     */
    Optional<PosixRename> posixRename();

    /**
     * Returns the ability to force a file to the disk.
     *
     * @return the capability, or empty when the server does not announce {@code fsync@openssh.com} or this transport
     *     cannot ask for it
     */
    Optional<DurableWrite> durableWrite();

    /** Closes the session, not the connection. Closing again does nothing. */
    @Override
    void close();
}
