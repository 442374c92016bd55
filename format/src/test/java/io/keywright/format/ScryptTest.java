package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.generators.SCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** scrypt against the RFC's vectors and Bouncy Castle's, which has no hook for interruptions. */
class ScryptTest {
    /** RFC 7914, section 12; not the first, whose passphrase is empty. */
    @ParameterizedTest
    @CsvSource({
        "password, NaCl, 1024, 8, 16, fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        "pleaseletmein, SodiumChloride, 16384, 8, 1, 7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    })
    void derive_vectorOfTheRfc_isEqual(String passphrase, String salt, int n, int r, int p, String expected) {
        byte[] key = Scrypt.derive(
                passphrase.getBytes(StandardCharsets.US_ASCII), salt.getBytes(StandardCharsets.US_ASCII), n, r, p, 64);
        assertThat(HexFormat.of().formatHex(key)).isEqualTo(expected);
    }

    @Test
    void derive_anyParameters_equalsBouncyCastle() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            byte[] passphrase = new byte[1 + random.nextInt(80)];
            byte[] salt = new byte[random.nextInt(40)];
            random.nextBytes(passphrase);
            random.nextBytes(salt);
            int cost = 2 << random.nextInt(9);
            int blockSize = 1 + random.nextInt(12);
            int parallelism = 1 + random.nextInt(4);
            int bytes = 1 + random.nextInt(100);
            assertThat(Scrypt.derive(passphrase, salt, cost, blockSize, parallelism, bytes))
                    .as("seed %d, N %d, r %d, p %d", seed, cost, blockSize, parallelism)
                    .isEqualTo(SCrypt.generate(passphrase, salt, cost, blockSize, parallelism, bytes));
        }
    }
}
