package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes PuTTY's private key file, PPK (PuTTY's manual, appendix C), in version 3 or 2: RSA, DSA, ECDSA, Ed25519 and Ed448,
 * with their comment, and with a passphrase AES-256-CBC under Argon2id (version 3) or SHA-1 (version 2, for PuTTY before
 * 0.75: a stolen file is cheap to try passphrases on). Immutable and thread-safe.
 */
public final class PpkKeyWriter implements KeyWriter {
    /** The memory of Argon2id, in KiB; puttygen chooses the same. */
    public static final int DEFAULT_MEMORY_KIB = 8192;
    /** The passes of Argon2id unless others are chosen: some 0.2 seconds; puttygen measures its machine for 0.1. */
    public static final int DEFAULT_PASSES = 21;
    /** The most passes that are written: what a reader with default limits still reads. */
    public static final int MAX_PASSES = (int) (ReadLimits.DEFAULT_MAX_ARGON2_WORK_KIB / DEFAULT_MEMORY_KIB);

    /** As puttygen chooses it. */
    static final int SALT_BYTES = 16;

    static final PpkKeyWriter VERSION_3 = new PpkKeyWriter(3, null, 0, null, null);
    static final PpkKeyWriter VERSION_2 = new PpkKeyWriter(2, null, 0, null, null);

    private final int version;
    private final @Nullable Passphrase passphrase;
    /** Zero when nobody chose. */
    private final int passes;

    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private PpkKeyWriter(
            int version,
            @Nullable Passphrase passphrase,
            int passes,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.version = version;
        this.passphrase = passphrase;
        this.passes = passes;
        this.comment = comment;
        this.random = random;
    }

    /** How to encrypt; no cost in version 2. */
    record Encryption(Passphrase passphrase, PpkFile.@Nullable Argon2Cost cost) {}

    @Override
    public KeyFormat format() {
        return KeyFormat.PPK;
    }

    @Override
    public PpkKeyWriter withPassphrase(Passphrase secret) {
        return new PpkKeyWriter(version, Objects.requireNonNull(secret, "secret"), passes, comment, random);
    }

    /**
     * Returns a writer with another number of Argon2 passes. It needs a passphrase, and version 3.
     *
     * @param count 1 to {@value #MAX_PASSES}
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public PpkKeyWriter withPasses(int count) {
        if (count < 1 || count > MAX_PASSES) {
            throw new IllegalArgumentException("1 to " + MAX_PASSES + " passes are written, got " + count);
        }
        return new PpkKeyWriter(version, passphrase, count, comment, random);
    }

    @Override
    public PpkKeyWriter withComment(KeyComment text) {
        return new PpkKeyWriter(version, passphrase, passes, Objects.requireNonNull(text, "text"), random);
    }

    @Override
    public PpkKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public PpkKeyWriter withRandom(SecureRandom source) {
        return new PpkKeyWriter(version, passphrase, passes, comment, Objects.requireNonNull(source, "source"));
    }

    @Override
    public EncodedKey write(SshKeyPair pair) {
        if (passes != 0 && (passphrase == null || version == 2)) {
            throw new IllegalStateException("Argon2 passes were chosen, which need a passphrase and version 3");
        }
        int chosen = passes == 0 ? DEFAULT_PASSES : passes;
        PpkFile.Argon2Cost cost =
                version == 2 ? null : new PpkFile.Argon2Cost("Argon2id", DEFAULT_MEMORY_KIB, chosen, 1);
        return PpkCodec.write(
                pair,
                comment == null ? pair.comment() : comment,
                version,
                passphrase == null ? null : new Encryption(passphrase, cost),
                random == null ? new SecureRandom() : random);
    }
}
