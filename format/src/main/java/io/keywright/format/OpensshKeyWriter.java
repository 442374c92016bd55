package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes openssh-key-v1 (OpenSSH's PROTOCOL.key): every key type, and with a passphrase bcrypt and one of {@link
 * OpensshCipher}. The text is byte for byte as {@code ssh-keygen} lays it out. Immutable and thread-safe.
 */
public final class OpensshKeyWriter implements KeyWriter {
    /** The cipher that encrypts unless another is chosen; {@code ssh-keygen} chooses the same. */
    public static final OpensshCipher DEFAULT_CIPHER = OpensshCipher.AES256_CTR;
    /** The bcrypt rounds unless others are chosen; {@code ssh-keygen} chooses the same. */
    public static final int DEFAULT_ROUNDS = 24;
    /** The most rounds that are written: what a reader with default limits still reads. */
    public static final int MAX_ROUNDS = ReadLimits.DEFAULT_MAX_BCRYPT_ROUNDS;

    static final OpensshKeyWriter PLAIN = new OpensshKeyWriter(null, null, 0, null, null);

    private final @Nullable Passphrase passphrase;
    private final @Nullable OpensshCipher cipher;
    /** Zero when nobody chose. */
    private final int rounds;

    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private OpensshKeyWriter(
            @Nullable Passphrase passphrase,
            @Nullable OpensshCipher cipher,
            int rounds,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.passphrase = passphrase;
        this.cipher = cipher;
        this.rounds = rounds;
        this.comment = comment;
        this.random = random;
    }

    @Override
    public KeyFormat format() {
        return KeyFormat.OPENSSH;
    }

    @Override
    public OpensshKeyWriter withPassphrase(Passphrase secret) {
        return new OpensshKeyWriter(Objects.requireNonNull(secret, "secret"), cipher, rounds, comment, random);
    }

    /**
     * Returns a writer with another cipher. It needs a passphrase.
     *
     * @param chosen the cipher
     * @return a copy
     */
    public OpensshKeyWriter withCipher(OpensshCipher chosen) {
        return new OpensshKeyWriter(passphrase, Objects.requireNonNull(chosen, "chosen"), rounds, comment, random);
    }

    /**
     * Returns a writer with another number of bcrypt rounds, {@code ssh-keygen -a}. It needs a passphrase.
     *
     * @param count 1 to {@value #MAX_ROUNDS}; about 5 ms each, for writer, reader and attacker alike
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public OpensshKeyWriter withRounds(int count) {
        if (count < 1 || count > MAX_ROUNDS) {
            throw new IllegalArgumentException("1 to " + MAX_ROUNDS + " bcrypt rounds are written, got " + count);
        }
        return new OpensshKeyWriter(passphrase, cipher, count, comment, random);
    }

    @Override
    public OpensshKeyWriter withComment(KeyComment text) {
        return new OpensshKeyWriter(passphrase, cipher, rounds, Objects.requireNonNull(text, "text"), random);
    }

    @Override
    public OpensshKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public OpensshKeyWriter withRandom(SecureRandom source) {
        return new OpensshKeyWriter(passphrase, cipher, rounds, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        if (passphrase == null && (cipher != null || rounds != 0)) {
            throw new IllegalStateException(
                    "a cipher or rounds were chosen, but no passphrase: the key would be plain");
        }
        OpensshCodec.Encryption encryption = passphrase == null
                ? null
                : new OpensshCodec.Encryption(
                        passphrase, cipher == null ? DEFAULT_CIPHER : cipher, rounds == 0 ? DEFAULT_ROUNDS : rounds);
        return OpensshCodec.write(
                pair,
                comment == null ? pair.comment() : comment,
                encryption,
                random == null ? new SecureRandom() : random);
    }
}
