package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.LeaseLostException;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationPolicy.OnFailure;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.TraceEntry;
import io.keywright.testkit.fleet.Verb;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log-in that proves the new key is kept until the old one is removed over it, where nothing speaks against it. */
class KeptLogInTest {
    private static final long SEED = 61;
    private static final String DEVICE = "web-1";

    private final World world = new World(SEED, 3);

    /** Rotates, and returns how many connections to each device that took, without those of the plan. */
    private long connections(UnaryOperator<RotationPolicy> policy, int kept) {
        Credential credential = world.credential();
        credential = credential.withPolicy(policy.apply(credential.policy()));
        try (RotationEngine engine = world.builder().keptConnections(kept).build()) {
            var plan = engine.plan(credential);
            long planned = world.fleet.stepCount();
            RotationReport report = engine.rotate(plan, event -> {});
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
            assertThat(world.fleet.openConnections()).isEmpty();
            long all = world.fleet.trace().stream()
                    .map(TraceEntry::step)
                    .filter(step -> step.number() > planned && step.verb() == Verb.CONNECT)
                    .count();
            assertThat(all % 3)
                    .as("connections that one device more than another had")
                    .isZero();
            return all / 3;
        }
    }

    /** Something happens when the new key has become CURRENT, before any old one is removed. */
    private void beforeContract(Consumer<Step> deed) {
        world.fleet
                .faults()
                .onEvery()
                .matching(step -> step.detail().startsWith("AFTER promote"))
                .inject(Fault.before(deed));
    }

    private RotationReport rotateInOneAttempt() {
        return world.rotate(
                world.credential().withPolicy(world.credential().policy().withAttempts(1)));
    }

    @Nested
    class Connections {
        @Test
        void rotate_fleetIsOneWave_threeADevice() {
            assertThat(connections(policy -> policy, RotationEngine.DEFAULT_KEPT_CONNECTIONS))
                    .isEqualTo(3);
        }

        @Test
        void rotate_canariesAndOneWave_threeADevice() {
            assertThat(connections(policy -> policy.withCanary(2).withWaveSize(1), 3))
                    .isEqualTo(3);
        }

        @Test
        void rotate_moreDevicesThanMayBeKept_fourADevice() {
            assertThat(connections(policy -> policy, 2)).isEqualTo(4);
        }

        @Test
        void rotate_severalWaves_fourADevice() {
            assertThat(connections(policy -> policy.withCanary(1).withWaveSize(1), 3))
                    .isEqualTo(4);
        }

        @Test
        void builder_negativeBound_refused() {
            RotationEngine.Builder builder = RotationEngine.builder();
            assertThatThrownBy(() -> builder.keptConnections(-1)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void rotate_bothKeysAreToBeAcceptedForAWhile_keepsNoneOpenMeanwhile() {
            Credential credential = world.credential();
            world.fleet.watch(entry -> assertThat(world.fleet.openConnections().size())
                    .as("connections open at " + entry.step())
                    .isLessThanOrEqualTo(1));
            world.rotate(credential.withPolicy(credential.policy().withOverlap(Duration.ofDays(1))));
            assertThat(world.fleet.openConnections()).isEmpty();
        }
    }

    /** What may have happened since. */
    @Nested
    class Meanwhile {
        @Test
        void rotate_deviceEndsTheConnectionWhileItIdles_isConnectedToAnew() {
            beforeContract(step -> world.fleet.device(DEVICE).endConnections());
            assertThat(rotateInOneAttempt().isSuccess()).isTrue();
            world.assertRotated(DEVICE);
        }

        @ParameterizedTest
        @EnumSource(names = {"OPEN_SFTP", "LSTAT", "CREATE_SYNCED", "POSIX_RENAME", "REMOVE"})
        void rotate_connectionBreaksOrHangsOverTheRemoval_isMadeAnewInTheSameAttempt(Verb verb) {
            for (Fault fault : new Fault[] {Fault.lostBefore(), Fault.answerLost(), Fault.hangBefore()}) {
                World other = new World(SEED, 1);
                other.fleet
                        .faults()
                        .onEvery()
                        .matching(step -> step.detail().startsWith("AFTER promote"))
                        .inject(Fault.before(promoted -> other.fleet
                                .faults()
                                .on(verb)
                                .device(DEVICE)
                                .nth(1)
                                .inject(fault)));
                RotationReport report = other.rotate(other.credential()
                        .withPolicy(other.credential().policy().withAttempts(1)));
                assertThat(report.isSuccess())
                        .as("%s at %s: %s", fault, verb, report.toText())
                        .isTrue();
                other.assertRotated(DEVICE);
                assertThat(other.fleet.openConnections()).isEmpty();
            }
        }

        /** Where the file is another one, that the new key has logged in once says nothing about now. */
        @Test
        void rotate_newKeyMayNotLogInFromHereAnyMore_removesNothing() {
            beforeContract(step -> {
                String text = world.account(DEVICE).authorizedKeysText();
                String line = world.current().toLine();
                world.account(DEVICE).writeAuthorizedKeys(text.replace(line, "from=\"192.0.2.1\" " + line));
                assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            });
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isFalse();
            assertThat(world.account(DEVICE).admits(world.oldKey))
                    .as(report.toText())
                    .isTrue();
            world.assertNobodyIsLockedOut("the new key's line got a from=");
        }

        @Test
        void rotate_anotherKeyWasAddedToTheFile_logsInAgainAndKeepsIt() {
            beforeContract(step ->
                    world.account(DEVICE).authorize(world.fleet.hostKey("human").withComment("human")));
            assertThat(rotateInOneAttempt().isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText()).contains("human");
            assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
        }

        @Test
        void rotate_fileOfBeforeExpandIsBack_addsTheNewKeyAgain() {
            byte[] before = world.account(DEVICE).authorizedKeys();
            beforeContract(step -> world.account(DEVICE).writeAuthorizedKeys(before));
            assertThat(rotateInOneAttempt().isSuccess()).isTrue();
            world.assertRotated(DEVICE);
        }

        @Test
        void rotate_deviceIsDownByThen_otherDevicesGoOn() {
            beforeContract(step -> world.fleet.device(DEVICE).goDown());
            RotationReport report = world.rotate(world.credential());
            assertThat(report.devices())
                    .filteredOn(device -> device.id().equals(DEVICE))
                    .singleElement()
                    .satisfies(device -> assertThat(device.outcome())
                            .isInstanceOfSatisfying(
                                    DeviceOutcome.OldKeyAlive.class,
                                    alive -> assertThat(alive.failure().kind())
                                            .isEqualTo(DeviceFailure.Kind.UNREACHABLE)));
            world.assertRotated("web-2");
            world.assertRotated("web-3");
            assertThat(world.fleet.openConnections()).isEmpty();
        }
    }

    /** On whatever way a rotation ends, no connection is left open. */
    @Nested
    class End {
        @Test
        void rotate_takenBack_nobodyIsLoggedInWithTheKeyThatGoes() {
            world.fleet
                    .faults()
                    .on(Verb.LOG_IN)
                    .device("web-2")
                    .from(2)
                    .inject(Fault.before(step -> world.fleet.device("web-2").goDown()));
            int[] most = {0};
            world.fleet.watch(entry -> {
                if (world.events.stream().anyMatch(RotationEvent.Aborting.class::isInstance)
                        && entry.step().verb() == Verb.POSIX_RENAME) {
                    most[0] = Math.max(most[0], world.fleet.openConnections().size());
                }
            });
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(most[0]).as("connections open while a key is taken back").isEqualTo(1);
            assertThat(world.fleet.openConnections()).isEmpty();
        }

        @Test
        void rotate_aDeviceIsQuarantined_leavesNoneOpen() {
            Credential credential = world.credential();
            world.fleet.faults().on(Verb.CREATE_SYNCED).device("web-2").inject(Fault.lostBefore());
            RotationReport report =
                    world.rotate(credential.withPolicy(credential.policy().withOnFailure(OnFailure.QUARANTINE)));
            assertThat(report.isSuccess()).isFalse();
            assertThat(world.fleet.openConnections()).isEmpty();
        }

        @Test
        void rotate_overtakenBeforePromote_leavesNoneOpen() {
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .inject(Fault.before(step -> {
                        world.store.releaseLeases();
                        world.store.lease(World.NAME).close();
                    }));
            assertThatThrownBy(() -> world.rotate(world.credential())).isInstanceOf(LeaseLostException.class);
            assertThat(world.fleet.openConnections()).isEmpty();
        }

        @Test
        void rotate_processDiesBeforePromote_anotherFinishes() {
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .inject(Fault.crashBefore());
            assertThatThrownBy(() -> world.rotate(world.credential())).isInstanceOf(SimulatedCrash.class);
            world.bury();
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
            assertThat(world.fleet.openConnections()).isEmpty();
        }
    }
}
