package io.keywright.rotation.audit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Recognises RSA moduli of the Infineon library (CVE-2017-15361; Nemec, Sys, Svenda, Klinec, Matyas: "The Return of
 * Coppersmith's Attack", CCS 2017, section 3.1).
 *
 * <p>Its primes are {@code k * M + (65537^a mod M)}, M the product of the first primes. So modulo each of these primes, the
 * modulus is a power of 65537; of other moduli about one in 2<sup>27</sup> is, for all of them together.
 */
final class Roca {
    /** The greatest prime in M for the shortest keys; longer keys have these too. */
    private static final int GREATEST = 167;

    private static final BigInteger GENERATOR = BigInteger.valueOf(65537);

    private record Subgroup(BigInteger prime, BitSet powers) {}

    private static final List<Subgroup> SUBGROUPS = subgroups();

    private Roca() {}

    static boolean isVulnerable(BigInteger modulus) {
        return SUBGROUPS.stream()
                .allMatch(group -> group.powers.get(modulus.mod(group.prime).intValue()));
    }

    private static List<Subgroup> subgroups() {
        List<Subgroup> groups = new ArrayList<>();
        BigInteger prime = BigInteger.TWO;
        while (prime.intValue() <= GREATEST) {
            BitSet powers = new BitSet();
            BigInteger power = BigInteger.ONE;
            while (!powers.get(power.intValue())) {
                powers.set(power.intValue());
                power = power.multiply(GENERATOR).mod(prime);
            }
            groups.add(new Subgroup(prime, powers));
            prime = prime.nextProbablePrime();
        }
        return groups;
    }
}
