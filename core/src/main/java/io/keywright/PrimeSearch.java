package io.keywright;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.math.Primes;
import org.jspecify.annotations.Nullable;

/**
 * A search for one prime of so many bits, at least 2^(bits - 1/2), by two threads that begin at random places each: how long a
 * search takes is a matter of luck, so the first of two ends in half the time, where two that look for a prime each end when
 * the unlucky one does.
 *
 * <p>From its random place a thread goes up, past the multiples of small primes, as {@link BigInteger#probablePrime} does;
 * unlike that, it does not begin where a prime would be thrown away as too small. What remains has to pass {@link
 * BigInteger#isProbablePrime} with the certainty that the JDK's RSA generator asks for, 2^-100, and two more rounds of Miller
 * and Rabin's test whose witnesses come from the caller's random source.
 */
final class PrimeSearch {
    private static final int CERTAINTY = 100;
    private static final int MORE_ROUNDS = 2;
    /** Testing a candidate costs as much as dividing by some 4,000 primes: beyond this bound another one is not worth it. */
    static final int SMALL = 1 << 16;
    /** Odd numbers looked at from one place, for each bit of the prime: one in bits / 2.9 is prime, so that is a dozen primes. */
    private static final int WINDOW = 4;

    /** Small primes whose product is below 2^31, so that one division of a large number serves all of them. */
    private static final class Group {
        final int product;
        final int[] primes;

        Group(long product, List<Integer> primes) {
            this.product = (int) product;
            this.primes = primes.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    private static final List<Group> GROUPS = groups();

    private final int bits;
    private final SecureRandom random;
    private final AtomicReference<@Nullable BigInteger> found = new AtomicReference<>();

    private PrimeSearch(int bits, SecureRandom random) {
        this.bits = bits;
        this.random = random;
    }

    /** Finds a prime; the second thread is of the common pool, and when none is free the caller's finds it alone. */
    static BigInteger find(int bits, SecureRandom random) {
        PrimeSearch search = new PrimeSearch(bits, random);
        ForkJoinTask<?> other = ForkJoinPool.commonPool().submit(search::run);
        try {
            return search.run();
        } finally {
            // One that runs sees at its next candidate that it is over; one that does not must not begin.
            other.cancel(false);
        }
    }

    private BigInteger run() {
        while (true) {
            BigInteger start = start();
            int length = WINDOW * bits;
            BitSet composite = multiplesOfSmallPrimes(start, length);
            for (int i = composite.nextClearBit(0); i < length; i = composite.nextClearBit(i + 1)) {
                BigInteger known = found.get();
                if (known != null) {
                    return known;
                }
                BigInteger candidate = start.add(BigInteger.valueOf(2L * i));
                if (candidate.bitLength() == bits && isPrime(candidate)) {
                    return found.compareAndSet(null, candidate) ? candidate : Objects.requireNonNull(found.get());
                }
            }
        }
    }

    private boolean isPrime(BigInteger candidate) {
        return candidate.isProbablePrime(CERTAINTY) && Primes.isMRProbablePrime(candidate, random, MORE_ROUNDS);
    }

    /** Draws an odd number from [2^(bits - 1/2), 2^bits). */
    private BigInteger start() {
        while (true) {
            BigInteger drawn = new BigInteger(bits, random).setBit(0);
            // Squared, so that no root of two is needed. The product of two such numbers has all its bits.
            if (drawn.multiply(drawn).bitLength() == 2 * bits) {
                return drawn;
            }
        }
    }

    /** Marks each i, below a length, where start + 2i is a multiple of a small prime. */
    static BitSet multiplesOfSmallPrimes(BigInteger start, int length) {
        BitSet composite = new BitSet(length);
        int[] words = words(start);
        for (Group group : GROUPS) {
            int remainder = remainder(words, group.product);
            for (int prime : group.primes) {
                int missing = (prime - remainder % prime) % prime;
                // Only even distances count, and the prime is odd.
                for (int i = (missing % 2 == 0 ? missing : missing + prime) / 2; i < length; i += prime) {
                    composite.set(i);
                }
            }
        }
        Arrays.fill(words, 0);
        return composite;
    }

    private static int[] words(BigInteger number) {
        int[] words = new int[(number.bitLength() + 31) / 32];
        byte[] bytes = number.toByteArray();
        for (int i = 0; i < bytes.length; i++) {
            int fromTheEnd = bytes.length - 1 - i;
            if (fromTheEnd / 4 < words.length) {
                words[words.length - 1 - fromTheEnd / 4] |= (bytes[i] & 0xff) << (fromTheEnd % 4 * 8);
            }
        }
        Arrays.fill(bytes, (byte) 0);
        return words;
    }

    private static int remainder(int[] words, int divisor) {
        long remainder = 0;
        for (int word : words) {
            remainder = ((remainder << 32) | (word & 0xffffffffL)) % divisor;
        }
        return (int) remainder;
    }

    private static List<Group> groups() {
        BitSet composite = new BitSet(SMALL);
        List<Group> groups = new ArrayList<>();
        List<Integer> primes = new ArrayList<>();
        long product = 1;
        for (int prime = 3; prime < SMALL; prime += 2) {
            if (composite.get(prime)) {
                continue;
            }
            for (int multiple = 3 * prime; multiple < SMALL; multiple += 2 * prime) {
                composite.set(multiple);
            }
            if (product * prime > Integer.MAX_VALUE) {
                groups.add(new Group(product, primes));
                primes.clear();
                product = 1;
            }
            primes.add(prime);
            product *= prime;
        }
        groups.add(new Group(product, primes));
        return List.copyOf(groups);
    }
}
