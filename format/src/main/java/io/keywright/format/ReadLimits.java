package io.keywright.format;

import io.keywright.LimitExceededException;
import java.math.BigInteger;

/**
 * The most that a key file may ask of the one who reads it. Immutable and thread-safe; each {@code with...} returns a copy.
 *
 * <p>A file that asks for more is refused with {@link LimitExceededException} before anything is allocated or computed.
 * The sizes of keys themselves (RSA 1024 to 16384 bits, DSA subgroups of 160 to 256) are fixed.
 */
public final class ReadLimits {
    /** The longest input, in bytes: a real key file has less than 64 KiB, so 1 MiB leaves room for text around it. */
    public static final int DEFAULT_MAX_FILE_BYTES = 1024 * 1024;
    /** bcrypt rounds: 24 is the rule, 300 is real, 2048 take about 15 seconds. */
    public static final int DEFAULT_MAX_BCRYPT_ROUNDS = 2048;
    /** Argon2 memory, in KiB: 32 times PuTTY's default; a file must not be able to exhaust the heap. */
    public static final int DEFAULT_MAX_ARGON2_MEMORY_KIB = 256 * 1024;
    /** Argon2 passes multiplied by KiB, which is its running time: 2^24 take some tens of seconds. */
    public static final long DEFAULT_MAX_ARGON2_WORK_KIB = 1L << 24;
    /** Argon2 parallelism: PuTTY writes 1; each lane costs set-up. */
    public static final int DEFAULT_MAX_ARGON2_PARALLELISM = 16;
    /**
     * PBKDF2 iterations, and those of PBES1 and PKCS#12: OpenSSL writes 2048, careful people a million; ten million take
     * several seconds.
     */
    public static final int DEFAULT_MAX_PBKDF2_ITERATIONS = 10_000_000;
    /** scrypt memory, {@code 128 * N * r} bytes: sixteen times what OpenSSL writes. */
    public static final long DEFAULT_MAX_SCRYPT_MEMORY_BYTES = 256L * 1024 * 1024;
    /** Nesting of ASN.1 structures: keys need 5, and each level costs stack. */
    public static final int DEFAULT_MAX_ASN1_DEPTH = 16;

    /** Nesting of JSON and YAML: keys need 4, what is passed over may need some more, and each level costs stack. */
    public static final int DEFAULT_MAX_NESTING = 32;

    /** scrypt's p: OpenSSL writes 1, advice is 5 at most; each costs the whole running time again. */
    static final int MAX_SCRYPT_PARALLELISM = 16;

    private static final ReadLimits DEFAULTS = new ReadLimits(
            DEFAULT_MAX_FILE_BYTES,
            DEFAULT_MAX_BCRYPT_ROUNDS,
            quarterOfHeapAtMost(DEFAULT_MAX_ARGON2_MEMORY_KIB),
            DEFAULT_MAX_ARGON2_WORK_KIB,
            DEFAULT_MAX_ARGON2_PARALLELISM,
            DEFAULT_MAX_PBKDF2_ITERATIONS,
            DEFAULT_MAX_SCRYPT_MEMORY_BYTES,
            DEFAULT_MAX_ASN1_DEPTH,
            DEFAULT_MAX_NESTING);

    private final int maxFileBytes;
    private final int maxBcryptRounds;
    private final int maxArgon2MemoryKib;
    private final long maxArgon2WorkKib;
    private final int maxArgon2Parallelism;
    private final int maxPbkdf2Iterations;
    private final long maxScryptMemoryBytes;
    private final int maxAsn1Depth;
    private final int maxNesting;

    private ReadLimits(
            long maxFileBytes,
            long maxBcryptRounds,
            long maxArgon2MemoryKib,
            long maxArgon2WorkKib,
            long maxArgon2Parallelism,
            long maxPbkdf2Iterations,
            long maxScryptMemoryBytes,
            long maxAsn1Depth,
            long maxNesting) {
        this.maxFileBytes = (int) positive(maxFileBytes);
        this.maxBcryptRounds = (int) positive(maxBcryptRounds);
        this.maxArgon2MemoryKib = (int) positive(maxArgon2MemoryKib);
        this.maxArgon2WorkKib = positive(maxArgon2WorkKib);
        this.maxArgon2Parallelism = (int) positive(maxArgon2Parallelism);
        this.maxPbkdf2Iterations = (int) positive(maxPbkdf2Iterations);
        this.maxScryptMemoryBytes = positive(maxScryptMemoryBytes);
        this.maxAsn1Depth = (int) positive(maxAsn1Depth);
        this.maxNesting = (int) positive(maxNesting);
    }

    /**
     * Returns the limits that apply unless told otherwise: the {@code DEFAULT_} constants, with Argon2's memory bounded by a
     * quarter of the maximum heap as well.
     *
     * @return the defaults
     */
    public static ReadLimits defaults() {
        return DEFAULTS;
    }

    /**
     * Returns the longest input accepted.
     *
     * @return bytes
     */
    public int maxFileBytes() {
        return maxFileBytes;
    }

    /**
     * Returns the most bcrypt rounds computed.
     *
     * @return rounds
     */
    public int maxBcryptRounds() {
        return maxBcryptRounds;
    }

    /**
     * Returns the most memory that Argon2 is given.
     *
     * @return KiB
     */
    public int maxArgon2MemoryKib() {
        return maxArgon2MemoryKib;
    }

    /**
     * Returns the greatest product of Argon2's passes and memory.
     *
     * @return passes times KiB
     */
    public long maxArgon2WorkKib() {
        return maxArgon2WorkKib;
    }

    /**
     * Returns the greatest parallelism of Argon2.
     *
     * @return lanes
     */
    public int maxArgon2Parallelism() {
        return maxArgon2Parallelism;
    }

    /**
     * Returns the most PBKDF2 iterations computed.
     *
     * @return iterations
     */
    public int maxPbkdf2Iterations() {
        return maxPbkdf2Iterations;
    }

    /**
     * Returns the most memory that scrypt is given.
     *
     * @return bytes, {@code 128 * N * r}
     */
    public long maxScryptMemoryBytes() {
        return maxScryptMemoryBytes;
    }

    /**
     * Returns the deepest nesting of ASN.1 accepted.
     *
     * @return levels
     */
    public int maxAsn1Depth() {
        return maxAsn1Depth;
    }

    /**
     * Returns the deepest nesting of JSON and YAML accepted.
     *
     * @return levels
     */
    public int maxNesting() {
        return maxNesting;
    }

    /**
     * Sets the longest input accepted.
     *
     * @param bytes at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxFileBytes(int bytes) {
        return new ReadLimits(
                bytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the most bcrypt rounds computed.
     *
     * @param rounds at least 1; about 7 ms each
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxBcryptRounds(int rounds) {
        return new ReadLimits(
                maxFileBytes,
                rounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the most memory that Argon2 is given.
     *
     * @param kib at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxArgon2MemoryKib(int kib) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                kib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the greatest product of Argon2's passes and memory.
     *
     * @param passesTimesKib at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxArgon2WorkKib(long passesTimesKib) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                passesTimesKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the greatest parallelism of Argon2.
     *
     * @param lanes at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxArgon2Parallelism(int lanes) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                lanes,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the most PBKDF2 iterations computed.
     *
     * @param iterations at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxPbkdf2Iterations(int iterations) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the most memory that scrypt is given.
     *
     * @param bytes at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxScryptMemoryBytes(long bytes) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                bytes,
                maxAsn1Depth,
                maxNesting);
    }

    /**
     * Sets the deepest nesting of ASN.1 accepted.
     *
     * @param levels at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxAsn1Depth(int levels) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                levels,
                maxNesting);
    }

    /**
     * Sets the deepest nesting of JSON and YAML accepted.
     *
     * @param levels at least 1
     * @return a copy
     * @throws IllegalArgumentException when below 1
     */
    public ReadLimits withMaxNesting(int levels) {
        return new ReadLimits(
                maxFileBytes,
                maxBcryptRounds,
                maxArgon2MemoryKib,
                maxArgon2WorkKib,
                maxArgon2Parallelism,
                maxPbkdf2Iterations,
                maxScryptMemoryBytes,
                maxAsn1Depth,
                levels);
    }

    /** Makes the exception for a text that is nested more deeply than allowed; by how much is not counted. */
    LimitExceededException nestingExceeded(String limit) {
        return new LimitExceededException(
                limit, maxNesting + 1L, maxNesting, "raise it with ReadLimits.withMaxNesting");
    }

    void requireFileBytes(long bytes) {
        if (bytes > maxFileBytes) {
            throw new LimitExceededException(
                    "key file size in bytes", bytes, maxFileBytes, "raise it with ReadLimits.withMaxFileBytes");
        }
    }

    void requireBcryptRounds(long rounds) {
        if (rounds > maxBcryptRounds) {
            throw new LimitExceededException(
                    "bcrypt rounds", rounds, maxBcryptRounds, "raise it with ReadLimits.withMaxBcryptRounds");
        }
    }

    /** Refuses too many iterations of PBKDF2, or of what came before it and costs the same. */
    void requireIterations(String kdf, long iterations) {
        if (iterations > maxPbkdf2Iterations) {
            throw new LimitExceededException(
                    kdf + " iterations",
                    iterations,
                    maxPbkdf2Iterations,
                    "raise it with ReadLimits.withMaxPbkdf2Iterations");
        }
    }

    void requireArgon2(long memoryKib, long passes, long parallelism) {
        if (memoryKib > maxArgon2MemoryKib) {
            throw new LimitExceededException(
                    "Argon2 memory in KiB",
                    memoryKib,
                    maxArgon2MemoryKib,
                    "raise it with ReadLimits.withMaxArgon2MemoryKib");
        }
        // No overflow: the memory is an int now, and the passes have nine digits.
        if (memoryKib * passes > maxArgon2WorkKib) {
            throw new LimitExceededException(
                    "Argon2 passes times KiB",
                    memoryKib * passes,
                    maxArgon2WorkKib,
                    "raise it with ReadLimits.withMaxArgon2WorkKib");
        }
        if (parallelism > maxArgon2Parallelism) {
            throw new LimitExceededException(
                    "Argon2 parallelism",
                    parallelism,
                    maxArgon2Parallelism,
                    "raise it with ReadLimits.withMaxArgon2Parallelism");
        }
    }

    void requireScrypt(BigInteger cost, BigInteger blockSize, BigInteger parallelism) {
        if (saturated(parallelism) > MAX_SCRYPT_PARALLELISM) {
            throw new LimitExceededException(
                    "scrypt parallelism", saturated(parallelism), MAX_SCRYPT_PARALLELISM, "this limit is fixed");
        }
        // 128 N r bytes are the table, 128 p r the blocks that are mixed with its help.
        requireScryptMemory(cost.max(parallelism).multiply(blockSize), maxScryptMemoryBytes);
        // Whatever the limit says, a file must not be able to exhaust the heap. Two blocks more are for the mixing.
        requireScryptMemory(
                cost.add(parallelism).add(BigInteger.TWO).multiply(blockSize),
                Runtime.getRuntime().maxMemory() / 2);
    }

    private static void requireScryptMemory(BigInteger blocksOf128, long allowed) {
        long memory = saturated(blocksOf128.shiftLeft(7));
        if (memory > allowed) {
            throw new LimitExceededException(
                    "scrypt memory in bytes",
                    memory,
                    allowed,
                    "raise it with ReadLimits.withMaxScryptMemoryBytes and a larger heap");
        }
    }

    /** Returns a number that is not negative as a long, the largest one when it is larger. */
    static long saturated(BigInteger number) {
        return number.bitLength() < Long.SIZE ? number.longValue() : Long.MAX_VALUE;
    }

    private static long positive(long value) {
        if (value < 1) {
            throw new IllegalArgumentException("a limit must be at least 1, got " + value);
        }
        return value;
    }

    private static long quarterOfHeapAtMost(int kib) {
        return Math.min(kib, Math.max(1, Runtime.getRuntime().maxMemory() / 4 / 1024));
    }
}
