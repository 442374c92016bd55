package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.keywright.LimitExceededException;
import java.math.BigInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A limit itself is allowed, and one more is not; what hostile files do with limits, the negative vectors show. */
class ReadLimitsTest {
    private static final ReadLimits LIMITS = ReadLimits.defaults()
            .withMaxFileBytes(10)
            .withMaxBcryptRounds(11)
            .withMaxPbkdf2Iterations(12)
            .withMaxArgon2MemoryKib(64)
            .withMaxArgon2WorkKib(128)
            .withMaxArgon2Parallelism(3)
            .withMaxScryptMemoryBytes(128 * 16 * 2);

    private static void scrypt(long cost, long blockSize, long parallelism) {
        LIMITS.requireScrypt(BigInteger.valueOf(cost), BigInteger.valueOf(blockSize), BigInteger.valueOf(parallelism));
    }

    private static void assertRefused(ThrowingCallable asked, long actual, long allowed) {
        assertThatExceptionOfType(LimitExceededException.class)
                .isThrownBy(asked)
                .matches(e -> e.actual() == actual && e.allowed() == allowed);
    }

    @Nested
    class Require {
        @Test
        void require_atTheLimit_passes() {
            assertThatNoException().isThrownBy(() -> {
                LIMITS.requireFileBytes(10);
                LIMITS.requireBcryptRounds(11);
                LIMITS.requireIterations("PBKDF2", 12);
                LIMITS.requireArgon2(64, 2, 3);
                scrypt(16, 2, 1);
                scrypt(16, 1, 16);
            });
        }

        @Test
        void require_aboveTheLimit_tellsBothNumbers() {
            assertRefused(() -> LIMITS.requireFileBytes(11), 11, 10);
            assertRefused(() -> LIMITS.requireBcryptRounds(12), 12, 11);
            assertRefused(() -> LIMITS.requireIterations("PBKDF2", 13), 13, 12);
            assertRefused(() -> LIMITS.requireArgon2(65, 1, 1), 65, 64);
            assertRefused(() -> LIMITS.requireArgon2(43, 3, 1), 129, 128);
            assertRefused(() -> LIMITS.requireArgon2(64, 2, 4), 4, 3);
            assertRefused(() -> scrypt(32, 2, 1), 128 * 64, 128 * 32);
            assertRefused(() -> scrypt(16, 1, 17), 17, 16);
        }

        /** A limit of the user's does not make the heap larger. */
        @Test
        void requireScrypt_moreThanHalfOfTheHeap_isRefusedWhateverTheLimit() {
            long half = Runtime.getRuntime().maxMemory() / 2;
            ReadLimits generous = ReadLimits.defaults().withMaxScryptMemoryBytes(Long.MAX_VALUE);
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> generous.requireScrypt(
                            BigInteger.valueOf(Long.highestOneBit(half) / 64), BigInteger.ONE, BigInteger.ONE))
                    .matches(e -> e.allowed() == half);
        }
    }
}
