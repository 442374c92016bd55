package io.keywright.format;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.util.function.Function;

/** Writes public keys in one format, comment and all where it has a place. Immutable and thread-safe. */
public final class PublicKeyWriter {
    private final KeyFormat format;
    private final Function<SshPublicKey, EncodedKey> encoder;

    private PublicKeyWriter(KeyFormat format, Function<SshPublicKey, EncodedKey> encoder) {
        this.format = format;
        this.encoder = encoder;
    }

    /**
     * Returns a writer of a format.
     *
     * @param format a format of public keys
     * @return the writer
     * @throws UnsupportedKeyException when public keys are not written in that format
     */
    public static PublicKeyWriter of(KeyFormat format) {
        return switch (format) {
            case PUBLIC_LINE -> new PublicKeyWriter(format, PublicLineCodec::write);
            case PUBLIC_RFC4716 -> new PublicKeyWriter(format, Rfc4716Codec::write);
            case PUBLIC_PEM -> new PublicKeyWriter(format, PublicPemCodec::write);
            case JWK -> new PublicKeyWriter(format, JwkCodec::writePublic);
            case OPENSSH, PEM, PKCS8, PPK, SSHCOM ->
                throw new UnsupportedKeyException(
                        format.displayName(), "public keys are not written in the format " + format.displayName());
        };
    }

    /** Returns a writer of PKCS#1, {@code RSA PUBLIC KEY}. */
    static PublicKeyWriter ofPkcs1() {
        return new PublicKeyWriter(KeyFormat.PUBLIC_PEM, PublicPemCodec::writePkcs1);
    }

    /**
     * Returns the format.
     *
     * @return the format
     */
    public KeyFormat format() {
        return format;
    }

    /**
     * Writes a key.
     *
     * @param key the key
     * @return the file's content, with a final newline
     * @throws UnsupportedKeyException when the format has no place for such a key
     * @throws SshKeyException when the comment cannot stand in the format
     */
    public EncodedKey write(SshPublicKey key) {
        return encoder.apply(key);
    }
}
