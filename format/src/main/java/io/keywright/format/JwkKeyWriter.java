package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a private JSON Web Key (RFC 7517, 7518, 8037): RSA, ECDSA, Ed25519 and Ed448, the comment as {@code kid}. A JWK is
 * plain: there is no passphrase. Immutable and thread-safe.
 */
public final class JwkKeyWriter implements KeyWriter {
    static final JwkKeyWriter INSTANCE = new JwkKeyWriter(null);

    private final @Nullable KeyComment comment;

    private JwkKeyWriter(@Nullable KeyComment comment) {
        this.comment = comment;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.JWK;
    }

    /**
     * Fails: a JWK is plain.
     *
     * @param passphrase not used
     * @return never
     * @throws UnsupportedKeyException always
     */
    @Override
    public JwkKeyWriter withPassphrase(Passphrase passphrase) {
        throw new UnsupportedKeyException(
                "JWK", "a JWK is not encrypted: choose another format, or protect the JWK by other means");
    }

    @Override
    public JwkKeyWriter withComment(KeyComment text) {
        return new JwkKeyWriter(Objects.requireNonNull(text, "text"));
    }

    @Override
    public JwkKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    /** Changes nothing: a JWK has no randomness of its own. */
    @Override
    public JwkKeyWriter withRandom(SecureRandom random) {
        Objects.requireNonNull(random, "random");
        return this;
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        return JwkCodec.write(pair, comment == null ? pair.comment() : comment);
    }
}
