package io.keywright.transport;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** Thrown when an agent cannot be reached, does not answer in time, or declines. */
public final class AgentException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param problem what happened, without secrets
     * @param cause the failure beneath, or null
     */
    public AgentException(String problem, @Nullable Throwable cause) {
        super(problem, cause);
    }
}
