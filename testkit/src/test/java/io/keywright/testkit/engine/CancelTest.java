package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywright.rotation.Cancellation;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.Resumption;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Taking a rotation back on demand, and resuming whatever there is to resume. */
class CancelTest {
    private static final long SEED = 41;

    private static Cancellation cancel(World world) {
        try (RotationEngine engine = world.engine()) {
            return engine.cancel(world.credential(), world.events::add);
        }
    }

    private static void crashAt(World world, String step) {
        world.fleet
                .faults()
                .onEvery()
                .matching(s -> s.detail().startsWith(step))
                .nth(1)
                .inject(Fault.crashBefore());
        assertThat(catchThrowable(() -> world.rotate(world.credential()))).isInstanceOf(SimulatedCrash.class);
        world.bury();
    }

    @Nested
    class Cancel {
        @Test
        void cancel_whileTheRotationRunsHere_isTakenBackAfterTheDeviceThatIsWorkedOn() {
            World world = new World(SEED, 4);
            List<Cancellation> answers = new ArrayList<>();
            RotationReport report;
            try (RotationEngine engine = world.engine()) {
                report = engine.rotate(engine.plan(world.credential()), event -> {
                    world.events.add(event);
                    if (event instanceof RotationEvent.DeviceDone && answers.isEmpty()) {
                        answers.add(engine.cancel(world.credential(), e -> {}));
                    }
                });
            }
            assertThat(answers).singleElement().isInstanceOf(Cancellation.Requested.class);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(report.reason()).contains("it was cancelled");
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(world.events)
                    .filteredOn(event -> event instanceof RotationEvent.DeviceDone done
                            && done.phase() == RotationEvent.Phase.EXPAND)
                    .hasSize(1);
        }

        @Test
        void cancel_afterTheLastDeviceAndBeforePromote_isStillTakenBack() {
            World world = new World(SEED, 2);
            RotationReport report;
            try (RotationEngine engine = world.engine()) {
                report = engine.rotate(engine.plan(world.credential()), event -> {
                    if (event instanceof RotationEvent.DeviceDone done && done.done() == 2) {
                        engine.cancel(world.credential(), e -> {});
                    }
                });
            }
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(world.current()).isEqualTo(world.oldKey);
        }

        @Test
        void cancel_onceTheNewKeyIsCurrent_saysThatOnlyForwardIsPossible() {
            World world = new World(SEED, 2);
            List<Cancellation> answers = new ArrayList<>();
            RotationReport report;
            try (RotationEngine engine = world.engine()) {
                report = engine.rotate(engine.plan(world.credential()), event -> {
                    if (event instanceof RotationEvent.Promoted) {
                        answers.add(engine.cancel(world.credential(), e -> {}));
                    }
                });
                answers.add(engine.cancel(world.credential(), e -> {}));
            }
            assertThat(report.isSuccess()).isTrue();
            assertThat(answers).hasSize(2).allMatch(answer -> answer instanceof Cancellation.TooLate);
            assertThat(answers.get(0).describe()).contains("only go forward");
        }

        @Test
        void cancel_aRotationWhoseProcessDied_isTakenBackHere() {
            World world = new World(SEED, 3);
            crashAt(world, "BEFORE promote");
            Cancellation cancellation = cancel(world);
            assertThat(cancellation)
                    .isInstanceOfSatisfying(
                            Cancellation.TakenBack.class,
                            taken -> assertThat(taken.report().outcome())
                                    .isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING));
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(world.state().version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.ROLLED_BACK);
        }

        @Test
        void cancel_theProcessDiedBetweenTheStoresStepAndItsEntry_isTooLateAndChangesNothing() {
            World world = new World(SEED, 3);
            crashAt(world, "AFTER promote");
            assertThat(cancel(world)).isInstanceOf(Cancellation.TooLate.class);
            world.bury();
            assertThat(world.state().version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.CURRENT);
            world.assertNobodyIsLockedOut("after a cancellation that came too late");
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
        }

        @Test
        void cancel_whileTheStorePromotes_isTooLate() {
            World world = new World(SEED, 2);
            List<Cancellation> answers = new ArrayList<>();
            RotationReport report;
            try (RotationEngine engine = world.engine()) {
                world.fleet
                        .faults()
                        .onEvery()
                        .matching(step -> step.detail().startsWith("BEFORE promote"))
                        .nth(1)
                        .inject(Fault.before(step -> answers.add(engine.cancel(world.credential(), event -> {}))));
                report = engine.rotate(engine.plan(world.credential()), world.events::add);
            }
            assertThat(answers).singleElement().isInstanceOf(Cancellation.TooLate.class);
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        }

        @Test
        void cancel_theProcessDiedBeforeThereWasANewKey_endsAtOnce() {
            World world = new World(SEED, 2);
            crashAt(world, "BEFORE stage");
            assertThat(cancel(world))
                    .isInstanceOfSatisfying(
                            Cancellation.TakenBack.class,
                            taken ->
                                    assertThat(taken.report().outcome()).isEqualTo(RotationReport.Outcome.ROLLED_BACK));
            world.bury();
            assertThat(world.state().versions()).hasSize(1);
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
        }

        @Test
        void cancel_neverRotatedOrFinished_isNothingToCancel() {
            World world = new World(SEED, 2);
            assertThat(cancel(world)).isInstanceOf(Cancellation.NothingToCancel.class);
            crashAt(world, "BEFORE promote");
            cancel(world);
            assertThat(cancel(world)).isInstanceOf(Cancellation.NothingToCancel.class);
        }
    }

    @Nested
    class ResumeAll {
        @Test
        void resumeAll_oneOfThemCannotBeResumed_theOthersAre() {
            World world = new World(SEED, 2);
            crashAt(world, "BEFORE promote");
            Credential never =
                    Credential.of("never", World.USER, world.credential().devices());
            Credential busy =
                    Credential.of("busy", World.USER, world.credential().devices());
            List<Resumption> all;
            try (CredentialStore.Lease lease = world.store.lease("busy");
                    RotationEngine engine = world.builder()
                            .credentials(() -> List.of(never, world.credential(), busy))
                            .build()) {
                lease.requireValid();
                all = engine.resumeAll(world.events::add);
            }
            assertThat(all).extracting(Resumption::credential).containsExactly("busy", World.NAME, "never");
            assertThat(all.get(0).failure().orElseThrow()).contains("busy");
            assertThat(all.get(1).report().orElseThrow().isSuccess()).isTrue();
            assertThat(all.get(2).report()).isEmpty();
            assertThat(all.get(2).failure()).isEmpty();
        }
    }
}
