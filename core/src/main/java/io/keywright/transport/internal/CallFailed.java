package io.keywright.transport.internal;

import java.util.function.Supplier;

/**
 * Carries a failure from a library's thread to the caller's, where the exception itself is made, so that its stack trace tells
 * where the caller was.
 */
public final class CallFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Supplier<? extends RuntimeException> exception;

    /** Carries what this makes. */
    public CallFailed(Supplier<? extends RuntimeException> exception) {
        super(null, null, false, false);
        this.exception = exception;
    }

    /** Makes the exception. */
    public RuntimeException toException() {
        return exception.get();
    }
}
