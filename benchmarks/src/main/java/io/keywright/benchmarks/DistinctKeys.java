package io.keywright.benchmarks;

import io.keywright.EcdsaCurve;
import io.keywright.RsaPublicKey;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Public keys that nobody has seen before, by turns Ed25519, ECDSA on P-256 and RSA of 3072 bits: what a file of many users
 * holds, and what shows which library does something with each key..
 */
public final class DistinctKeys {
    private static final int RSA_BITS = 3072;
    private static final int SMALL = 1000;
    private static final BigInteger SMALL_PRIMES = smallPrimes();

    private final Random random = new Random(1);
    private int made;

    /** Begins with the first key. */
    public DistinctKeys() {}

    /**
     * Makes the next key.
     *
     * @return a public key, whose private half is forgotten, or was never known
     */
    public SshPublicKey next() {
        made++;
        return switch (made % 3) {
            case 1 -> generated(SshKeyPairGenerator.ed25519());
            case 2 -> generated(SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256));
            default -> RsaPublicKey.of(BigInteger.valueOf(65537), modulus());
        };
    }

    private static SshPublicKey generated(SshKeyPairGenerator generator) {
        try (SshKeyPair pair = generator.generate()) {
            return pair.publicKey();
        }
    }

    /** What nobody can tell from the product of two primes in the time that reading takes: it has no small factors either. */
    private BigInteger modulus() {
        return withoutSmallFactors().multiply(withoutSmallFactors());
    }

    private BigInteger withoutSmallFactors() {
        while (true) {
            BigInteger drawn = new BigInteger(RSA_BITS / 2 - 2, random)
                    .setBit(0)
                    .add(BigInteger.valueOf(3).shiftLeft(RSA_BITS / 2 - 2));
            if (drawn.gcd(SMALL_PRIMES).equals(BigInteger.ONE)) {
                return drawn;
            }
        }
    }

    private static BigInteger smallPrimes() {
        BigInteger product = BigInteger.ONE;
        for (BigInteger prime = BigInteger.TWO; prime.intValue() < SMALL; prime = prime.nextProbablePrime()) {
            product = product.multiply(prime);
        }
        return product;
    }

    /**
     * Writes an authorized_keys file of the next keys, every third line with options.
     *
     * @param lines how many
     * @return the file, with a comment on each line
     */
    public byte[] file(int lines) {
        StringBuilder text = new StringBuilder(300 * lines);
        for (int i = 0; i < lines; i++) {
            text.append(i % 3 == 0 ? "no-pty,from=\"10.0.0.0/8\" " : "")
                    .append(next().withComment("user-" + i + "@example").toLine())
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
