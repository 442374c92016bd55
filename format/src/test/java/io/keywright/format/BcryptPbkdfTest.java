package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The KDF by itself; that it is the right one, the files of ssh-keygen tell. */
class BcryptPbkdfTest {
    private static final byte[] PASSPHRASE = "passphrase".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SALT = "salt".getBytes(StandardCharsets.US_ASCII);

    @Nested
    class Derive {
        /** One block at a time or both in step: two ways through the code to one result. */
        @Test
        void derive_twoBlocks_holdTheSingleBlock() {
            byte[] one = BcryptPbkdf.derive(PASSPHRASE, SALT, 4, 32);
            byte[] two = BcryptPbkdf.derive(PASSPHRASE, SALT, 4, 64);
            byte[] even = new byte[32];
            for (int i = 0; i < 32; i++) {
                even[i] = two[2 * i];
            }
            assertThat(even).isEqualTo(one);
        }

        @Test
        void derive_shortOutput_isNoPrefixOfALongOne() {
            byte[] one = BcryptPbkdf.derive(PASSPHRASE, SALT, 1, 32);
            byte[] two = BcryptPbkdf.derive(PASSPHRASE, SALT, 1, 48);
            assertThat(Arrays.copyOf(two, 32)).isNotEqualTo(one);
        }

        @ParameterizedTest
        @ValueSource(ints = {33, 40, 44, 48, 63})
        void derive_oddLengths_takeTheSameBytesOfEachBlock(int length) {
            byte[] all = BcryptPbkdf.derive(PASSPHRASE, SALT, 1, 64);
            assertThat(BcryptPbkdf.derive(PASSPHRASE, SALT, 1, length)).isEqualTo(Arrays.copyOf(all, length));
        }

        @Test
        void derive_interrupted_throwsAndStaysInterrupted() {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> BcryptPbkdf.derive(PASSPHRASE, SALT, 1_000_000, 48))
                        .isInstanceOf(KeyDerivationInterruptedException.class)
                        .hasMessageContaining("bcrypt");
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 65, Integer.MAX_VALUE})
        void derive_lengthOutOfRange_throws(int length) {
            assertThatThrownBy(() -> BcryptPbkdf.derive(PASSPHRASE, SALT, 1, length))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Tables {
        /** Machin: pi = 16 arctan(1/5) - 4 arctan(1/239). */
        @Test
        void digits_areThoseOfPi() {
            int bits = 32 * Blowfish.STATE_WORDS;
            int guard = 64;
            BigInteger one = BigInteger.ONE.shiftLeft(bits + guard);
            BigInteger pi = arctanOfInverse(5, one)
                    .multiply(BigInteger.valueOf(16))
                    .subtract(arctanOfInverse(239, one).multiply(BigInteger.valueOf(4)));
            BigInteger fraction =
                    pi.subtract(one.multiply(BigInteger.valueOf(3))).shiftRight(guard);
            assertThat(BlowfishPi.digits()).isEqualTo(fraction.toString(16));
        }

        private BigInteger arctanOfInverse(int x, BigInteger one) {
            BigInteger square = BigInteger.valueOf((long) x * x);
            BigInteger term = one.divide(BigInteger.valueOf(x));
            BigInteger sum = term;
            for (int n = 3; term.signum() != 0; n += 2) {
                term = term.divide(square);
                BigInteger part = term.divide(BigInteger.valueOf(n));
                sum = n % 4 == 3 ? sum.subtract(part) : sum.add(part);
            }
            return sum;
        }
    }
}
