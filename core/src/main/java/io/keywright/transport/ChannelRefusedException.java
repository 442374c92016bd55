package io.keywright.transport;

import org.jspecify.annotations.Nullable;

/** Thrown when the server is logged in to and opens no channel, runs no command, or offers no such subsystem. */
public final class ChannelRefusedException extends TransportException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param phase how far it came
     * @param problem what happened, without secrets
     * @param cause the library's own exception, or null
     */
    public ChannelRefusedException(SshTarget target, Phase phase, String problem, @Nullable Throwable cause) {
        super(target, phase, false, problem, cause);
    }
}
