package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes PuTTY's private key file, PPK (PuTTY's manual, appendix C), in version 3 or 2: RSA, DSA, ECDSA, Ed25519 and Ed448,
 * with their comment, and with a passphrase AES-256-CBC under Argon2 (version 3) or SHA-1 (version 2, for PuTTY before
 * 0.75: a stolen file is cheap to try passphrases on). Immutable and thread-safe.
 *
 * <p>The salt comes from the random source, {@link #withRandom}. What is written asks no more than {@link ReadLimits} allow
 * unless they are changed.
 */
public final class PpkKeyWriter implements KeyWriter {
    /** The memory of Argon2 unless another one is chosen, in KiB; puttygen chooses the same. */
    public static final int DEFAULT_MEMORY_KIB = 8192;
    /** The passes of Argon2 unless others are chosen: some 0.2 seconds; puttygen measures its machine for 0.1. */
    public static final int DEFAULT_PASSES = 21;
    /** The lanes of Argon2 unless others are chosen; puttygen chooses the same. */
    public static final int DEFAULT_PARALLELISM = 1;

    /** RFC 9106, section 3.1: the memory has so many blocks of a KiB for each lane at least. */
    static final int MIN_MEMORY_KIB_PER_LANE = 8;
    /** As puttygen chooses it. */
    static final int SALT_BYTES = 16;

    static final PpkKeyWriter VERSION_3 = new PpkKeyWriter(3, null, null, null, null);
    static final PpkKeyWriter VERSION_2 = new PpkKeyWriter(2, null, null, null, null);

    private static final PpkFile.Argon2Cost DEFAULT_COST = new PpkFile.Argon2Cost(
            Argon2Kind.ARGON2ID.displayName(), DEFAULT_MEMORY_KIB, DEFAULT_PASSES, DEFAULT_PARALLELISM);

    private final int version;
    private final @Nullable Passphrase passphrase;
    /** Null when nobody chose. */
    private final PpkFile.@Nullable Argon2Cost chosenCost;

    private final @Nullable KeyComment comment;
    private final @Nullable SecureRandom random;

    private PpkKeyWriter(
            int version,
            @Nullable Passphrase passphrase,
            PpkFile.@Nullable Argon2Cost chosenCost,
            @Nullable KeyComment comment,
            @Nullable SecureRandom random) {
        this.version = version;
        this.passphrase = passphrase;
        this.chosenCost = chosenCost;
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
        return new PpkKeyWriter(version, Objects.requireNonNull(secret, "secret"), chosenCost, comment, random);
    }

    /**
     * Returns a writer with another kind of Argon2. It needs a passphrase, and version 3.
     *
     * @param kind the kind; {@link Argon2Kind#ARGON2ID} unless told
     * @return a copy
     */
    public PpkKeyWriter withArgon2(Argon2Kind kind) {
        PpkFile.Argon2Cost cost = cost();
        return withCost(kind.displayName(), cost.memoryKib(), cost.passes(), cost.parallelism());
    }

    /**
     * Returns a writer with another memory of Argon2. It needs a passphrase, and version 3.
     *
     * @param kib 8 to {@value ReadLimits#DEFAULT_MAX_ARGON2_MEMORY_KIB}, and at least 8 for each lane; {@value
     *     #DEFAULT_MEMORY_KIB} unless told
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public PpkKeyWriter withMemoryKib(int kib) {
        requireWithin("KiB of Argon2 memory", MIN_MEMORY_KIB_PER_LANE, kib, ReadLimits.DEFAULT_MAX_ARGON2_MEMORY_KIB);
        return withCost(cost().kind(), kib, cost().passes(), cost().parallelism());
    }

    /**
     * Returns a writer with another number of Argon2 passes. It needs a passphrase, and version 3.
     *
     * @param count at least 1; multiplied by the memory in KiB at most {@value ReadLimits#DEFAULT_MAX_ARGON2_WORK_KIB}, so
     *     2048 with the default one; {@value #DEFAULT_PASSES} unless told
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public PpkKeyWriter withPasses(int count) {
        requireWithin("Argon2 passes", 1, count, ReadLimits.DEFAULT_MAX_ARGON2_WORK_KIB / MIN_MEMORY_KIB_PER_LANE);
        return withCost(cost().kind(), cost().memoryKib(), count, cost().parallelism());
    }

    /**
     * Returns a writer with another parallelism of Argon2. It needs a passphrase, and version 3.
     *
     * @param lanes 1 to {@value ReadLimits#DEFAULT_MAX_ARGON2_PARALLELISM}; {@value #DEFAULT_PARALLELISM} unless told
     * @return a copy
     * @throws IllegalArgumentException when out of range
     */
    public PpkKeyWriter withParallelism(int lanes) {
        requireWithin("Argon2 lanes", 1, lanes, ReadLimits.DEFAULT_MAX_ARGON2_PARALLELISM);
        return withCost(cost().kind(), cost().memoryKib(), cost().passes(), lanes);
    }

    private PpkFile.Argon2Cost cost() {
        return chosenCost == null ? DEFAULT_COST : chosenCost;
    }

    private PpkKeyWriter withCost(String kind, long memoryKib, long passes, long lanes) {
        PpkFile.Argon2Cost cost = new PpkFile.Argon2Cost(kind, memoryKib, passes, lanes);
        return new PpkKeyWriter(version, passphrase, cost, comment, random);
    }

    private static void requireWithin(String what, long from, long given, long to) {
        if (given < from || given > to) {
            throw new IllegalArgumentException(from + " to " + to + " " + what + " are written, got " + given);
        }
    }

    @Override
    public PpkKeyWriter withComment(KeyComment text) {
        return new PpkKeyWriter(version, passphrase, chosenCost, Objects.requireNonNull(text, "text"), random);
    }

    @Override
    public PpkKeyWriter withComment(String text) {
        return withComment(KeyComment.of(text));
    }

    @Override
    public PpkKeyWriter withRandom(SecureRandom source) {
        return new PpkKeyWriter(version, passphrase, chosenCost, comment, Objects.requireNonNull(source, "source"));
    }

    /**
     * Writes a key.
     *
     * @throws LimitExceededException when Argon2's memory is more than a quarter of the maximum heap
     * @throws IllegalStateException when Argon2 was chosen and there is no passphrase, or it is version 2; when its memory is
     *     less than 8 KiB a lane, or passes times KiB are more than {@value ReadLimits#DEFAULT_MAX_ARGON2_WORK_KIB}
     */
    @Override
    public EncodedKey write(SshKeyPair pair) {
        PpkFile.Argon2Cost cost = cost();
        if (chosenCost != null && (passphrase == null || version == 2)) {
            throw new IllegalStateException("Argon2 was chosen, which needs a passphrase and version 3");
        }
        if (cost.memoryKib() < MIN_MEMORY_KIB_PER_LANE * cost.parallelism()
                || cost.memoryKib() * cost.passes() > ReadLimits.DEFAULT_MAX_ARGON2_WORK_KIB) {
            throw new IllegalStateException(
                    "the memory of Argon2 is too small for its parallelism, or its passes too many");
        }
        return PpkCodec.write(
                pair,
                comment == null ? pair.comment() : comment,
                version,
                passphrase == null ? null : new Encryption(passphrase, version == 2 ? null : cost),
                random == null ? new SecureRandom() : random);
    }
}
