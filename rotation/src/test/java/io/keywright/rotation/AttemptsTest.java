package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.transport.HostKeyVerdict;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private static final SshTarget TARGET = SshTarget.of(
            "web-1", 22, "deploy", (host, port, key) -> new HostKeyVerdict(HostKeyVerdict.Status.UNKNOWN, List.of()));

    private final List<Duration> pauses = new ArrayList<>();
    private final Attempts attempts = new Attempts(3, pauses::add, 42);

    private static TransportTimeoutException timeout() {
        return new TransportTimeoutException(TARGET, Phase.CONNECT, "no answer", null);
    }

    @Nested
    class Run {
        @Test
        void run_succeedsAtOnce_doesNotWait() {
            assertThat(attempts.run(() -> "yes", (f, a, r) -> {})).isEqualTo(new Attempts.Result<>("yes", 1));
            assertThat(pauses).isEmpty();
        }

        @Test
        void run_retryableFailure_waitsAndTriesAgain() {
            int[] calls = {0};
            List<String> heard = new ArrayList<>();
            Attempts.Result<String> result = attempts.run(
                    () -> {
                        if (++calls[0] < 3) {
                            throw timeout();
                        }
                        return "yes";
                    },
                    (failure, attempt, retryIn) -> heard.add(attempt + " " + failure.kind()));
            assertThat(result.attempts()).isEqualTo(3);
            assertThat(heard).containsExactly("1 TIMEOUT", "2 TIMEOUT");
            assertThat(pauses).containsExactly(Attempts.delay(1, 42), Attempts.delay(2, 42));
        }

        @Test
        void run_failsEveryTime_givesTheLastFailure() {
            assertThatThrownBy(() -> attempts.run(
                            () -> {
                                throw timeout();
                            },
                            (f, a, r) -> {}))
                    .isInstanceOfSatisfying(Attempts.StepFailedException.class, e -> {
                        assertThat(e.attempts()).isEqualTo(3);
                        assertThat(e.failure().kind()).isEqualTo(DeviceFailure.Kind.TIMEOUT);
                    });
            assertThat(pauses).hasSize(2);
        }

        @Test
        void run_failureThatDoesNotPass_isNotRepeated() {
            assertThatThrownBy(() -> attempts.run(
                            () -> {
                                throw new DeviceStepException(DeviceFailure.Kind.STILL_ACCEPTED, "alive", null);
                            },
                            (f, a, r) -> {}))
                    .isInstanceOfSatisfying(
                            Attempts.StepFailedException.class,
                            e -> assertThat(e.attempts()).isEqualTo(1));
        }

        @Test
        void run_troubleOfTheStore_isNotTheDevices() {
            assertThatThrownBy(() -> attempts.run(
                            () -> {
                                throw new LeaseLostException("overtaken", null);
                            },
                            (f, a, r) -> {}))
                    .isInstanceOf(LeaseLostException.class);
        }

        @Test
        void run_interrupted_stopsAndKeepsTheFlag() {
            assertThatThrownBy(() -> attempts.run(
                            () -> {
                                Thread.currentThread().interrupt();
                                throw timeout();
                            },
                            (f, a, r) -> {}))
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining("resumed");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Delay {
        @Test
        void delay_growsIsBoundedAndDependsOnTheSeedOnly() {
            for (long seed = -50; seed < 50; seed++) {
                for (int attempt = 1; attempt < 40; attempt++) {
                    long full = Math.min(30_000, 500L << Math.min(attempt - 1, 16));
                    assertThat(Attempts.delay(attempt, seed).toMillis())
                            .as("seed %d, attempt %d", seed, attempt)
                            .isBetween(full / 2, full);
                }
            }
            assertThat(Attempts.delay(3, 1)).isEqualTo(Attempts.delay(3, 1)).isNotEqualTo(Attempts.delay(3, 2));
        }
    }
}
