package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes PKCS#8 in PEM (RFC 5958): RSA, ECDSA, DSA, Ed25519 and Ed448, and with a passphrase PBES2 (RFC 8018) with
 * AES-256-CBC and PBKDF2 with HMAC-SHA256, or scrypt (RFC 7914). The format has no place for a comment, see {@link
 * EncodedKey#keepsComment()}. Immutable and thread-safe.
 *
 * <pre>{@code
 * EncodedKey file = KeyWriter.pkcs8().withPassphrase(passphrase).withScrypt().write(pair);
 * }</pre>
 */
public final class Pkcs8KeyWriter implements KeyWriter {
    /** The cipher unless another one is chosen. */
    public static final PemCipher DEFAULT_CIPHER = PemCipher.AES256_CBC;
    /** The PBKDF2 iterations unless others are chosen: OWASP's advice of 2023, some 0.3 seconds. */
    public static final int DEFAULT_ITERATIONS = 600_000;
    /** The most iterations that are written: what a reader with default limits still reads. */
    public static final int MAX_ITERATIONS = ReadLimits.DEFAULT_MAX_PBKDF2_ITERATIONS;
    /** The function in PBKDF2 unless another one is chosen. */
    public static final Pbkdf2Prf DEFAULT_PRF = Pbkdf2Prf.SHA256;
    /**
     * scrypt's N unless another one is chosen. With {@link #DEFAULT_SCRYPT_BLOCK_SIZE} it takes 16 MiB, the most that
     * OpenSSL reads: it refuses from 32 MiB on.
     */
    public static final int DEFAULT_SCRYPT_COST = 1 << 14;
    /** scrypt's r unless another one is chosen. */
    public static final int DEFAULT_SCRYPT_BLOCK_SIZE = 8;
    /** scrypt's p unless another one is chosen: OWASP's advice for this N; some 0.3 seconds. */
    public static final int DEFAULT_SCRYPT_PARALLELISM = 5;

    static final Pkcs8KeyWriter PLAIN = new Pkcs8KeyWriter(null, Options.NONE, null, null);

    private final @Nullable Passphrase passphrase;
    private final Options options;
    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    /** What was chosen: null or zero where nobody did. */
    private record Options(
            @Nullable PemCipher cipher,
            int iterations,
            @Nullable Pbkdf2Prf prf,
            @Nullable ScryptCost scrypt) {
        static final Options NONE = new Options(null, 0, null, null);
    }

    private Pkcs8KeyWriter(
            @Nullable Passphrase passphrase,
            Options options,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.passphrase = passphrase;
        this.options = options;
        this.comment = comment;
        this.random = random;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.PKCS8;
    }

    @Override
    public Pkcs8KeyWriter withPassphrase(Passphrase secret) {
        return new Pkcs8KeyWriter(Objects.requireNonNull(secret, "secret"), options, comment, random);
    }

    /**
     * Returns a writer with another cipher. It needs a passphrase.
     *
     * @param chosen the cipher
     * @return a copy
     */
    public Pkcs8KeyWriter withCipher(PemCipher chosen) {
        Objects.requireNonNull(chosen, "chosen");
        return with(new Options(chosen, options.iterations, options.prf, options.scrypt));
    }

    /**
     * Returns a writer with another number of PBKDF2 iterations. It needs a passphrase, and no scrypt.
     *
     * @param count 1 to {@value #MAX_ITERATIONS}
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public Pkcs8KeyWriter withIterations(int count) {
        if (count < 1 || count > MAX_ITERATIONS) {
            throw new IllegalArgumentException("1 to " + MAX_ITERATIONS + " iterations are written, got " + count);
        }
        return with(new Options(options.cipher, count, options.prf, options.scrypt));
    }

    /**
     * Returns a writer with another function in PBKDF2. It needs a passphrase, and no scrypt.
     *
     * @param chosen the function
     * @return a copy
     */
    public Pkcs8KeyWriter withPrf(Pbkdf2Prf chosen) {
        Objects.requireNonNull(chosen, "chosen");
        return with(new Options(options.cipher, options.iterations, chosen, options.scrypt));
    }

    /**
     * Returns a writer that derives the key with scrypt at the default cost, which OpenSSL reads. It needs a passphrase.
     *
     * @return a copy
     */
    public Pkcs8KeyWriter withScrypt() {
        return withScrypt(DEFAULT_SCRYPT_COST, DEFAULT_SCRYPT_BLOCK_SIZE, DEFAULT_SCRYPT_PARALLELISM);
    }

    /**
     * Returns a writer that derives the key with scrypt (RFC 7914, section 2), in {@code 128 * N * r} bytes of memory, and
     * p times. It needs a passphrase. OpenSSL refuses 32 MiB and more.
     *
     * @param cost N, a power of two above 1 and below 2^(16 r)
     * @param blockSize r, at least 1
     * @param parallelism p, 1 to 16
     * @return a copy
     * @throws IllegalArgumentException when out of range, or when a reader with default limits would refuse the memory
     */
    public Pkcs8KeyWriter withScrypt(int cost, int blockSize, int parallelism) {
        ScryptCost chosen = new ScryptCost(cost, blockSize, parallelism);
        return with(new Options(options.cipher, options.iterations, options.prf, chosen));
    }

    private Pkcs8KeyWriter with(Options chosen) {
        return new Pkcs8KeyWriter(passphrase, chosen, comment, random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public Pkcs8KeyWriter withComment(KeyComment text) {
        return new Pkcs8KeyWriter(passphrase, options, Objects.requireNonNull(text, "text"), random);
    }

    /** Returns a writer whose key has another comment, which this format cannot hold: only an empty one is kept. */
    @Override
    public Pkcs8KeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public Pkcs8KeyWriter withRandom(SecureRandom source) {
        return new Pkcs8KeyWriter(passphrase, options, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        if (passphrase == null && !options.equals(Options.NONE)) {
            throw new IllegalStateException(
                    "options of encryption were chosen, but no passphrase: the key would be plain");
        }
        if (options.scrypt != null && (options.iterations != 0 || options.prf != null)) {
            throw new IllegalStateException("scrypt and options of PBKDF2 were chosen: choose one of them");
        }
        SecureRandom source = random == null ? new SecureRandom() : random;
        Pkcs8Codec.Encryption encryption = passphrase == null
                ? null
                : new Pkcs8Codec.Encryption(
                        passphrase, kdf(source), options.cipher == null ? DEFAULT_CIPHER : options.cipher);
        KeyComment told = comment == null ? pair.comment() : comment;
        return Pkcs8Codec.write(pair, encryption, told.isEmpty(), source);
    }

    private Pbes2Kdf kdf(SecureRandom source) {
        byte[] salt = Pbes2.freshSalt(source);
        if (options.scrypt != null) {
            return new Pbes2Kdf.ScryptKdf(salt, options.scrypt);
        }
        int iterations = options.iterations == 0 ? DEFAULT_ITERATIONS : options.iterations;
        Pbkdf2Prf prf = options.prf == null ? DEFAULT_PRF : options.prf;
        return new Pbes2Kdf.Pbkdf2Kdf(salt, BigInteger.valueOf(iterations), 0, prf.oid);
    }
}
