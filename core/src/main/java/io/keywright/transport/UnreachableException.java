package io.keywright.transport;

import org.jspecify.annotations.Nullable;

/** Thrown when no connection could be made: the name is unknown, or nothing answers there. */
public final class UnreachableException extends TransportException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param phase how far it came
     * @param problem what happened, without secrets
     * @param cause the library's own exception, or null
     */
    public UnreachableException(SshTarget target, Phase phase, String problem, @Nullable Throwable cause) {
        super(target, phase, true, problem, cause);
    }
}
