package io.keywright;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when a key is encrypted and no passphrase was given. */
public final class PassphraseRequiredException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable SshPublicKey publicKey;

    /**
     * Creates the exception.
     *
     * @param format the format of the encrypted key
     * @param publicKey the public key, where the format keeps it in the clear
     */
    public PassphraseRequiredException(String format, @Nullable SshPublicKey publicKey) {
        super("the " + format + " key"
                + (publicKey == null ? "" : " " + publicKey.fingerprint())
                + " is encrypted: a passphrase is needed");
        this.publicKey = publicKey;
    }

    /**
     * Returns the public half of the encrypted key.
     *
     * @return the public key, or empty where the format hides it
     */
    public Optional<SshPublicKey> publicKey() {
        return Optional.ofNullable(publicKey);
    }
}
