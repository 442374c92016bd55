package io.keywright.rotation;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** Thrown when a remote {@code authorized_keys} file is not edited, for a reason that lies in the file; it is as it was. */
public final class RemoteFileException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /** Why a file is not edited. */
    public enum Reason {
        /** It is a directory, a FIFO, a device, or a symbolic link that leads nowhere. */
        NOT_REGULAR,
        /** It is, or lies behind, a symbolic link that leads out of the home directory. */
        OUTSIDE_HOME,
        /** It, or the directory it is in, belongs to somebody else. */
        FOREIGN_OWNER,
        /** It, or the directory it is in, cannot be written: permissions, a read-only or a full file system. */
        NOT_WRITABLE,
        /** It is larger than an authorized_keys file can sensibly be. */
        TOO_LARGE,
        /** Another editor holds the lock and does not give it back. */
        LOCKED,
        /** Others keep changing it between our reading and our writing. */
        KEEPS_CHANGING,
        /** The account is another one, and neither root nor sudo without a password leads to it. */
        NO_PRIVILEGE,
        /** The server would not use a line as it would stand in the file: it is too long, too far down, or not understood. */
        SERVER_LIMIT,
        /** An edit that is not done in one step failed in the middle, and what was there could not be put back. */
        NOT_RESTORED,
        /** The server's shell did not do what it was asked to. */
        SCRIPT_FAILED
    }

    private final Reason reason;
    private final String path;

    /**
     * Creates the exception.
     *
     * @param reason why
     * @param path the remote file
     * @param message why in words, and what would do
     * @param cause the server's answer, or null
     */
    public RemoteFileException(Reason reason, String path, String message, @Nullable Throwable cause) {
        super(path + ": " + message, cause);
        this.reason = reason;
        this.path = path;
    }

    /**
     * Returns why the file is not edited.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Returns which file is not edited.
     *
     * @return the remote path
     */
    public String path() {
        return path;
    }
}
