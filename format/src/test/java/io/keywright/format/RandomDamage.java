package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;

/** A byte changed at random, and the end cut off at times: whatever that makes of a key, only our exceptions come of it. */
final class RandomDamage {
    private static final long SEED = 20_261_121;

    private RandomDamage() {}

    static void assertThrowsOnlyOurs(byte[] good, int times, Consumer<byte[]> reading) {
        Cases.leaveOutOfMutationRuns();
        Random random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < times; i++) {
            byte[] bad = Arrays.copyOf(good, i % 3 == 0 ? 1 + random.nextInt(good.length) : good.length);
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            try {
                reading.accept(bad);
            } catch (SshKeyException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + SEED + ", change " + i, e);
            }
        }
        assertThat(refused).as("seed %d", SEED).isPositive();
    }
}
