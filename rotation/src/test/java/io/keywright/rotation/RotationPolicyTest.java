package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.RotationPolicy.OnFailure;
import io.keywright.rotation.RotationPolicy.Order;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RotationPolicyTest {
    @Test
    void with_oneAfterAnother_changesThatComponentAndKeepsTheOthers() {
        RotationPolicy policy = RotationPolicy.DEFAULT
                .withDeadMan(Duration.ofHours(2))
                .withAttempts(5)
                .withSettle(Duration.ofMinutes(20))
                .withOverlap(Duration.ofDays(1))
                .withMaxFailures(7)
                .withOnFailure(OnFailure.QUARANTINE)
                .withOrder(Order.AS_LISTED)
                .withParallelism(4)
                .withWaveSize(50)
                .withCanary(2)
                .withAutomatic(true);
        assertThat(policy)
                .isEqualTo(new RotationPolicy(
                        true,
                        Duration.ofDays(90),
                        2,
                        50,
                        4,
                        Order.AS_LISTED,
                        OnFailure.QUARANTINE,
                        7,
                        Duration.ofDays(1),
                        Duration.ofMinutes(20),
                        5,
                        Optional.of(Duration.ofHours(2))));
    }
}
