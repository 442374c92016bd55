package io.keywright.testkit.fleet;

import io.keywright.transport.TransportException.Phase;

/** What a {@link Step} does: each remote call of the transport SPI, and a process's own durable steps. */
public enum Verb {
    /** Connecting, up to and including the judgement of the host key. */
    CONNECT(Phase.CONNECT, false),
    /** Asking whether one public key would be accepted. */
    PROBE(Phase.AUTHENTICATION, false),
    /** Logging in with a key or a password. */
    LOG_IN(Phase.AUTHENTICATION, false),
    /** Running a command. */
    EXEC(Phase.EXEC, false),
    /** Opening the SFTP subsystem. */
    OPEN_SFTP(Phase.CHANNEL, false),
    /** SFTP {@code realpath}. */
    REAL_PATH(Phase.SFTP, false),
    /** SFTP {@code stat}. */
    STAT(Phase.SFTP, false),
    /** SFTP {@code lstat}. */
    LSTAT(Phase.SFTP, false),
    /** SFTP {@code readlink}. */
    READ_LINK(Phase.SFTP, false),
    /** Opening a file that is kept open. */
    OPEN(Phase.SFTP, false),
    /** Reading a file, with opening and closing it where it is not kept open. */
    READ(Phase.SFTP, false),
    /** Opening exclusively, writing and closing a file. */
    CREATE(Phase.SFTP, true),
    /** Opening exclusively, writing, {@code fsync@openssh.com} and closing a file. */
    CREATE_SYNCED(Phase.SFTP, true),
    /** Opening for appending, writing and closing a file. */
    APPEND(Phase.SFTP, true),
    /** Opening, writing from the beginning, cutting to the length and closing a file. */
    OVERWRITE(Phase.SFTP, true),
    /** SFTP {@code setstat} of the mode. */
    SET_PERMISSIONS(Phase.SFTP, false),
    /** SFTP {@code setstat} of owner and group. */
    SET_OWNER(Phase.SFTP, false),
    /** SFTP {@code rename}, which does not replace. */
    RENAME(Phase.SFTP, false),
    /** {@code posix-rename@openssh.com}, which replaces. */
    POSIX_RENAME(Phase.SFTP, false),
    /** SFTP {@code remove}. */
    REMOVE(Phase.SFTP, false),
    /** SFTP {@code mkdir}. */
    MAKE_DIRECTORY(Phase.SFTP, false),
    /** SFTP {@code rmdir}. */
    REMOVE_DIRECTORY(Phase.SFTP, false),
    /** Opening, reading and closing a directory. */
    LIST(Phase.SFTP, false),
    /** Closing an SFTP session. */
    CLOSE_SFTP(Phase.CHANNEL, false),
    /** Closing a connection. */
    CLOSE(Phase.CONNECT, false),
    /** A step of a process that reaches no device, see {@link SimulatedProcess#step}. */
    LOCAL(Phase.CONNECT, false);

    private final Phase phase;
    private final boolean writing;

    Verb(Phase phase, boolean writing) {
        this.phase = phase;
        this.writing = writing;
    }

    Phase phase() {
        return phase;
    }

    boolean isSftpRequest() {
        return phase == Phase.SFTP;
    }

    /** Tells whether this verb writes a file's content, so that {@link Fault#tornWrite} makes sense. */
    boolean writesContent() {
        return writing;
    }
}
