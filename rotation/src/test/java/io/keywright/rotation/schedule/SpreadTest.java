package io.keywright.rotation.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SpreadTest {
    private static final long SEED = 71;
    private static final Duration DAY = Duration.ofDays(1);

    @Nested
    class Of {
        /** Schedules would move if it gave other places from one release to the next: the values are those of the first. */
        @Test
        void of_sameNameAndSeed_isTheSamePlaceForEver() {
            assertThat(Spread.of("deploy-prod", 1, DAY)).isEqualTo(Duration.ofMillis(70_486_241));
            assertThat(Spread.of("deploy-prod", 2, DAY)).isEqualTo(Duration.ofMillis(8_103_115));
            assertThat(Spread.of("deploy-test", 1, DAY)).isEqualTo(Duration.ofMillis(35_126_806));
            assertThat(Spread.of("", -7, Duration.ofDays(100_000_000)))
                    .isEqualTo(Duration.ofMillis(3_648_967_638_909_816L));
        }

        @Test
        void of_noStretch_isNothing() {
            assertThat(Spread.of("deploy-prod", 1, Duration.ZERO)).isZero();
        }

        @Test
        void of_longestStretch_staysWithin() {
            Random random = new Random(SEED);
            for (int i = 0; i < 10_000; i++) {
                Duration stretch = Duration.ofMillis(random.nextLong() >>> (1 + random.nextInt(62)));
                assertThat(Spread.of("web-" + i, SEED, stretch))
                        .as("seed %d, %s", SEED, stretch)
                        .isBetween(Duration.ZERO, stretch);
            }
        }
    }
}
