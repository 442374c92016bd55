package io.keywright;

/** Thrown when a private key does not belong to the public key that it was presented with. */
public final class KeyMismatchException extends MalformedKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param format the format that was being read, or {@code "key pair"}
     * @param where the two parts that were compared
     * @param problem what does not agree
     */
    public KeyMismatchException(String format, String where, String problem) {
        super(format, where, problem);
    }
}
