package io.keywright.rotation;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Objects;

/**
 * What a {@link DirectoryCredentialStore} may be told. Immutable and thread-safe; each {@code with...} returns a copy.
 *
 * <p>The costs are those of what is written from now on: an existing store is opened at the cost that it was made with,
 * until its secret is changed.
 */
public final class DirectoryStoreSettings {
    private static final DirectoryStoreSettings DEFAULTS =
            new DirectoryStoreSettings(ScryptCost.DEFAULT, 24, Clock.systemUTC(), new SecureRandom());

    private final ScryptCost scryptCost;
    private final int bcryptRounds;
    private final Clock clock;
    private final SecureRandom random;

    /**
     * What it costs to derive a store's keys from its secret once (RFC 7914).
     *
     * @param n CPU and memory cost, a power of two from 2 to 2<sup>20</sup>
     * @param r block size, 1 to 32; memory is {@code 128 * n * r} bytes, at most 1 GiB
     * @param p how often, 1 to 64
     */
    public record ScryptCost(int n, int r, int p) {
        /** 32 MiB, three times: a few tenths of a second. */
        public static final ScryptCost DEFAULT = new ScryptCost(1 << 15, 8, 3);

        private static final long MAX_MEMORY_BYTES = 1L << 30;

        /** Checks the ranges, so that a damaged or malicious file cannot ask for more. */
        public ScryptCost {
            if (n < 2 || n > 1 << 20 || Integer.bitCount(n) != 1 || r < 1 || r > 32 || p < 1 || p > 64) {
                throw new IllegalArgumentException(
                        "scrypt needs n = a power of two up to 1048576, r = 1 to 32, p = 1 to 64; got n = " + n
                                + ", r = " + r + ", p = " + p);
            }
            if (128L * n * r > MAX_MEMORY_BYTES) {
                throw new IllegalArgumentException("scrypt with n = " + n + ", r = " + r + " needs more than 1 GiB");
            }
        }
    }

    private DirectoryStoreSettings(ScryptCost scryptCost, int bcryptRounds, Clock clock, SecureRandom random) {
        this.scryptCost = scryptCost;
        this.bcryptRounds = bcryptRounds;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Returns the defaults: scrypt with 32 MiB three times, 24 rounds of bcrypt as {@code ssh-keygen} has, the system's clock
     * and random source.
     *
     * @return the settings
     */
    public static DirectoryStoreSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these settings with another cost of opening the store.
     *
     * @param cost what one derivation costs
     * @return a copy
     */
    public DirectoryStoreSettings withScryptCost(ScryptCost cost) {
        return new DirectoryStoreSettings(Objects.requireNonNull(cost, "cost"), bcryptRounds, clock, random);
    }

    /**
     * Returns these settings with another cost of opening a key file.
     *
     * @param rounds 1 to 2048, as {@code ssh-keygen -a}
     * @return a copy
     */
    public DirectoryStoreSettings withBcryptRounds(int rounds) {
        if (rounds < 1 || rounds > 2048) {
            throw new IllegalArgumentException("bcrypt rounds are 1 to 2048, got " + rounds);
        }
        return new DirectoryStoreSettings(scryptCost, rounds, clock, random);
    }

    /**
     * Returns these settings with another clock.
     *
     * @param source what dates versions
     * @return a copy
     */
    public DirectoryStoreSettings withClock(Clock source) {
        return new DirectoryStoreSettings(scryptCost, bcryptRounds, Objects.requireNonNull(source, "source"), random);
    }

    /**
     * Returns these settings with another random source.
     *
     * @param source for salts and nonces
     * @return a copy
     */
    public DirectoryStoreSettings withRandom(SecureRandom source) {
        return new DirectoryStoreSettings(scryptCost, bcryptRounds, clock, Objects.requireNonNull(source, "source"));
    }

    ScryptCost scryptCost() {
        return scryptCost;
    }

    int bcryptRounds() {
        return bcryptRounds;
    }

    Clock clock() {
        return clock;
    }

    SecureRandom random() {
        return random;
    }
}
