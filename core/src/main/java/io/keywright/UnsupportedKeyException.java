package io.keywright;

/** Thrown when a key, cipher, KDF or signature algorithm is named that cannot be used for what was asked. */
public final class UnsupportedKeyException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final String algorithm;

    /**
     * Creates the exception.
     *
     * @param algorithm the algorithm's name as the input or the caller gives it
     * @param message what was to be done with it and what can be used instead
     */
    public UnsupportedKeyException(String algorithm, String message) {
        super(message);
        this.algorithm = algorithm;
    }

    /**
     * Returns the name of the algorithm.
     *
     * @return the name
     */
    public String algorithm() {
        return algorithm;
    }
}
