package io.keywright.transport;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/**
 * A remote call that did not get its answer, or got an error for an answer.
 *
 * <p>The phase says how far the call came; {@link #retryable()} says whether the same call may succeed later without
 * anybody changing anything.
 */
public class TransportException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /** How far a connection had come. */
    public enum Phase {
        /** Looking up the host's name. */
        RESOLVE,
        /** Opening the TCP connection, or the way there through proxies and jump hosts. */
        CONNECT,
        /** Identification strings and key exchange. */
        KEY_EXCHANGE,
        /** Judging the host key. */
        HOST_KEY,
        /** Probing and logging in. */
        AUTHENTICATION,
        /** Opening a channel. */
        CHANNEL,
        /** Running a command. */
        EXEC,
        /** An SFTP request. */
        SFTP
    }

    private final String host;
    private final int port;
    private final Phase phase;
    private final boolean retryable;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param phase how far it came
     * @param retryable whether the same call may succeed later
     * @param problem what happened, without secrets
     * @param cause the library's own exception, or null
     */
    public TransportException(
            SshTarget target, Phase phase, boolean retryable, String problem, @Nullable Throwable cause) {
        super(target + ": " + problem, cause);
        this.host = target.host();
        this.port = target.port();
        this.phase = phase;
        this.retryable = retryable;
    }

    /**
     * Returns the host.
     *
     * @return host name or address
     */
    public String host() {
        return host;
    }

    /**
     * Returns the port.
     *
     * @return TCP port
     */
    public int port() {
        return port;
    }

    /**
     * Returns how far the call came.
     *
     * @return the phase
     */
    public Phase phase() {
        return phase;
    }

    /**
     * Tells whether the same call may succeed later.
     *
     * @return true for faults of the network or load, false where somebody must act first
     */
    public boolean retryable() {
        return retryable;
    }
}
