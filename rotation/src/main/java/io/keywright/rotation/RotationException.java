package io.keywright.rotation;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** Thrown when a rotation cannot start or go on at all; trouble with single devices is in the report instead. */
public class RotationException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public RotationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
