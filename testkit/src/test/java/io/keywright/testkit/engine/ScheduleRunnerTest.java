package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.schedule.MaintenanceWindow;
import io.keywright.rotation.schedule.Schedule;
import io.keywright.rotation.schedule.ScheduleListener;
import io.keywright.rotation.schedule.SchedulePolicy;
import io.keywright.rotation.schedule.ScheduleRunner;
import io.keywright.rotation.schedule.ScheduledCredential;
import io.keywright.rotation.schedule.ScheduledTask;
import io.keywright.rotation.schedule.ScheduledTask.Action;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.rotation.ManualScheduler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schedule's runner on an in-memory fleet, with a clock that only the test moves. */
@Tag("once")
class ScheduleRunnerTest {
    private static final long SEED = 71;
    private static final RotationPolicy AUTOMATIC = RotationPolicy.DEFAULT.withAutomatic(true);

    private final World world = new World(SEED, 3);
    private final ManualScheduler scheduler = new ManualScheduler(world.fleet.clock());
    private final Diary diary = new Diary();

    /** Writes down what happens. */
    private final class Diary implements ScheduleListener {
        private final List<ScheduledTask> begun = new ArrayList<>();
        private final List<Instant> begunAt = new ArrayList<>();
        private final List<Integer> waiting = new ArrayList<>();
        private final List<RotationEvent> happened = new ArrayList<>();
        private final List<RotationReport> done = new ArrayList<>();
        private final List<RuntimeException> failed = new ArrayList<>();
        private final List<Duration> retries = new ArrayList<>();

        @Override
        public void begun(ScheduledTask task) {
            begun.add(task);
            begunAt.add(world.fleet.clock().instant());
            waiting.add(scheduler.waiting());
        }

        @Override
        public void happened(ScheduledTask task, RotationEvent event) {
            happened.add(event);
        }

        @Override
        public void done(ScheduledTask task, RotationReport report) {
            done.add(report);
        }

        @Override
        public void failed(ScheduledTask task, RuntimeException cause, Instant retryAt) {
            failed.add(cause);
            retries.add(Duration.between(world.fleet.clock().instant(), retryAt));
        }

        private List<Action> actions() {
            return begun.stream().map(ScheduledTask::action).toList();
        }
    }

    private Credential automatic() {
        return world.credential().withPolicy(AUTOMATIC);
    }

    private ScheduleRunner.Builder runner(RotationEngine engine, Credential... credentials) {
        List<ScheduledCredential> scheduled = List.of(credentials).stream()
                .map(credential -> new ScheduledCredential(credential, SchedulePolicy.DEFAULT))
                .toList();
        return ScheduleRunner.builder(engine, scheduler, scheduled)
                .clock(world.fleet.clock())
                .schedule(new Schedule(SEED))
                .listener(diary);
    }

    private List<KeyVersion.Label> labels() {
        return world.state().versions().stream().map(KeyVersion::label).toList();
    }

    @Nested
    class Run {
        @Test
        void run_untilTheIntervalIsOver_changesNothing() {
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().minusMinutes(1));
                assertThat(diary.begun).isEmpty();
                world.assertUntouched("web-1");
            }
        }

        @Test
        void run_pastTheInterval_rotatesThenProvesThenDestroys() {
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusMinutes(1));
                assertThat(diary.actions()).containsExactly(Action.ROTATE);
                assertThat(diary.happened).hasAtLeastOneElementOfType(RotationEvent.Promoted.class);
                assertThat(diary.done)
                        .extracting(RotationReport::outcome)
                        .containsExactly(RotationReport.Outcome.SETTLING);
                assertThat(labels()).containsExactly(KeyVersion.Label.PREVIOUS, KeyVersion.Label.CURRENT);
                scheduler.runFor(AUTOMATIC.settle().minusMinutes(2));
                assertThat(labels()).as("before the second proof").contains(KeyVersion.Label.PREVIOUS);
                scheduler.runFor(Duration.ofMinutes(5));
                assertThat(diary.actions()).containsExactly(Action.ROTATE, Action.PROVE);
                assertThat(labels()).containsExactly(KeyVersion.Label.DESTROYED, KeyVersion.Label.CURRENT);
                world.assertRotated("web-1");
            }
        }

        @Test
        void run_rotationThatADeadProcessLeft_isFinished() {
            World calm = new World(SEED, 3);
            calm.rotate(calm.credential());
            world.fleet.faults().step(calm.fleet.stepCount() / 2).inject(Fault.crashBefore());
            assertThatThrownBy(() -> world.rotate(automatic()))
                    .as("the process dies")
                    .isNotNull();
            world.bury();
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner =
                            runner(engine, automatic()).spread(Duration.ZERO).build()) {
                runner.start();
                scheduler.runFor(Duration.ofDays(2));
                assertThat(diary.actions()).containsExactly(Action.FINISH, Action.PROVE);
            }
            world.assertRotated("web-2");
        }

        @Test
        void run_closed_beginsNothing() {
            try (RotationEngine engine = world.engine()) {
                ScheduleRunner runner = runner(engine, automatic()).build();
                runner.start();
                runner.close();
                scheduler.runFor(AUTOMATIC.interval().multipliedBy(2));
            }
            assertThat(diary.begun).isEmpty();
            assertThat(scheduler.waiting()).isZero();
        }

        @Test
        void run_window_isWaitedFor() {
            SchedulePolicy sundays = new SchedulePolicy(
                    Duration.ZERO,
                    Optional.empty(),
                    List.of(MaintenanceWindow.parse("sun 03:00-04:00 Europe/Berlin")),
                    Duration.ofMinutes(15));
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = ScheduleRunner.builder(
                                    engine, scheduler, List.of(new ScheduledCredential(automatic(), sundays)))
                            .clock(world.fleet.clock())
                            .listener(diary)
                            .build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusDays(8));
            }
            // due on Sunday 5 April at 08:00 UTC
            assertThat(diary.begunAt.get(0)).isEqualTo(Instant.parse("2026-04-12T01:00:00Z"));
        }

        @Test
        void build_credentialTwice_isRefused() {
            try (RotationEngine engine = world.engine()) {
                ScheduleRunner.Builder twice = runner(engine, automatic(), automatic());
                assertThatThrownBy(twice::build).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Nested
    class Trouble {
        @Test
        void run_clockWasFarAheadAndIsSetRight_doesNotWaitUntilItShowsThatTimeAgain() {
            boolean[] ahead = {true};
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic())
                            .clock(new SkewedClock(ahead))
                            .build()) {
                runner.start();
                scheduler.runFor(Duration.ofMinutes(1));
                ahead[0] = false;
                scheduler.runFor(AUTOMATIC.interval().plusHours(2));
                assertThat(diary.actions()).containsExactly(Action.ROTATE);
            }
        }

        @Test
        void run_listenerEndsWithAnError_theTaskIsTriedAgain() {
            boolean[] broken = {true};
            ScheduleListener listener = new ScheduleListener() {
                @Override
                public void begun(ScheduledTask task) {
                    if (broken[0]) {
                        broken[0] = false;
                        throw new AssertionError("a listener's own");
                    }
                    diary.begun(task);
                }
            };
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner =
                            runner(engine, automatic()).listener(listener).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusHours(1));
                assertThat(broken[0]).isFalse();
                assertThat(diary.actions()).containsExactly(Action.ROTATE);
            }
        }

        /** Years ahead, until it is set right. */
        private final class SkewedClock extends Clock {
            private final boolean[] ahead;

            SkewedClock(boolean[] ahead) {
                this.ahead = ahead;
            }

            @Override
            public Instant instant() {
                Instant truth = world.fleet.clock().instant();
                return ahead[0] ? truth.plus(Duration.ofDays(3000)) : truth;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("nobody asks for it");
            }
        }
    }

    @Nested
    class DeadDevice {
        @Test
        void run_oneQuarantinedDeviceNeverComesBack_theOthersGetTheirNextKeyInTime() {
            world.fleet.device("web-1").goDown();
            Credential quarantining =
                    world.credential().withPolicy(AUTOMATIC.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, quarantining).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().multipliedBy(3).plusDays(4));
                assertThat(diary.actions().stream().filter(Action.ROTATE::equals))
                        .hasSize(3);
                world.fleet.device("web-1").comeUp();
                scheduler.runFor(Duration.ofDays(3));
            }
            world.assertRotated("web-1");
            world.assertRotated("web-2");
        }
    }

    @Nested
    class Failures {
        @Test
        void run_deviceDown_isTriedAgainLaterAndLater() {
            world.fleet.device("web-1").goDown();
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusHours(2));
                assertThat(diary.retries).hasSizeBetween(3, 5);
                assertThat(diary.retries.subList(0, 3))
                        .containsExactly(Duration.ofMinutes(15), Duration.ofMinutes(30), Duration.ofHours(1));
                world.assertUntouched("web-2");
                world.fleet.device("web-1").comeUp();
                scheduler.runFor(Duration.ofDays(2));
            }
            world.assertRotated("web-1");
            assertThat(labels()).containsExactly(KeyVersion.Label.DESTROYED, KeyVersion.Label.CURRENT);
        }

        @Test
        void run_deviceDownAtTheSecondProof_destroysNothingUntilItIsUp() {
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusHours(1));
                world.fleet.device("web-3").goDown();
                scheduler.runFor(Duration.ofDays(3));
                assertThat(labels()).contains(KeyVersion.Label.PREVIOUS);
                assertThat(diary.begun).as("backs off").hasSizeBetween(5, 12);
                world.fleet.device("web-3").comeUp();
                scheduler.runFor(Duration.ofDays(2));
            }
            assertThat(labels()).containsExactly(KeyVersion.Label.DESTROYED, KeyVersion.Label.CURRENT);
        }

        @Test
        void run_somebodyElseAtIt_comesBackAMinuteLater() {
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                try (CredentialStore.Lease lease = world.store.lease(World.NAME)) {
                    scheduler.runFor(AUTOMATIC.interval().plusSeconds(90));
                    assertThat(lease.credential()).isEqualTo(World.NAME);
                }
                assertThat(diary.failed).hasSize(2).allMatch(CredentialBusyException.class::isInstance);
                assertThat(diary.retries).containsOnly(Duration.ofMinutes(1));
                scheduler.runFor(Duration.ofMinutes(5));
            }
            world.assertRotated("web-1");
        }

        @Test
        void run_listenerThatThrows_disturbsNobody() {
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic())
                            .listener(new ScheduleListener() {
                                @Override
                                public void begun(ScheduledTask task) {
                                    throw new IllegalStateException("the listener is broken");
                                }
                            })
                            .build()) {
                runner.start();
                scheduler.runFor(AUTOMATIC.interval().plusMinutes(1));
            }
            world.assertRotated("web-1");
        }
    }

    @Nested
    class CatchingUp {
        private static final int CREDENTIALS = 12;

        /** Credentials of their own accounts, each with one device. */
        private Credential[] many() {
            Credential[] many = new Credential[CREDENTIALS];
            for (int i = 0; i < CREDENTIALS; i++) {
                String name = "credential-" + i;
                String device = "db-" + i;
                try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                        CredentialStore.Lease lease = world.store.lease(name)) {
                    world.store.importKey(lease, pair);
                    world.fleet.addDevice(device).addAccount(World.USER).authorize(pair.publicKey());
                }
                Device added = Device.of(
                        device,
                        world.fleet.device(device).host(),
                        world.fleet.device(device).port());
                many[i] = Credential.of(name, World.USER, List.of(added)).withPolicy(AUTOMATIC);
            }
            return many;
        }

        @Test
        void run_monthsMissed_catchesUpSpreadAndFewAtOnce() {
            Credential[] many = many();
            world.fleet.clock().advance(AUTOMATIC.interval().plusDays(60));
            Instant start = world.fleet.clock().instant();
            Duration spread = Duration.ofHours(6);
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner =
                            runner(engine, many).atOnce(3).spread(spread).build()) {
                runner.start();
                scheduler.runFor(spread.plusMinutes(10));
            }
            assertThat(diary.begun).hasSize(CREDENTIALS);
            assertThat(diary.begunAt.get(CREDENTIALS - 1))
                    .isBefore(start.plus(spread).plusSeconds(60));
            assertThat(diary.begunAt.stream().distinct())
                    .as("moments, seed %d", SEED)
                    .hasSizeGreaterThan(8);
        }

        @Test
        void run_manyDueAtOnce_neverExceedsTheLimit() {
            Credential[] many = many();
            world.fleet.clock().advance(AUTOMATIC.interval());
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner =
                            runner(engine, many).atOnce(3).spread(Duration.ZERO).build()) {
                runner.start();
                scheduler.runFor(Duration.ofMinutes(30));
            }
            assertThat(diary.begun).hasSize(CREDENTIALS);
            // each runs to its end before the next: what waits are others that were begun, and no look while all are
            // busy
            assertThat(diary.waiting).allMatch(count -> count <= 3).contains(2);
        }
    }

    @Nested
    class Properties {
        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
        void run_devicesThatComeAndGo_nobodyIsLockedOutAndAllIsDoneInTheEnd(long seed) {
            Random random = new Random(seed);
            try (RotationEngine engine = world.engine();
                    ScheduleRunner runner = runner(engine, automatic()).build()) {
                runner.start();
                for (int i = 0; i < 60; i++) {
                    String device = "web-" + (1 + random.nextInt(3));
                    if (random.nextInt(3) == 0) {
                        world.fleet.device(device).goDown();
                    } else {
                        world.fleet.device(device).comeUp();
                    }
                    scheduler.runFor(Duration.ofHours(random.nextInt(24 * 8)));
                    world.assertNobodyIsLockedOut("seed " + seed + ", after " + i);
                }
                for (int i = 1; i <= 3; i++) {
                    world.fleet.device("web-" + i).comeUp();
                }
                scheduler.runFor(AUTOMATIC.interval().plusDays(4));
                Duration age = Duration.between(
                        world.state().current().orElseThrow().changed(),
                        world.fleet.clock().instant());
                assertThat(age)
                        .as("seed %d", seed)
                        .isLessThan(AUTOMATIC.interval().plusDays(2));
                assertThat(world.state().versions().size()).as("seed %d", seed).isGreaterThan(2);
            }
        }
    }
}
