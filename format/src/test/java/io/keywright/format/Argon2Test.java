package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Argon2 against Bouncy Castle's, which has no hook for interruptions; puttygen's files tell the rest. */
class Argon2Test {
    private static byte[] bouncyCastle(
            Argon2Kind kind, byte[] passphrase, byte[] salt, int kib, int passes, int lanes, int bytes) {
        int type = switch (kind) {
            case ARGON2D -> Argon2Parameters.ARGON2_d;
            case ARGON2I -> Argon2Parameters.ARGON2_i;
            case ARGON2ID -> Argon2Parameters.ARGON2_id;
        };
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(type)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(kib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        byte[] output = new byte[bytes];
        generator.generateBytes(passphrase, output);
        return output;
    }

    /** The memory sizes make segments of 2 blocks, of an odd number, and of more than one address block. */
    @ParameterizedTest
    @EnumSource
    void derive_anyParameters_equalsBouncyCastle(Argon2Kind kind) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int[][] costs = {
            {8, 1, 1},
            {8, 3, 1},
            {9, 2, 1},
            {11, 1, 1},
            {15, 1, 1},
            {16, 1, 2},
            {17, 3, 2},
            {24, 2, 3},
            {128, 4, 16},
            {511, 2, 1},
            {512, 2, 1},
            {516, 1, 1},
            {1024, 2, 2},
            {1100, 3, 1},
            {2048, 1, 3},
            {4096, 2, 4}
        };
        for (int[] cost : costs) {
            byte[] passphrase = new byte[1 + random.nextInt(100)];
            byte[] salt = new byte[8 + random.nextInt(25)];
            random.nextBytes(passphrase);
            random.nextBytes(salt);
            int bytes = 4 + random.nextInt(200);
            assertThat(Argon2.derive(kind, passphrase, salt, cost[0], cost[1], cost[2], bytes))
                    .as("seed %d, %s, %d KiB, %d passes, %d lanes", seed, kind, cost[0], cost[1], cost[2])
                    .isEqualTo(bouncyCastle(kind, passphrase, salt, cost[0], cost[1], cost[2], bytes));
        }
    }

    @ParameterizedTest
    @EnumSource
    void derive_anyOutputLength_equalsBouncyCastle(Argon2Kind kind) {
        byte[] passphrase = "abc".getBytes(StandardCharsets.US_ASCII);
        byte[] salt = new byte[16];
        for (int bytes : new int[] {4, 31, 32, 33, 63, 64, 65, 80, 95, 96, 97, 127, 128, 129}) {
            assertThat(Argon2.derive(kind, passphrase, salt, 32, 1, 1, bytes))
                    .as("%s, %d bytes", kind, bytes)
                    .isEqualTo(bouncyCastle(kind, passphrase, salt, 32, 1, 1, bytes));
        }
    }

    @Test
    void derive_belowTheRfc_throws() {
        byte[] some = new byte[16];
        for (int[] cost : new int[][] {{7, 1, 1}, {8, 0, 1}, {8, 1, 0}, {15, 1, 2}}) {
            assertThatThrownBy(() -> Argon2.derive(Argon2Kind.ARGON2ID, some, some, cost[0], cost[1], cost[2], 32))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
