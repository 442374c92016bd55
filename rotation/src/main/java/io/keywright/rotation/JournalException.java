package io.keywright.rotation;

import io.keywright.SshKeyException;
import org.jspecify.annotations.Nullable;

/** Thrown when a rotation journal cannot be read or written, or is damaged. */
public final class JournalException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what went wrong and what to do about it, without secrets
     * @param cause the underlying failure, or null
     */
    public JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
