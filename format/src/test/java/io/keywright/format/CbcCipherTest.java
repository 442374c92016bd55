package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The padding of PKCS#7, whose every byte is checked; that the ciphers are the right ones, files of tools show. */
class CbcCipherTest {
    private static final CbcCipher CIPHER = CbcCipher.AES256;
    private static final byte[] KEY = new byte[CIPHER.keyBytes];
    private static final byte[] IV = new byte[CIPHER.blockBytes];

    /** Has two blocks decrypted that end with these bytes. */
    private static byte @Nullable [] decrypted(byte[] end) {
        byte[] padded = new byte[2 * CIPHER.blockBytes];
        System.arraycopy(end, 0, padded, padded.length - end.length, end.length);
        return CIPHER.decryptPadded(KEY, IV, CIPHER.process(true, KEY, IV, padded));
    }

    @Nested
    class DecryptPadded {
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 8, 15, 16})
        void decryptPadded_anyCount_isTakenAway(int count) {
            byte[] end = new byte[count];
            Arrays.fill(end, (byte) count);
            assertThat(decrypted(end)).isEqualTo(new byte[2 * CIPHER.blockBytes - count]);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 17, 32, 127, -128, -1})
        void decryptPadded_noSuchCount_isNull(int count) {
            byte[] end = new byte[2 * CIPHER.blockBytes];
            Arrays.fill(end, (byte) count);
            assertThat(decrypted(end)).isNull();
        }

        @Test
        void decryptPadded_oneByteOfItWrong_isNull() {
            for (int wrong = 0; wrong < 4; wrong++) {
                byte[] end = {5, 5, 5, 5, 5};
                end[wrong] = 4;
                assertThat(decrypted(end)).as("byte %d", wrong).isNull();
            }
        }
    }

    @Nested
    class EncryptPadded {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 15, 16, 17})
        void encryptPadded_anyLength_isDecryptedToTheSame(int length) {
            byte[] plain = new byte[length];
            Arrays.fill(plain, (byte) 0xa5);
            byte[] sealed = CIPHER.encryptPadded(KEY, IV, plain);
            assertThat(sealed).hasSize((length / 16 + 1) * 16);
            assertThat(CIPHER.decryptPadded(KEY, IV, sealed)).isEqualTo(plain);
        }
    }
}
