package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Answer;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.JournalException;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the simulator found, each as the smallest story that shows it. */
class FoundBySimulationTest {
    private static final long SEED = 23;
    private static final String DEVICE = "web-1";
    private static final String SECOND_FILE = ".ssh/authorized_keys2";

    /** The rename of CONTRACT: the second on a device with one file. */
    private static void afterRemoval(World world, Consumer<Step> deed) {
        world.fleet.faults().on(Verb.POSIX_RENAME).device(DEVICE).nth(2).inject(Fault.after(deed));
    }

    @Nested
    class Begin {
        @Test
        void rotate_overtakenBeforeItsJournalBegins_hidesNoRotationThatIsUnderWay() {
            World world = new World(SEED, 1);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE begin"))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        world.store.releaseLeases();
                        rotateAndDie(world);
                    }));
            try (RotationEngine ahead = world.builder()
                    .clock(Clock.offset(world.fleet.clock(), Duration.ofMinutes(2)))
                    .build()) {
                RotationPlan plan = ahead.plan(world.credential());
                assertThatThrownBy(() -> ahead.rotate(plan, event -> {})).isInstanceOf(JournalException.class);
            }
            world.bury();
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
            world.assertRotated(DEVICE);
        }

        /** Somebody puts the file of before the first rotation back, which a settling rotation sees to and nobody else. */
        @ParameterizedTest
        @ValueSource(strings = {"BEFORE begin", "AFTER begin"})
        void resume_anEngineHasDiedWhereItsRotationBegins_seesToTheOneThatSettles(String moment) {
            World world = new World(SEED, 1);
            byte[] before = world.account(DEVICE).authorizedKeys();
            world.rotate(world.credential());
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith(moment))
                    .inject(Fault.crashAfter());
            assertThatThrownBy(() -> world.rotate(world.credential())).isInstanceOf(SimulatedCrash.class);
            world.bury();
            world.account(DEVICE).writeAuthorizedKeys(before);
            for (int resumes = 0; resumes < 3; resumes++) {
                world.fleet.clock().advance(Duration.ofHours(25));
                assertThat(world.resume(world.credential())).isPresent();
            }
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            world.assertRotated(DEVICE);
        }

        private static void rotateAndDie(World world) {
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER recordDevices"))
                    .inject(Fault.crashAfter());
            assertThatThrownBy(() -> world.rotate(world.credential())).isInstanceOf(SimulatedCrash.class);
            world.bury();
        }
    }

    @Nested
    class LogIn {
        @Test
        void rotate_aQuestionIsRefusedAndTheSameKeyLogsIn_wasAccepted() {
            World world = new World(SEED, 1);
            // The first is the plan's.
            world.fleet.faults().on(Verb.PROBE).device(DEVICE).nth(2).inject(Fault.refusal());
            RotationReport report = world.rotate(world.credential());
            assertThat(report.devices()).singleElement().satisfies(device -> {
                assertThat(device.proof().oldBefore()).isEqualTo(Answer.ACCEPTED);
                assertThat(device.outcome()).isInstanceOf(DeviceOutcome.Done.class);
            });
        }

        @Test
        void rotate_questionOnAConnectionOfItsOwnGetsNoAnswer_leavesNoConnectionOpen() {
            World world = new World(SEED, 1);
            // Where one question is all that a server puts up with, those that follow a refusal are asked elsewhere.
            world.fleet.device(DEVICE).configure(server -> server.withMaxAuthTries(1));
            world.fleet.faults().on(Verb.PROBE).device(DEVICE).nth(2).inject(Fault.refusal());
            world.fleet.faults().on(Verb.PROBE).device(DEVICE).nth(3).inject(Fault.lostBefore());
            int[] most = {0};
            world.fleet.watch(entry -> most[0] = Math.max(
                    most[0],
                    entry.step().verb() == Verb.POSIX_RENAME
                            ? world.fleet.openConnections().size()
                            : 0));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(most[0]).as("connections open while a file is edited").isEqualTo(1);
            assertThat(world.fleet.openConnections()).isEmpty();
        }
    }

    @Nested
    class Contract {
        @Test
        void rotate_olderFilePutBackRightAfterTheRemoval_removesNothingFromIt() {
            World world = new World(SEED, 1);
            byte[] before = (human(world) + "\n" + world.oldKey.toLine() + "\n")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            world.account(DEVICE).writeAuthorizedKeys(before);
            afterRemoval(world, step -> world.account(DEVICE).writeAuthorizedKeys(before));
            RotationReport report;
            try (RotationEngine engine = world.builder().keptConnections(0).build()) {
                report = engine.rotate(engine.plan(world.credential()), event -> {});
            }
            world.assertNobodyIsLockedOut("the file of before EXPAND is back");
            assertThat(report.devices().get(0).outcome())
                    .isInstanceOfSatisfying(
                            DeviceOutcome.OldKeyAlive.class,
                            alive -> assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.KEY_NOT_IN_FILE));
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
            assertThat(world.account(DEVICE).admits(world.current())).isTrue();
        }

        @Test
        void rotate_olderFilePutBackRightAfterTheRemovalOverAKeptLogIn_addsTheNewKeyAgain() {
            World world = new World(SEED, 1);
            byte[] before = world.account(DEVICE).authorizedKeys();
            afterRemoval(world, step -> world.account(DEVICE).writeAuthorizedKeys(before));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated(DEVICE);
        }

        @Test
        void rotate_aFileThatTwoDevicesShareLosesTheNewKey_isGivenItAgainInsteadOfOneWaitingForTheOther() {
            World world = new World(SEED, 1);
            world.fleet
                    .addDevice("web-2", "web-2", 22, world.fleet.device(DEVICE).fileSystem())
                    .addAccount(World.USER);
            byte[] before = world.account(DEVICE).authorizedKeys();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.account(DEVICE).writeAuthorizedKeys(before)));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated(DEVICE);
        }

        @Test
        void rotate_newKeyLeftInOneOfTwoFiles_emptiesTheOther() {
            World world = new World(SEED, 1);
            String line = world.oldKey.toLine() + "\n";
            world.account(DEVICE).writeAuthorizedKeys(line);
            world.account(DEVICE).files().writeText(SECOND_FILE, line);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .inject(Fault.before(step -> world.account(DEVICE).files().writeText(SECOND_FILE, line)));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
        }

        @Test
        void rotate_aTemporaryFileCannotBeRemovedAtOnce_isRemovedInTheEnd() {
            World world = new World(SEED, 1);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device(DEVICE)
                    .nth(1)
                    .inject(Fault.after(step -> world.account(DEVICE)
                            .writeAuthorizedKeys(world.account(DEVICE).authorizedKeysText() + "# by hand\n")));
            world.fleet
                    .faults()
                    .on(Verb.REMOVE)
                    .device(DEVICE)
                    .nth(1)
                    .inject(Fault.status(SftpException.Status.FAILURE));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).files().list(".ssh")).containsExactly("authorized_keys");
            assertThat(world.account(DEVICE).authorizedKeysText()).contains("# by hand");
        }

        @Test
        void rotate_connectionLostInMidEdit_leavesNeitherLockNorTemporaryFile() {
            for (Verb verb : List.of(Verb.READ, Verb.LSTAT, Verb.CREATE_SYNCED, Verb.REMOVE)) {
                for (int nth = 1; nth <= 12; nth++) {
                    World world = new World(SEED, 1);
                    world.fleet.faults().on(verb).device(DEVICE).nth(nth).inject(Fault.answerLost());
                    world.rotate(world.credential());
                    assertThat(world.account(DEVICE).files().list(".ssh"))
                            .as("answer %d of %s lost", nth, verb)
                            .containsExactly("authorized_keys");
                }
            }
        }
    }

    @Nested
    class Settle {
        @Test
        void resume_olderFilePutBackWhileSettling_contractsAgain() {
            World world = new World(SEED, 2);
            byte[] before = world.account(DEVICE).authorizedKeys();
            world.rotate(world.credential());
            world.account(DEVICE).writeAuthorizedKeys(before);
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.SETTLING);
            world.assertRotated(DEVICE);
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
        }
    }

    @Nested
    class Plan {
        @Test
        void rotate_olderFilePutBackWhileSettling_findsTheKeyThatIsLetInAndGoesOn() {
            World world = new World(SEED, 2);
            byte[] before = world.account(DEVICE).authorizedKeys();
            world.rotate(world.credential());
            world.account(DEVICE).writeAuthorizedKeys(before);
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated(DEVICE);
        }
    }

    @Nested
    class Confirm {
        @Test
        void resume_afterFourRotationsWhileSettling_asksAboutEachKeyThatItDestroys() {
            World world = new World(SEED, 1);
            List<SshPublicKey> old = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                old.add(world.current());
                world.rotate(world.credential());
            }
            long before = world.fleet.stepCount();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .hasSize(1);
            for (SshPublicKey key : old) {
                assertThat(world.fleet.trace())
                        .as("the second proof of %s", key.fingerprint())
                        .anyMatch(entry -> entry.step().number() > before
                                && entry.step().verb() == Verb.PROBE
                                && entry.step()
                                        .detail()
                                        .equals(key.fingerprint().toString()));
            }
        }
    }

    private static String human(World world) {
        SshPublicKey key = world.fleet.hostKey("human");
        return key.toLine();
    }
}
