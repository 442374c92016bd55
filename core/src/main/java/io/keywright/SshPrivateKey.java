package io.keywright;

import java.security.Provider;
import org.jspecify.annotations.Nullable;

/**
 * The private half of a key, as numbers. Closed after use: closing wipes it.
 *
 * <p>A user rarely meets this class: {@link SshKeyPair} signs and converts. It is here for those who write a key format.
 * The {@link SecretBytes} that its subclasses lend stay theirs and are wiped with them. Never printed; thread-safe.
 */
public abstract sealed class SshPrivateKey implements AutoCloseable
        permits RsaPrivateKey, DsaPrivateKey, EcdsaPrivateKey, Ed25519PrivateKey, Ed448PrivateKey, SkPrivateKey {

    /** Kept for the native provider, of which there is one. */
    private JcaSignatures.@Nullable Signer signer;

    SshPrivateKey() {}

    /** Checks that this is the private half of a public key. */
    abstract void requireMatches(SshPublicKey publicKey);

    /** Makes an independent copy with its own life. */
    abstract SshPrivateKey copy();

    /** Signs, with an algorithm that {@link SshKeyPair} has checked against the key, by the fastest means there is. */
    final byte[] sign(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        Provider fastest = NativeCrypto.forAlgorithm(algorithm);
        return fastest == null
                ? signWithoutProvider(algorithm, publicKey, message)
                : signer(fastest, algorithm, publicKey).sign(message);
    }

    private synchronized JcaSignatures.Signer signer(
            Provider provider, SignatureAlgorithm algorithm, SshPublicKey publicKey) {
        JcaSignatures.Signer kept = signer;
        if (kept == null || kept.algorithm() != algorithm) {
            kept = new JcaSignatures.Signer(provider, algorithm, publicKey, this);
            signer = kept;
        }
        return kept;
    }

    abstract byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message);

    /** Wipes the secret numbers. Closing again does nothing. */
    @Override
    public final void close() {
        wipe();
        synchronized (this) {
            signer = null;
        }
    }

    abstract void wipe();

    /** Says the kind of key and nothing else. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[redacted]";
    }

    static KeyMismatchException mismatch(String where) {
        return new KeyMismatchException("key pair", where, "the private half does not belong to the public half");
    }
}
