package io.keywright;

import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that Keywright throws of its own accord.
 *
 * <p>All are unchecked. No message holds secret material, nor input that may be secret: a message names the format, the
 * place and the expectation, never the bytes. Wrong arguments of the calling program (a negative size, a null) are
 * reported by the JDK's {@link IllegalArgumentException} and {@link NullPointerException}; whatever comes from outside
 * (files, servers, passphrases) is reported below this class.
 */
public class SshKeyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception with a message.
     *
     * @param message what went wrong and, where possible, what to do about it
     */
    public SshKeyException(String message) {
        super(message);
    }

    /**
     * Creates an exception with a message and a cause.
     *
     * @param message what went wrong and, where possible, what to do about it
     * @param cause the underlying failure; its message must not hold secrets either
     */
    public SshKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
