package io.keywright.format;

import io.keywright.RsaPrivateKey;
import java.math.BigInteger;

/**
 * An RSA key's primes in the order in which PuTTY holds them whatever it reads, so that its own files and ours are equal.
 * Secret, like everything that is computed with: nothing can wipe a BigInteger.
 *
 * @param p the larger prime
 * @param q the smaller prime
 * @param coefficient q^-1 mod p
 */
record RsaPrimes(BigInteger p, BigInteger q, BigInteger coefficient) {
    static RsaPrimes largerFirst(RsaPrivateKey key) {
        BigInteger first = Asn1PrivateKeys.number(key.primeP());
        BigInteger second = Asn1PrivateKeys.number(key.primeQ());
        BigInteger p = first.max(second);
        BigInteger q = first.min(second);
        return new RsaPrimes(p, q, q.modInverse(p));
    }

    /** Says nothing. */
    @Override
    public String toString() {
        return "RsaPrimes[redacted]";
    }
}
