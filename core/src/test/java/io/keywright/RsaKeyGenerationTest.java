package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RsaKeyGenerationTest {
    @ParameterizedTest
    @ValueSource(ints = {2048, 2051, 2560})
    void generate_anySize_fulfilsFips186(int bits) {
        try (SshKeyPair pair = RsaKeyGeneration.generate(bits, new SecureRandom())) {
            RsaPublicKey publicKey = (RsaPublicKey) pair.publicKey();
            RsaPrivateKey privateKey = (RsaPrivateKey) pair.privateKey();
            BigInteger p = RsaPrivateKey.number(privateKey.primeP());
            BigInteger q = RsaPrivateKey.number(privateKey.primeQ());
            BigInteger d = RsaPrivateKey.number(privateKey.exponent());
            assertThat(publicKey.exponent()).isEqualTo(BigInteger.valueOf(65537));
            assertThat(publicKey.modulus().bitLength()).isEqualTo(bits);
            assertThat(p).isGreaterThan(q);
            assertThat(p.isProbablePrime(100)).isTrue();
            assertThat(q.isProbablePrime(100)).isTrue();
            for (BigInteger prime : new BigInteger[] {p, q}) {
                assertThat(prime.subtract(BigInteger.ONE).gcd(publicKey.exponent()))
                        .isEqualTo(BigInteger.ONE);
            }
            assertThat(p.subtract(q)).isGreaterThan(BigInteger.TWO.pow(bits / 2 - 100));
            assertThat(d).isGreaterThan(BigInteger.TWO.pow(bits / 2));
            // The least of the exponents that undo each other: modulo lcm(p - 1, q - 1), not their product.
            assertThat(d).isLessThan(publicKey.modulus().shiftRight(1));
        }
    }

    @Test
    void areApart_primesThatFermatWouldFind_areNot() {
        BigInteger p = BigInteger.TWO.pow(1023).add(BigInteger.ONE);
        assertThat(RsaKeyGeneration.areApart(p, p, 2048)).isFalse();
        assertThat(RsaKeyGeneration.areApart(p, p.add(BigInteger.TWO.pow(923)), 2048))
                .isFalse();
        assertThat(RsaKeyGeneration.areApart(p.add(BigInteger.TWO.pow(924)), p, 2048))
                .isTrue();
    }
}
