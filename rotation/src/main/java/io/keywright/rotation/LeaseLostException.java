package io.keywright.rotation;

import org.jspecify.annotations.Nullable;

/** Thrown when a younger lease has been taken on a credential: whoever gets this must stop. */
public final class LeaseLostException extends StoreException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public LeaseLostException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
