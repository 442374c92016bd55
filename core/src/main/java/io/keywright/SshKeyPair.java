package io.keywright;

import java.security.KeyPair;
import java.security.Provider;
import java.util.Objects;

/**
 * A public key with its private half, which are known to belong together. Closed after use: closing wipes the private half.
 *
 * <p>Thread-safe. The comment is the public key's.
 */
public final class SshKeyPair implements AutoCloseable {
    private final SshPublicKey publicKey;
    private final SshPrivateKey privateKey;

    private SshKeyPair(SshPublicKey publicKey, SshPrivateKey privateKey) {
        this.publicKey = publicKey;
        this.privateKey = privateKey;
    }

    /**
     * Joins two halves and takes the private one over. When they do not belong together the private half is wiped.
     *
     * @param publicKey the public half, with the comment
     * @param privateKey the private half
     * @return the pair
     * @throws KeyMismatchException when they do not belong together; for a key in a security token only the type is checked
     * @throws MalformedKeyException when the private half is none of its kind, such as a scalar out of range
     */
    public static SshKeyPair of(SshPublicKey publicKey, SshPrivateKey privateKey) {
        Objects.requireNonNull(publicKey, "publicKey");
        try {
            privateKey.requireMatches(publicKey);
        } catch (RuntimeException e) {
            privateKey.close();
            throw e;
        }
        return new SshKeyPair(publicKey, privateKey);
    }

    /** Joins halves that were just made from each other, so that they need no check. */
    static SshKeyPair generated(SshPublicKey publicKey, SshPrivateKey privateKey) {
        return new SshKeyPair(publicKey, privateKey);
    }

    /**
     * Converts a key pair of the JDK or of Bouncy Castle: RSA, DSA, EC on a NIST curve, Ed25519 or Ed448. The numbers are
     * copied; the JCA pair stays the caller's.
     *
     * @param pair the JCA pair
     * @return the pair, without a comment
     * @throws UnsupportedKeyException when SSH has no such key, or the private key does not show its numbers (a key in
     *     hardware)
     * @throws KeyMismatchException when the halves do not belong together
     * @throws MalformedKeyException when a point is off its curve, or numbers make no sense
     * @throws LimitExceededException when an RSA modulus is too small or too large
     */
    public static SshKeyPair of(KeyPair pair) {
        return of(SshPublicKey.of(pair.getPublic()), JcaKeys.privateKey(pair.getPrivate()));
    }

    /**
     * Returns the public half.
     *
     * @return the public key, with the comment
     */
    public SshPublicKey publicKey() {
        return publicKey;
    }

    /**
     * Lends the private half.
     *
     * @return the private key, which stays this pair's and is wiped with it
     */
    public SshPrivateKey privateKey() {
        return privateKey;
    }

    /**
     * Returns the comment.
     *
     * @return the public key's comment
     */
    public KeyComment comment() {
        return publicKey.comment();
    }

    /**
     * Makes a copy with another comment and its own life: both are to be closed.
     *
     * @param comment the comment
     * @return another pair with the same key
     * @throws IllegalStateException when closed
     */
    public SshKeyPair withComment(KeyComment comment) {
        return new SshKeyPair(publicKey.withComment(comment), privateKey.copy());
    }

    /**
     * Makes a copy with another comment and its own life: both are to be closed.
     *
     * @param comment the comment
     * @return another pair with the same key
     * @throws IllegalStateException when closed
     */
    public SshKeyPair withComment(String comment) {
        return withComment(KeyComment.of(comment));
    }

    /**
     * Makes a copy with its own life.
     *
     * @return another pair with the same key
     * @throws IllegalStateException when closed
     */
    public SshKeyPair copy() {
        return new SshKeyPair(publicKey, privateKey.copy());
    }

    /**
     * Signs with the key's default algorithm, {@code rsa-sha2-512} for RSA.
     *
     * @param message what to sign
     * @return the signature
     * @throws UnsupportedKeyException when keys of this kind do not sign here
     * @throws IllegalStateException when closed
     */
    public SshSignature sign(byte[] message) {
        return sign(message, SignatureAlgorithm.defaultFor(publicKey));
    }

    /**
     * Signs.
     *
     * @param message what to sign
     * @param algorithm one that fits the key
     * @return the signature
     * @throws UnsupportedKeyException when the algorithm does not fit the key, or the key does not sign here
     * @throws IllegalStateException when closed
     */
    public SshSignature sign(byte[] message, SignatureAlgorithm algorithm) {
        requireFits(algorithm);
        return new SshSignature(algorithm, privateKey.sign(algorithm, publicKey, message));
    }

    /**
     * Signs with a provider of the caller's choice.
     *
     * @param message what to sign
     * @param algorithm one that fits the key
     * @param provider offers the signature; need not be registered
     * @return the signature
     * @throws UnsupportedKeyException when the algorithm does not fit the key, or the provider does not offer it
     * @throws IllegalStateException when closed
     */
    public SshSignature sign(byte[] message, SignatureAlgorithm algorithm, Provider provider) {
        requireFits(algorithm);
        return new SshSignature(
                algorithm, new JcaSignatures.Signer(provider, algorithm, publicKey, privateKey).sign(message));
    }

    private void requireFits(SignatureAlgorithm algorithm) {
        if (!algorithm.fits(publicKey)) {
            throw new UnsupportedKeyException(
                    algorithm.sshName(),
                    "a key of type " + publicKey.algorithm() + " does not sign with " + algorithm.sshName());
        }
    }

    /**
     * Converts to a JCA pair made by the JDK's own providers. JCA keys cannot be wiped: drop it soon.
     *
     * @return the JCA pair
     * @throws UnsupportedKeyException when JCA has no such key
     * @throws IllegalStateException when closed
     */
    public KeyPair toKeyPair() {
        return new KeyPair(publicKey.toPublicKey(), JcaKeys.toPrivateKey(publicKey, privateKey, null));
    }

    /**
     * Converts to a JCA pair made by a provider. JCA keys cannot be wiped: drop it soon.
     *
     * @param provider e.g. an instance of {@code BouncyCastleProvider}; need not be registered
     * @return the JCA pair
     * @throws UnsupportedKeyException when JCA or the provider has no such key
     * @throws IllegalStateException when closed
     */
    public KeyPair toKeyPair(Provider provider) {
        return new KeyPair(publicKey.toPublicKey(provider), JcaKeys.toPrivateKey(publicKey, privateKey, provider));
    }

    /** Wipes the private half. Closing again does nothing. */
    @Override
    public void close() {
        privateKey.close();
    }

    /** Says the public half only. */
    @Override
    public String toString() {
        return "SshKeyPair[" + publicKey + "]";
    }
}
