package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Cancellation;
import io.keywright.rotation.Credential;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.LeaseLostException;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoreException;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.FaultPlan;
import io.keywright.testkit.fleet.Verb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a process that was overtaken may have brought back, and what is asked before a private key is destroyed. */
class SecondProofTest {
    private static final long SEED = 71;

    /** Rotates several times without ever settling, so that many older versions are alive. */
    private static List<SshPublicKey> rotations(World world, int count) {
        List<SshPublicKey> older = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            older.add(world.current());
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
        }
        return older;
    }

    @Nested
    class Contract {
        @Test
        void rotate_manyOlderKeysAreBackInTheFile_allOfThemGoAndNoneIsAccepted() {
            World world = new World(SEED, 2);
            List<SshPublicKey> older = rotations(world, 5);
            older.forEach(key -> world.account("web-1").authorize(key));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            older.forEach(key -> assertThat(world.account("web-1").admits(key)).isFalse());
        }
    }

    @Nested
    class Finish {
        private long openVersions(World world) {
            return world.state().versions().stream()
                    .filter(KeyVersion::hasPrivateKey)
                    .count();
        }

        @Test
        void resume_finished_theOldSecretIsGoneAndThatWasSaidAfterTheLastProof() {
            World world = new World(SEED, 3);
            SshPublicKey old = world.current();
            int oldVersion = world.state().current().orElseThrow().number();
            List<Long> probes = new ArrayList<>();
            world.fleet.watch(entry -> {
                if (entry.step().verb() == Verb.PROBE
                        && entry.step().detail().contains(old.fingerprint().toString())) {
                    probes.add((long) world.events.size());
                }
            });
            assertThat(world.rotate(world.credential()).outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(openVersions(world)).as("before the second proof").isEqualTo(2);
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(report.remains()).isEmpty();
            assertThat(openVersions(world)).as("after it").isEqualTo(1);
            assertThatThrownBy(() -> world.store.exposeSecret(World.NAME, StoredSecret.key(oldVersion)))
                    .isInstanceOf(StoreException.class);

            List<RotationEvent> destroyed = world.events.stream()
                    .filter(event -> event instanceof RotationEvent.Destroyed)
                    .toList();
            assertThat(destroyed)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            RotationEvent.Destroyed.class,
                            event -> assertThat(event.version()).isEqualTo(oldVersion));
            assertThat(probes)
                    .as("questions about the old key, by how many events had been told")
                    .isNotEmpty()
                    .allMatch(told -> told <= world.events.indexOf(destroyed.get(0)));
        }

        @Test
        void resume_oneDeviceCannotBeAskedAgain_theSecretStaysAndNothingIsCalledFinished() {
            World world = new World(SEED, 3);
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofHours(25));
            world.fleet.device("web-2").goDown();
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isNotEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(report.remains()).isNotEmpty();
            assertThat(openVersions(world)).isEqualTo(2);
            assertThat(world.events).noneMatch(event -> event instanceof RotationEvent.Destroyed);
            world.fleet.device("web-2").comeUp();
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(openVersions(world)).isEqualTo(1);
        }
    }

    @Nested
    class Confirm {
        @Test
        void resume_theOldestOfManyKeysIsBack_nothingIsDestroyedBeforeItIsGoneForGood() {
            World world = new World(SEED, 2);
            List<SshPublicKey> older = rotations(world, 5);
            world.account("web-1").authorize(older.get(0));
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(world.account("web-1").admits(older.get(0))).isFalse();
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .hasSize(6);
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .hasSize(1);
        }

        @Test
        void resume_anOldKeysLineIsBackAndRefusesUs_isFoundByReading() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.account("web-1").authorizeLine("from=\"192.0.2.1\" " + world.oldKey.toLine());
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(world.account("web-1").authorizedKeysText()).doesNotContain("192.0.2.1");
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
        }
    }

    @Nested
    class Fencing {
        /**
         * Asleep before it takes the device's lock, while another process takes the rotation back and ends it: the file is as
         * it was when this one looked at it, and nobody holds the lock. Only the last look at the lease is left.
         */
        @Test
        void rotate_takenBackByAnotherWhileThisOneSlept_itsDestroyedKeyIsNotAdded() {
            World world = new World(SEED, 2);
            FaultPlan.Rule asleep = world.fleet
                    .faults()
                    .on(Verb.CREATE)
                    .device("web-1")
                    .matching(step -> step.detail().endsWith("-lock"))
                    .nth(1)
                    .inject(Fault.before(step -> takeBackAndEnd(world)));
            Throwable end = catchThrowable(() -> world.rotate(world.credential()));
            assertThat(asleep.hits()).isEqualTo(1);
            assertThat(end).isInstanceOf(LeaseLostException.class);
            assertThat(world.state().version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.DESTROYED);
            world.assertUntouched("web-1");
        }

        private static void takeBackAndEnd(World world) {
            world.store.releaseLeases();
            try (RotationEngine second = world.builder().build()) {
                assertThat(second.cancel(world.credential(), event -> {})).isInstanceOf(Cancellation.TakenBack.class);
                world.fleet.clock().advance(Duration.ofHours(25));
                assertThat(second.resume(world.credential(), event -> {})
                                .orElseThrow()
                                .outcome())
                        .isEqualTo(RotationReport.Outcome.ROLLED_BACK);
            }
        }

        @Test
        void rotate_overtakenInTheMiddle_writesNothingMoreAnywhere() {
            World world = new World(SEED, 3);
            Credential credential = world.credential().withPolicy(RotationPolicy.DEFAULT.withAttempts(1));
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER stage"))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        world.store.releaseLeases();
                        world.store.onMutation((moment, mutation) -> {});
                        world.store.lease(World.NAME).close();
                    }));
            try (RotationEngine engine = world.engine()) {
                assertThat(catchThrowable(() -> engine.rotate(engine.plan(credential), event -> {})))
                        .isInstanceOf(LeaseLostException.class);
            }
            world.bury();
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
        }
    }
}
