package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes PKCS#8 in PEM (RFC 5958): RSA, ECDSA, DSA, Ed25519 and Ed448, and with a passphrase PBES2 (RFC 8018) with
 * AES-256-CBC and PBKDF2 with HMAC-SHA256. The format has no place for a comment, see {@link EncodedKey#keepsComment()}.
 * Immutable and thread-safe.
 */
public final class Pkcs8KeyWriter implements KeyWriter {
    /** The PBKDF2 iterations unless others are chosen: OWASP's advice of 2023, some 0.3 seconds. */
    public static final int DEFAULT_ITERATIONS = 600_000;
    /** The most iterations that are written: what a reader with default limits still reads. */
    public static final int MAX_ITERATIONS = ReadLimits.DEFAULT_MAX_PBKDF2_ITERATIONS;

    static final Pkcs8KeyWriter PLAIN = new Pkcs8KeyWriter(null, 0, null, null);

    private final @Nullable Passphrase passphrase;
    /** Zero when nobody chose. */
    private final int iterations;

    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private Pkcs8KeyWriter(
            @Nullable Passphrase passphrase,
            int iterations,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.passphrase = passphrase;
        this.iterations = iterations;
        this.comment = comment;
        this.random = random;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.PKCS8;
    }

    @Override
    public Pkcs8KeyWriter withPassphrase(Passphrase secret) {
        return new Pkcs8KeyWriter(Objects.requireNonNull(secret, "secret"), iterations, comment, random);
    }

    /**
     * Returns a writer with another number of PBKDF2 iterations. It needs a passphrase.
     *
     * @param count 1 to {@value #MAX_ITERATIONS}
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public Pkcs8KeyWriter withIterations(int count) {
        if (count < 1 || count > MAX_ITERATIONS) {
            throw new IllegalArgumentException("1 to " + MAX_ITERATIONS + " iterations are written, got " + count);
        }
        return new Pkcs8KeyWriter(passphrase, count, comment, random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public Pkcs8KeyWriter withComment(KeyComment text) {
        return new Pkcs8KeyWriter(passphrase, iterations, Objects.requireNonNull(text, "text"), random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public Pkcs8KeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public Pkcs8KeyWriter withRandom(SecureRandom source) {
        return new Pkcs8KeyWriter(passphrase, iterations, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        if (passphrase == null && iterations != 0) {
            throw new IllegalStateException("iterations were chosen, but no passphrase: the key would be plain");
        }
        Pbes2 scheme = passphrase == null
                ? null
                : Pbes2.fresh(
                        iterations == 0 ? DEFAULT_ITERATIONS : iterations,
                        random == null ? new SecureRandom() : random);
        KeyComment told = comment == null ? pair.comment() : comment;
        return Pkcs8Codec.write(pair, passphrase, scheme, told.isEmpty());
    }
}
