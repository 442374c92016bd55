package io.keywright.testkit.fleet;

import io.keywright.SshKeyException;

/** Thrown when the in-memory file system refuses a call, as a system call of POSIX would. */
public final class ErrnoException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /** The reasons, named as in {@code errno.h}. */
    public enum Errno {
        /** No such file or directory. */
        ENOENT,
        /** A component of the path is not a directory. */
        ENOTDIR,
        /** Too many symbolic links. */
        ELOOP,
        /** The mode does not allow it. */
        EACCES,
        /** Only the owner or root may. */
        EPERM,
        /** It exists already. */
        EEXIST,
        /** It is a directory. */
        EISDIR,
        /** The directory is not empty. */
        ENOTEMPTY,
        /** The file system is full. */
        ENOSPC,
        /** The user's quota is used up. */
        EDQUOT,
        /** The file system is read-only. */
        EROFS,
        /** The argument makes no sense for this file. */
        EINVAL,
        /** A name is longer than 255 bytes, or a path longer than 4,095. */
        ENAMETOOLONG,
        /** The call would block for ever: opening a FIFO whose other end nobody opens. */
        EAGAIN
    }

    private final Errno errno;

    ErrnoException(Errno errno, String path) {
        super(errno + ": " + path);
        this.errno = errno;
    }

    /** Finds no stack: most are answers to a question, and would take longer than the file system itself. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    /**
     * Returns the reason.
     *
     * @return the error number's name
     */
    public Errno errno() {
        return errno;
    }
}
