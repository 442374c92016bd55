package io.keywright;

/** Thrown when a private key was asked for and the input holds a public key only. */
public final class UnexpectedPublicKeyException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final transient SshPublicKey publicKey;

    /**
     * Creates the exception.
     *
     * @param publicKey the key that was found
     */
    public UnexpectedPublicKeyException(SshPublicKey publicKey) {
        super("this is the public key " + publicKey.fingerprint() + " (" + publicKey.algorithm()
                + "), not a private key: give the file that was made with it and has no .pub ending");
        this.publicKey = publicKey;
    }

    /**
     * Returns the key that was found.
     *
     * @return the public key
     */
    public SshPublicKey publicKey() {
        return publicKey;
    }
}
