package io.keywright.rotation;

import org.jspecify.annotations.Nullable;

/** Thrown when a store cannot be opened with the secret that was given. */
public final class StoreSecretException extends StoreException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public StoreSecretException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
