package io.keywright;

import io.keywright.internal.WireReader;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A public key as SSH knows it: an algorithm, a blob (RFC 4253, section 6.6), and a comment.
 *
 * <p>Equality is the blob: two keys with different comments are the same key. The hierarchy is sealed for switching and
 * will grow as SSH does; {@link OpaquePublicKey} carries what has no class of its own, byte for byte. Immutable and
 * thread-safe.
 */
public abstract sealed class SshPublicKey
        permits RsaPublicKey,
                DsaPublicKey,
                EcdsaPublicKey,
                Ed25519PublicKey,
                Ed448PublicKey,
                SkEcdsaPublicKey,
                SkEd25519PublicKey,
                OpaquePublicKey {

    /** The longest blob that is accepted, in bytes: a 16384-bit RSA key needs 2 KiB, a certificate rarely 16. */
    public static final int MAX_BLOB_BYTES = 256 * 1024;

    private final byte[] blob;
    private final KeyComment comment;
    /**
     * Kept for the native provider, of which there is one: making it takes a tenth as long as verifying. Threads that race
     * make equal ones.
     */
    private volatile @Nullable PublicKey nativeKey;

    SshPublicKey(byte[] blob, KeyComment comment) {
        this.blob = blob;
        this.comment = Objects.requireNonNull(comment, "comment");
    }

    /**
     * Decodes a public key blob (RFC 4253, section 6.6; RFC 5656; RFC 8709; OpenSSH's PROTOCOL.u2f).
     *
     * @param blob the blob, as it stands base64-encoded in a public key line
     * @return the key, without a comment; {@link OpaquePublicKey} for an algorithm unknown here
     * @throws MalformedKeyException when the blob is broken, a point is off its curve, or RSA numbers make no sense
     * @throws LimitExceededException when the blob or a number in it is too large, or an RSA modulus too small
     */
    public static SshPublicKey fromBlob(byte[] blob) {
        return PublicKeyBlobs.decode(blob);
    }

    /**
     * Parses one public key line: algorithm, base64 blob and, maybe, a comment. Blanks and empty lines around it, a line end
     * of any kind and a UTF-8 byte order mark are ignored.
     * Options in front of a key are the business of {@link io.keywright.authorizedkeys}.
     *
     * @param line the line
     * @return the key with its comment
     * @throws NotAKeyException when this is no such line
     * @throws MalformedKeyException when the line is broken, or its algorithm is not the blob's
     * @throws LimitExceededException see {@link #fromBlob}
     */
    public static SshPublicKey parseLine(String line) {
        return PublicKeyLines.parse(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /**
     * Parses one public key line from bytes, so that a comment that is not UTF-8 survives.
     *
     * @param line the line
     * @return the key with its comment
     * @throws NotAKeyException when this is no such line
     * @throws MalformedKeyException when the line is broken, or its algorithm is not the blob's
     * @throws LimitExceededException see {@link #fromBlob}
     */
    public static SshPublicKey parseLine(byte[] line) {
        return PublicKeyLines.parse(line);
    }

    /**
     * Converts a public key of the JDK or of Bouncy Castle: RSA, DSA, EC on a NIST curve, Ed25519 or Ed448.
     *
     * @param key the JCA key
     * @return the key, without a comment
     * @throws UnsupportedKeyException when SSH has no such key, or the key does not show its numbers
     * @throws MalformedKeyException when a point is off its curve, or numbers make no sense
     * @throws LimitExceededException when an RSA modulus is too small or too large
     */
    public static SshPublicKey of(PublicKey key) {
        return JcaKeys.publicKey(key);
    }

    /**
     * Returns the algorithm's name.
     *
     * @return e.g. {@code "ssh-ed25519"}; the blob begins with the same name
     */
    public abstract String algorithm();

    /**
     * Returns the key's size the way {@code ssh-keygen -l} counts.
     *
     * @return bits; 0 where it is unknown
     */
    public abstract int bits();

    /**
     * Returns the short name that {@code ssh-keygen -l} shows in brackets.
     *
     * @return e.g. {@code "ED25519"}
     */
    public abstract String shortName();

    abstract SshPublicKey copyWith(KeyComment newComment);

    /**
     * Returns the blob.
     *
     * @return a copy of the bytes
     */
    public final byte[] blob() {
        return blob.clone();
    }

    final byte[] blobInPlace() {
        return blob;
    }

    /**
     * Returns the comment.
     *
     * @return the comment, maybe empty
     */
    public final KeyComment comment() {
        return comment;
    }

    /**
     * Returns this key with another comment.
     *
     * @param text the comment
     * @return a copy
     */
    public final SshPublicKey withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    /**
     * Returns this key with another comment.
     *
     * @param newComment the comment
     * @return a copy
     */
    public final SshPublicKey withComment(KeyComment newComment) {
        return newComment.equals(comment) ? this : copyWith(newComment);
    }

    /**
     * Computes the SHA-256 fingerprint.
     *
     * @return the fingerprint
     */
    public final Fingerprint fingerprint() {
        return fingerprint(Fingerprint.Hash.SHA256);
    }

    /**
     * Computes a fingerprint.
     *
     * @param hash which hash
     * @return the fingerprint
     */
    public final Fingerprint fingerprint(Fingerprint.Hash hash) {
        return Fingerprint.of(blob, hash);
    }

    /**
     * Draws the fingerprint the way {@code ssh-keygen -lv} does.
     *
     * @param hash which hash
     * @return eleven lines, separated by LF, without a final one
     */
    public final String randomart(Fingerprint.Hash hash) {
        return Randomart.draw(this, hash);
    }

    /**
     * Spells the fingerprint the way {@code ssh-keygen -B} does: SHA-1 in Bubble Babble.
     *
     * @return e.g. {@code "xisis-..."}
     */
    public final String bubbleBabble() {
        return BubbleBabble.encode(Fingerprint.digest("SHA-1", blob));
    }

    /**
     * Writes the one-line form: algorithm, base64 blob and comment, without a line end.
     *
     * @return the line; a comment that is not UTF-8 loses bytes here, use {@link #toLineBytes()}
     * @throws SshKeyException when the comment holds control characters
     */
    public final String toLine() {
        return new String(toLineBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /**
     * Writes the one-line form as bytes, without a line end.
     *
     * @return the line
     * @throws SshKeyException when the comment holds control characters
     */
    public final byte[] toLineBytes() {
        return PublicKeyLines.format(this);
    }

    /**
     * Verifies a signature over a message. A signature whose value is broken is one that this key did not make.
     *
     * <p>For ECDSA, {@code (r, n - s)} is as good as {@code (r, s)}: do not take a signature for a unique identifier.
     *
     * @param message what was signed
     * @param signature the signature in SSH's encoding
     * @return true when this key made it
     * @throws UnsupportedKeyException when this kind of key does not sign with that algorithm, or cannot verify here
     */
    public final boolean verify(byte[] message, SshSignature signature) {
        return Signing.verify(this, message, signature);
    }

    /**
     * Verifies a signature with a provider of the caller's choice.
     *
     * @param message what was signed
     * @param signature the signature in SSH's encoding
     * @param provider offers the signature; need not be registered
     * @return true when this key made it
     * @throws UnsupportedKeyException when this kind of key does not sign with that algorithm, or the provider does not offer it
     */
    public final boolean verify(byte[] message, SshSignature signature, java.security.Provider provider) {
        return Signing.verify(this, message, signature, provider);
    }

    /**
     * Converts to a JCA key made by the JDK's own providers.
     *
     * @return the JCA key
     * @throws UnsupportedKeyException when JCA has no such key
     */
    public final PublicKey toPublicKey() {
        return JcaKeys.toPublicKey(this, null);
    }

    /**
     * Converts to a JCA key made by a provider.
     *
     * @param provider e.g. an instance of {@code BouncyCastleProvider}; need not be registered
     * @return the JCA key
     * @throws UnsupportedKeyException when JCA or the provider has no such key
     */
    public final PublicKey toPublicKey(java.security.Provider provider) {
        return JcaKeys.toPublicKey(this, provider);
    }

    final PublicKey nativeKey(java.security.Provider provider) {
        PublicKey known = nativeKey;
        if (known == null) {
            known = JcaSignatures.publicKey(provider, this);
            nativeKey = known;
        }
        return known;
    }

    /** Compares blobs; comments do not count. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other || (other instanceof SshPublicKey that && Arrays.equals(blob, that.blob));
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(blob);
    }

    /** Says algorithm and fingerprint. */
    @Override
    public final String toString() {
        return algorithm() + " " + fingerprint();
    }

    static String algorithmOf(byte[] blob) {
        return new WireReader("public key blob", blob).readName("algorithm");
    }
}
