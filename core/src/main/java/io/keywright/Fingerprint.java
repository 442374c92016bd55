package io.keywright;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A hash over a public key blob, printed as {@code ssh-keygen -l} prints it. Immutable. */
public final class Fingerprint {

    /** Hashes for fingerprints. */
    public enum Hash {
        /** SHA-256, printed as {@code SHA256:} and base64 without padding. */
        SHA256("SHA-256"),
        /** MD5, printed as {@code MD5:} and hex with colons. Only to compare with old listings. */
        MD5("MD5");

        private final String jcaName;

        Hash(String jcaName) {
            this.jcaName = jcaName;
        }
    }

    private final Hash hash;
    private final byte[] digest;

    private Fingerprint(Hash hash, byte[] digest) {
        this.hash = hash;
        this.digest = digest;
    }

    /**
     * Hashes a public key blob.
     *
     * @param blob the blob
     * @param hash which hash
     * @return the fingerprint
     */
    public static Fingerprint of(byte[] blob, Hash hash) {
        return new Fingerprint(hash, digest(hash.jcaName, blob));
    }

    /**
     * Parses a printed fingerprint: {@code SHA256:base64}, {@code MD5:hex} or bare colon-separated hex.
     *
     * @param text the fingerprint; base64 padding is tolerated
     * @return the fingerprint
     * @throws NotAKeyException when it is none
     */
    public static Fingerprint parse(String text) {
        try {
            Fingerprint parsed = text.startsWith("SHA256:")
                    ? new Fingerprint(Hash.SHA256, Base64.getDecoder().decode(text.substring(7)))
                    : new Fingerprint(
                            Hash.MD5,
                            HexFormat.ofDelimiter(":")
                                    .parseHex((text.startsWith("MD5:") ? text.substring(4) : text)
                                            .toLowerCase(Locale.ROOT)));
            if (parsed.digest.length == (parsed.hash == Hash.SHA256 ? 32 : 16)) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            throw notAFingerprint();
        }
        throw notAFingerprint();
    }

    private static NotAKeyException notAFingerprint() {
        return new NotAKeyException("not a fingerprint: SHA256:base64 or MD5:hex is expected");
    }

    /**
     * Returns which hash this is.
     *
     * @return the hash
     */
    public Hash hash() {
        return hash;
    }

    /**
     * Returns the digest.
     *
     * @return 32 bytes for SHA-256, 16 for MD5; a copy
     */
    public byte[] digest() {
        return digest.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fingerprint that && hash == that.hash && Arrays.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    /** Prints it as {@code ssh-keygen -l} does. */
    @Override
    public String toString() {
        return switch (hash) {
            case SHA256 -> "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
            case MD5 -> "MD5:" + HexFormat.ofDelimiter(":").formatHex(digest);
        };
    }

    static byte[] digest(String jcaName, byte[] data) {
        try {
            return MessageDigest.getInstance(jcaName).digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new UnsupportedKeyException(jcaName, "this Java runtime offers no " + jcaName);
        }
    }
}
