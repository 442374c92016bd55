package io.keywright.rotation;

import org.jspecify.annotations.Nullable;

/** Thrown when somebody else holds the lease on a credential. */
public final class CredentialBusyException extends StoreException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public CredentialBusyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
