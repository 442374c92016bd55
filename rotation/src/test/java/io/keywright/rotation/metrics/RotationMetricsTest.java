package io.keywright.rotation.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.schedule.ScheduleListener;
import io.keywright.rotation.schedule.ScheduledTask;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RotationMetricsTest {
    private static final Instant T = Instant.parse("2026-01-05T08:00:00Z");
    private static final DeviceFailure DOWN = new DeviceFailure(DeviceFailure.Kind.UNREACHABLE, true, "down");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RotationMetrics metrics = new RotationMetrics();

    RotationMetricsTest() {
        metrics.bindTo(registry);
    }

    private double count(String name, String... tags) {
        return registry.get("keywright." + name).tags(tags).counter().count();
    }

    private static RotationReport report(RotationReport.Outcome outcome, Instant reported) {
        return new RotationReport(
                "web",
                "000001",
                outcome,
                Optional.empty(),
                "SHA256:old",
                Optional.empty(),
                T,
                reported,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of());
    }

    private static void rotate(Consumer<RotationEvent> observer) {
        observer.accept(new RotationEvent.Begun(T, "000001", "web", 2, false));
        observer.accept(new RotationEvent.Staged(T, 2, "SHA256:new"));
        observer.accept(new RotationEvent.PhaseBegun(T, Phase.EXPAND, 2));
        observer.accept(new RotationEvent.DeviceFailed(T, Phase.EXPAND, "web-1", DOWN, 1, Duration.ofSeconds(1)));
        observer.accept(new RotationEvent.DeviceFailed(T, Phase.EXPAND, "web-1", DOWN, 2, Duration.ZERO));
        observer.accept(new RotationEvent.DeviceDone(T.plusSeconds(5), Phase.EXPAND, "web-2", 1, 2));
        observer.accept(new RotationEvent.Promoted(T.plusSeconds(6), 2));
        observer.accept(new RotationEvent.Destroyed(T.plusSeconds(7), 1));
    }

    @Nested
    class Observer {
        @Test
        void accept_rotation_isCountedAndTimed() {
            rotate(metrics.observer());
            assertThat(count("rotation.begun", "resumed", "false")).isEqualTo(1);
            assertThat(count("rotation.keys.staged")).isEqualTo(1);
            assertThat(count("rotation.promoted")).isEqualTo(1);
            assertThat(count("rotation.keys.destroyed")).isEqualTo(1);
            assertThat(count("rotation.devices.done", "phase", "expand")).isEqualTo(1);
            assertThat(count("rotation.devices.failed", "kind", "unreachable", "retried", "true"))
                    .isEqualTo(1);
            assertThat(count("rotation.devices.failed", "kind", "unreachable", "retried", "false"))
                    .isEqualTo(1);
            assertThat(registry.get("keywright.rotation.phase")
                            .tag("phase", "expand")
                            .timer()
                            .totalTime(TimeUnit.SECONDS))
                    .isCloseTo(6, within(0.001));
        }

        @Test
        void accept_rotationTakenBack_isCounted() {
            metrics.observer().accept(new RotationEvent.Aborting(T, "web-1 is down"));
            assertThat(count("rotation.aborted")).isEqualTo(1);
        }

        @Test
        void bindTo_secondRegistry_countsInBoth() {
            SimpleMeterRegistry second = new SimpleMeterRegistry();
            metrics.bindTo(second);
            rotate(metrics.observer());
            assertThat(count("rotation.promoted")).isEqualTo(1);
            assertThat(second.get("keywright.rotation.promoted").counter().count())
                    .isEqualTo(1);
        }
    }

    @Nested
    class Age {
        private final AtomicReference<Optional<CredentialState>> stored = new AtomicReference<>(Optional.empty());
        private Instant now = T;

        /** A store that is only asked what it has. */
        private final CredentialStore store = (CredentialStore) Proxy.newProxyInstance(
                CredentialStore.class.getClassLoader(),
                new Class<?>[] {CredentialStore.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("find") && arguments[0].equals("web")) {
                        return stored.get();
                    }
                    throw new UnsupportedOperationException(method.getName());
                });

        private final Clock clock = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        };

        private void store(KeyVersion.Label label, Instant changed) {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                KeyVersion version =
                        new KeyVersion(1, label, pair.publicKey(), T.minusSeconds(999), changed, Optional.empty());
                stored.set(Optional.of(new CredentialState("web", 1, List.of(version), Map.of(), false)));
            }
        }

        private double shown() {
            return registry.get("keywright.credential.key.age")
                    .tag("credential", "web")
                    .timeGauge()
                    .value(TimeUnit.SECONDS);
        }

        @Test
        void showAge_time_isThatSinceTheKeyBecameCurrentWheneverItIsAsked() {
            store(KeyVersion.Label.CURRENT, T.minusSeconds(90));
            metrics.showAge(store, "web", clock);
            assertThat(shown()).isCloseTo(90, within(0.001));
            now = T.plusMillis(1_500);
            assertThat(shown()).isCloseTo(91.5, within(0.001));
        }

        @Test
        void showAge_keyWasRotated_beginsAgain() {
            store(KeyVersion.Label.CURRENT, T.minusSeconds(90));
            metrics.showAge(store, "web", clock);
            store(KeyVersion.Label.CURRENT, T);
            assertThat(shown()).isZero();
        }

        @Test
        void showAge_noCurrentKey_isNoNumber() {
            metrics.showAge(store, "web", clock);
            assertThat(shown()).isNaN();
            store(KeyVersion.Label.PENDING, T);
            assertThat(shown()).isNaN();
        }

        @Test
        void showAge_secondRegistry_showsItToo() {
            SimpleMeterRegistry second = new SimpleMeterRegistry();
            metrics.bindTo(second);
            store(KeyVersion.Label.CURRENT, T.minusSeconds(7));
            metrics.showAge(store, "web", clock);
            assertThat(second.get("keywright.credential.key.age").timeGauge().value(TimeUnit.SECONDS))
                    .isCloseTo(7, within(0.001));
        }
    }

    @Nested
    class Listener {
        private final ScheduleListener listener = metrics.listener();
        private final ScheduledTask task = new ScheduledTask("web", ScheduledTask.Action.ROTATE, T, T);

        @Test
        void done_task_isRecorded() {
            listener.begun(task);
            listener.happened(task, new RotationEvent.PhaseBegun(T, Phase.CONTRACT, 1));
            listener.done(task, report(RotationReport.Outcome.SETTLING, T.plusSeconds(3)));
            assertThat(count("schedule.tasks", "action", "rotate", "result", "done"))
                    .isEqualTo(1);
            assertThat(count("rotation.outcomes", "outcome", "settling")).isEqualTo(1);
            assertThat(registry.get("keywright.rotation.phase").timer().totalTime(TimeUnit.SECONDS))
                    .isCloseTo(3, within(0.001));
        }

        @Test
        void failed_task_isCounted() {
            listener.begun(task);
            listener.failed(task, new IllegalStateException("no"), T);
            assertThat(count("schedule.tasks", "action", "rotate", "result", "failed"))
                    .isEqualTo(1);
        }
    }
}
