package io.keywright.transport;

import org.jspecify.annotations.Nullable;

/** Thrown when client and server agree on no algorithm, or the server speaks no SSH. */
public final class KeyExchangeException extends TransportException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param phase how far it came
     * @param problem what happened, without secrets
     * @param cause the library's own exception, or null
     */
    public KeyExchangeException(SshTarget target, Phase phase, String problem, @Nullable Throwable cause) {
        super(target, phase, false, problem, cause);
    }
}
