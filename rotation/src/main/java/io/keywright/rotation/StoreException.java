package io.keywright.rotation;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** Thrown when a credential store cannot do what was asked. */
public class StoreException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
