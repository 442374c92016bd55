package io.keywright.transport.sshd;

import java.util.function.Supplier;

/**
 * Carries a failure from MINA's thread to the caller's, where the exception itself is made, so that its stack trace tells
 * where the caller was.
 */
final class CallFailed extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Supplier<? extends RuntimeException> exception;

    CallFailed(Supplier<? extends RuntimeException> exception) {
        super(null, null, false, false);
        this.exception = exception;
    }

    RuntimeException toException() {
        return exception.get();
    }
}
