package io.keywright.format;

import io.keywright.SshKeyException;

/**
 * Thrown when a thread is interrupted while it derives a key from a passphrase. The thread's interrupt status stays set.
 */
public final class KeyDerivationInterruptedException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param kdf the key derivation function, e.g. {@code "bcrypt"}
     */
    public KeyDerivationInterruptedException(String kdf) {
        super("interrupted while the " + kdf + " key derivation was running");
    }
}
