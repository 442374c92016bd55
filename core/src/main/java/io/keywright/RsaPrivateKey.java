package io.keywright;

import java.math.BigInteger;
import java.util.Objects;

/**
 * The private numbers of an RSA key (RFC 8017, section 3.2), each as unsigned big-endian bytes.
 *
 * <p>As everywhere in SSH, the coefficient is {@code iqmp = q^-1 mod p}.
 */
public final class RsaPrivateKey extends SshPrivateKey {
    private final SecretBytes exponent;
    private final SecretBytes primeP;
    private final SecretBytes primeQ;
    private final SecretBytes coefficient;

    private RsaPrivateKey(SecretBytes exponent, SecretBytes primeP, SecretBytes primeQ, SecretBytes coefficient) {
        this.exponent = Objects.requireNonNull(exponent, "exponent");
        this.primeP = Objects.requireNonNull(primeP, "primeP");
        this.primeQ = Objects.requireNonNull(primeQ, "primeQ");
        this.coefficient = Objects.requireNonNull(coefficient, "coefficient");
    }

    /**
     * Makes a private half of its numbers and takes them over. They are checked against the public half by {@link
     * SshKeyPair#of(SshPublicKey, SshPrivateKey)}.
     *
     * @param exponent d
     * @param primeP p
     * @param primeQ q
     * @param coefficient q^-1 mod p
     * @return the private half
     */
    public static RsaPrivateKey takeOver(
            SecretBytes exponent, SecretBytes primeP, SecretBytes primeQ, SecretBytes coefficient) {
        return new RsaPrivateKey(exponent, primeP, primeQ, coefficient);
    }

    /**
     * Lends the private exponent.
     *
     * @return d
     */
    public SecretBytes exponent() {
        return exponent;
    }

    /**
     * Lends the first prime.
     *
     * @return p
     */
    public SecretBytes primeP() {
        return primeP;
    }

    /**
     * Lends the second prime.
     *
     * @return q
     */
    public SecretBytes primeQ() {
        return primeQ;
    }

    /**
     * Lends the coefficient.
     *
     * @return q^-1 mod p
     */
    public SecretBytes coefficient() {
        return coefficient;
    }

    /**
     * The primes multiply to the modulus, the exponents are inverse modulo p-1 and q-1, and the coefficient is the inverse
     * of q. That p and q are prime is not tested: it takes milliseconds a key, and a file that lies about it hurts nobody
     * but its owner.
     */
    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof RsaPublicKey rsa)) {
            throw mismatch("key type");
        }
        BigInteger p = number(primeP);
        BigInteger q = number(primeQ);
        // The lengths first: nobody needs to multiply numbers that are too long to be right.
        if (p.compareTo(BigInteger.ONE) <= 0
                || q.compareTo(BigInteger.ONE) <= 0
                || (long) p.bitLength() + q.bitLength() > rsa.bits() + 1L
                || !p.multiply(q).equals(rsa.modulus())) {
            throw mismatch("RSA primes and modulus");
        }
        BigInteger d = number(exponent);
        if (d.signum() <= 0 || d.compareTo(rsa.modulus()) >= 0) {
            throw mismatch("RSA private exponent and modulus");
        }
        BigInteger ed = d.multiply(rsa.exponent());
        for (BigInteger prime : new BigInteger[] {p, q}) {
            BigInteger phi = prime.subtract(BigInteger.ONE);
            if (phi.signum() <= 0 || !ed.mod(phi).equals(BigInteger.ONE.mod(phi))) {
                throw mismatch("RSA exponents");
            }
        }
        BigInteger iqmp = number(coefficient);
        if (iqmp.compareTo(p) >= 0 || !iqmp.multiply(q).mod(p).equals(BigInteger.ONE)) {
            throw mismatch("RSA coefficient and primes");
        }
    }

    @Override
    RsaPrivateKey copy() {
        return new RsaPrivateKey(exponent.copy(), primeP.copy(), primeQ.copy(), coefficient.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        return Signing.signRsa(JcaKeys.toPrivateKey(publicKey, this, null), algorithm, message);
    }

    @Override
    void wipe() {
        exponent.close();
        primeP.close();
        primeQ.close();
        coefficient.close();
    }

    static BigInteger number(SecretBytes secret) {
        return secret.use(bytes -> new BigInteger(1, bytes));
    }
}
