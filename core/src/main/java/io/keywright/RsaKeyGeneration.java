package io.keywright;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import org.bouncycastle.util.BigIntegers;

/**
 * Generates RSA keys, both primes at once: searching for them is nearly all of the work, and the JDK searches for one after
 * the other. Each prime is found by {@link BigInteger#probablePrime}, the same search, with the same assurance of 2^-100, that
 * the JDK's own generator relies on; what the two have to fulfil together is FIPS 186-5, appendix A.1.3.
 */
final class RsaKeyGeneration {
    static final BigInteger EXPONENT = BigInteger.valueOf(65537);
    /** FIPS 186-5, A.1.3, step 5.4: primes that are closer than this are found by Fermat's method. */
    private static final int CLOSE_BITS = 100;

    private RsaKeyGeneration() {}

    /** Generates a pair with a modulus of exactly so many bits. */
    static SshKeyPair generate(int bits, SecureRandom random) {
        while (true) {
            // The caller's thread works on it as well when the pool is busy.
            ForkJoinTask<BigInteger> other = ForkJoinPool.commonPool().submit(() -> prime(bits - bits / 2, random));
            BigInteger one = prime(bits / 2, random);
            BigInteger two = other.join();
            if (areApart(one, two, bits)) {
                // The greater one first, as every other tool writes them.
                BigInteger p = one.max(two);
                BigInteger q = one.min(two);
                BigInteger modulus = p.multiply(q);
                BigInteger p1 = p.subtract(BigInteger.ONE);
                BigInteger q1 = q.subtract(BigInteger.ONE);
                BigInteger d = EXPONENT.modInverse(p1.divide(p1.gcd(q1)).multiply(q1));
                if (modulus.bitLength() == bits && d.bitLength() > bits / 2) {
                    return SshKeyPair.of(
                            RsaPublicKey.of(EXPONENT, modulus),
                            RsaPrivateKey.takeOver(secret(d), secret(p), secret(q), secret(q.modInverse(p))));
                }
            }
        }
    }

    /** A prime p of so many bits, at least 2^(bits - 1/2), such that p - 1 and the exponent have no common factor. */
    private static BigInteger prime(int bits, SecureRandom random) {
        while (true) {
            BigInteger candidate = BigInteger.probablePrime(bits, random);
            // Squared, so that no root of two is needed. The product of two such primes has all its bits.
            boolean large = candidate.multiply(candidate).bitLength() == 2 * bits;
            // The exponent is prime itself.
            if (large && candidate.mod(EXPONENT).compareTo(BigInteger.ONE) != 0) {
                return candidate;
            }
        }
    }

    static boolean areApart(BigInteger p, BigInteger q, int bits) {
        return p.subtract(q).abs().bitLength() > bits / 2 - CLOSE_BITS;
    }

    private static SecretBytes secret(BigInteger number) {
        return SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(number));
    }
}
