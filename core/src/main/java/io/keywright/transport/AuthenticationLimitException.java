package io.keywright.transport;

import org.jspecify.annotations.Nullable;

/** Thrown when the server hung up after too many attempts, before everything was asked: ask less in one connection. */
public final class AuthenticationLimitException extends TransportException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param problem what the server said
     * @param cause the library's own exception, or null
     */
    public AuthenticationLimitException(SshTarget target, String problem, @Nullable Throwable cause) {
        super(target, Phase.AUTHENTICATION, false, problem, cause);
    }
}
