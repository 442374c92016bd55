package io.keywright.transport;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the calling thread was interrupted while it waited; its interrupt flag is set again, and the request may
 * have taken effect all the same.
 */
public final class TransportInterruptedException extends TransportException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param phase how far it came
     * @param problem what happened, without secrets
     * @param cause the interruption, or null
     */
    public TransportInterruptedException(SshTarget target, Phase phase, String problem, @Nullable Throwable cause) {
        super(target, phase, true, problem, cause);
    }
}
