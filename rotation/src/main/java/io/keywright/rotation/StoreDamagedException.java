package io.keywright.rotation;

import org.jspecify.annotations.Nullable;

/** Thrown when a file of a store is damaged or was changed by somebody else. */
public final class StoreDamagedException extends StoreException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public StoreDamagedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
