package io.keywright;

/** Thrown when the input is in none of the formats that Keywright knows. */
public final class NotAKeyException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param message what was looked for
     */
    public NotAKeyException(String message) {
        super(message);
    }
}
