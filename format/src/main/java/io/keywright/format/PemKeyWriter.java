package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes OpenSSL's traditional PEM: RSA as PKCS#1 (RFC 8017, appendix A.1.2), ECDSA as SEC 1 has it (RFC 5915) and DSA, and
 * with a passphrase {@code DEK-Info} (RFC 1421). For programs that read nothing newer: a stolen file is cheap to try
 * passphrases on, whatever the cipher, and the format has no place for a comment, see {@link EncodedKey#keepsComment()}, nor
 * for Ed25519 and Ed448. Immutable and thread-safe.
 */
public final class PemKeyWriter implements KeyWriter {
    /** The cipher unless another one is chosen. */
    public static final PemCipher DEFAULT_CIPHER = PemCipher.AES256_CBC;

    static final PemKeyWriter PLAIN = new PemKeyWriter(null, null, null, null);

    private final @Nullable Passphrase passphrase;
    private final @Nullable PemCipher cipher;
    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private PemKeyWriter(
            @Nullable Passphrase passphrase,
            @Nullable PemCipher cipher,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.passphrase = passphrase;
        this.cipher = cipher;
        this.comment = comment;
        this.random = random;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.PEM;
    }

    @Override
    public PemKeyWriter withPassphrase(Passphrase secret) {
        return new PemKeyWriter(Objects.requireNonNull(secret, "secret"), cipher, comment, random);
    }

    /**
     * Returns a writer with another cipher. It needs a passphrase.
     *
     * @param chosen the cipher
     * @return a copy
     */
    public PemKeyWriter withCipher(PemCipher chosen) {
        return new PemKeyWriter(passphrase, Objects.requireNonNull(chosen, "chosen"), comment, random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public PemKeyWriter withComment(KeyComment text) {
        return new PemKeyWriter(passphrase, cipher, Objects.requireNonNull(text, "text"), random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public PemKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public PemKeyWriter withRandom(SecureRandom source) {
        return new PemKeyWriter(passphrase, cipher, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        if (passphrase == null && cipher != null) {
            throw new IllegalStateException("a cipher was chosen, but no passphrase: the key would be plain");
        }
        KeyComment told = comment == null ? pair.comment() : comment;
        return PemCodec.write(
                pair,
                passphrase,
                (cipher == null ? DEFAULT_CIPHER : cipher).cipher,
                told.isEmpty(),
                random == null ? new SecureRandom() : random);
    }
}
