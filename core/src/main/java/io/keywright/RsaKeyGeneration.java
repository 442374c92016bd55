package io.keywright;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.util.BigIntegers;

/**
 * Generates RSA keys. Searching for the primes is nearly all of the work, and {@link PrimeSearch} does that with two threads
 * where the JDK uses one. What the two primes have to fulfil together is FIPS 186-5, appendix A.1.3.
 */
final class RsaKeyGeneration {
    static final BigInteger EXPONENT = BigInteger.valueOf(65537);
    /** FIPS 186-5, A.1.3, step 5.4: primes that are closer than this are found by Fermat's method. */
    private static final int CLOSE_BITS = 100;

    private RsaKeyGeneration() {}

    /** Generates a pair with a modulus of exactly so many bits. */
    static SshKeyPair generate(int bits, SecureRandom random) {
        while (true) {
            BigInteger one = prime(bits / 2, random);
            BigInteger two = prime(bits - bits / 2, random);
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

    /** A prime p such that p - 1 and the exponent have no common factor. */
    private static BigInteger prime(int bits, SecureRandom random) {
        while (true) {
            BigInteger prime = PrimeSearch.find(bits, random);
            // The exponent is prime itself.
            if (prime.mod(EXPONENT).compareTo(BigInteger.ONE) != 0) {
                return prime;
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
