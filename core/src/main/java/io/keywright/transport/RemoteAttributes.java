package io.keywright.transport;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A remote file's attributes, as far as the server told them.
 *
 * @param kind what sort of file it is
 * @param sizeBytes its size
 * @param permissions the low twelve mode bits
 * @param uid numeric owner
 * @param gid numeric group
 * @param modified when it was last written, by the server's clock, to the second
 */
public record RemoteAttributes(
        Kind kind,
        long sizeBytes,
        OptionalInt permissions,
        OptionalInt uid,
        OptionalInt gid,
        Optional<Instant> modified) {

    /** Sorts of files. */
    public enum Kind {
        /** A plain file. */
        REGULAR,
        /** A directory. */
        DIRECTORY,
        /** A symbolic link, seen by {@link SftpSession#lstat} only. */
        SYMLINK,
        /** A FIFO, socket or device, or the server did not say. */
        OTHER
    }
}
