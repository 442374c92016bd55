package io.keywright.rotation.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RocaTest {
    private static final long SEED = 20171015;
    private static final BigInteger GENERATOR = BigInteger.valueOf(65537);

    /** A prime as the library made them: the M of a key's size is the product of its first primes. */
    private static BigInteger prime(Random random, int bits, int primesInM) {
        BigInteger m = BigInteger.ONE;
        BigInteger next = BigInteger.TWO;
        for (int i = 0; i < primesInM; i++) {
            m = m.multiply(next);
            next = next.nextProbablePrime();
        }
        for (; ; ) {
            BigInteger k = new BigInteger(bits - m.bitLength(), random).setBit(bits - m.bitLength() - 1);
            BigInteger candidate = k.multiply(m).add(GENERATOR.modPow(new BigInteger(64, random), m));
            if (candidate.isProbablePrime(20)) {
                return candidate;
            }
        }
    }

    @Nested
    class IsVulnerable {
        @ParameterizedTest
        @CsvSource({"512, 39", "1024, 71", "2048, 126"})
        void isVulnerable_modulusOfTheLibrarysShape_isTrue(int bits, int primesInM) {
            Random random = new Random(SEED + bits);
            BigInteger modulus = prime(random, bits / 2, primesInM).multiply(prime(random, bits / 2, primesInM));
            assertThat(Roca.isVulnerable(modulus)).as("seed %d", SEED).isTrue();
        }

        @Test
        void isVulnerable_oneFactorOfTheShapeOnly_isFalse() {
            Random random = new Random(SEED);
            BigInteger modulus = prime(random, 512, 71).multiply(BigInteger.probablePrime(512, random));
            assertThat(Roca.isVulnerable(modulus)).as("seed %d", SEED).isFalse();
        }

        @Test
        void isVulnerable_thousandsOfOtherModuli_isFalse() {
            Random random = new Random(SEED);
            for (int i = 0; i < 20_000; i++) {
                BigInteger modulus = new BigInteger(2048, random).setBit(0);
                assertThat(Roca.isVulnerable(modulus)).as("seed %d", SEED).isFalse();
            }
        }
    }
}
