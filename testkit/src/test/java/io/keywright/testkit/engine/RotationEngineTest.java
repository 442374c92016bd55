package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Answer;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStatus;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.JournalException;
import io.keywright.rotation.KeySpec;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.PlannedDevice;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Verb;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RotationEngineTest {
    private static final long SEED = 11;

    private static DeviceReport device(RotationReport report, String id) {
        return report.devices().stream()
                .filter(d -> d.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Credential with(Credential credential, RotationPolicy.OnFailure onFailure) {
        return credential.withPolicy(RotationPolicy.DEFAULT.withOnFailure(onFailure));
    }

    private static void makeDirectories(World world, String... paths) {
        for (String path : paths) {
            if (!world.fleet.device("web-1").files().exists(path)) {
                world.fleet.device("web-1").files().makeDirectory(path, 0755);
            }
        }
    }

    @Nested
    class Plan {
        @Test
        void plan_healthyFleet_findsTheKeyAndChangesNothing() {
            World world = new World(SEED, 5);
            byte[] before = world.account("web-4").authorizedKeys();
            RotationPlan plan;
            try (RotationEngine engine = world.engine()) {
                plan = engine.plan(world.credential());
            }
            assertThat(plan.isClear()).isTrue();
            assertThat(plan.devices())
                    .extracting(p -> p.device().id())
                    .containsExactly("web-5", "web-1", "web-2", "web-3", "web-4");
            assertThat(plan.devices()).allSatisfy(planned -> {
                assertThat(planned.acceptedVersion()).contains(1);
                assertThat(planned.files()).containsExactly("/home/deploy/.ssh/authorized_keys");
                assertThat(planned.hostKey()).isPresent();
            });
            assertThat(plan.devices().get(0).warnings()).anyMatch(w -> w.contains("2 lines"));
            assertThat(world.account("web-4").authorizedKeys()).isEqualTo(before);
            assertThat(plan.toJson()).contains("\"clear\" : true");
        }

        @Test
        void plan_deviceDown_namesIt() {
            World world = new World(SEED, 3);
            world.fleet.device("web-1").goDown();
            assertThat(obstacle(world, "web-1").kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE);
        }

        @Test
        void plan_hostKeyChanged_namesIt() {
            World world = new World(SEED, 3);
            var verifier = world.fleet.device("web-1").pinnedHostKeys();
            world.fleet.device("web-1").setHostKeys(world.fleet.hostKey("another machine"));
            try (RotationEngine engine = world.builder().hostKeys(verifier).build()) {
                RotationPlan plan = engine.plan(world.credential());
                assertThat(planned(plan, "web-1").obstacle().orElseThrow().kind())
                        .isEqualTo(DeviceFailure.Kind.HOST_KEY_CHANGED);
            }
        }

        @Test
        void plan_keyNotAccepted_namesIt() {
            World world = new World(SEED, 3);
            world.account("web-1").writeAuthorizedKeys("# nobody\n");
            assertThat(obstacle(world, "web-1").kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED);
        }

        @Test
        void plan_forcedCommandOnTheKey_saysThatItCannotEdit() {
            World world = new World(SEED, 3);
            world.account("web-1").writeAuthorizedKeys("command=\"uptime\" " + world.oldKey.toLine() + "\n");
            assertThat(obstacle(world, "web-1").kind()).isEqualTo(DeviceFailure.Kind.CANNOT_EDIT);
        }

        @Test
        void plan_keyInAFileThatWasNotNamed_namesIt() {
            World world = new World(SEED, 3);
            world.account("web-1").writeAuthorizedKeys("");
            world.fleet.device("web-1").configure(c -> c.withAuthorizedKeysFiles("/etc/ssh/keys/%u"));
            makeDirectories(world, "/etc", "/etc/ssh", "/etc/ssh/keys");
            world.fleet.device("web-1").files().writeText("/etc/ssh/keys/deploy", world.oldKey.toLine() + "\n");
            assertThat(obstacle(world, "web-1").kind()).isEqualTo(DeviceFailure.Kind.KEY_NOT_IN_FILE);
        }

        @Test
        void rotate_obstacleUnderAbort_changesNothing() {
            World world = new World(SEED, 3);
            world.fleet.device("web-1").goDown();
            assertThatThrownBy(() -> world.rotate(world.credential()))
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining("web-1")
                    .hasMessageContaining("nothing was changed");
            assertThat(world.state().versions()).hasSize(1);
            world.assertUntouched("web-2");
        }

        private static DeviceFailure obstacle(World world, String id) {
            try (RotationEngine engine = world.engine()) {
                return planned(engine.plan(world.credential()), id).obstacle().orElseThrow();
            }
        }

        private static PlannedDevice planned(RotationPlan plan, String id) {
            return plan.devices().stream()
                    .filter(p -> p.device().id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Nested
    class Rotate {
        @Test
        void rotate_healthyFleet_provesEveryDevice() {
            World world = new World(SEED, 5);
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isTrue();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(report.devices()).hasSize(5).allSatisfy(d -> {
                assertThat(d.outcome()).isInstanceOf(DeviceOutcome.Done.class);
                assertThat(d.proof().isComplete()).isTrue();
                assertThat(d.edits()).isNotEmpty().allMatch(e -> e.atomic() && e.durable());
            });
            world.fleet.devices().forEach(d -> world.assertRotated(d.id()));
            assertThat(world.state().pending()).isEmpty();
            assertThat(world.state().current().orElseThrow().number()).isEqualTo(2);
            assertThat(report.oldKey()).isEqualTo(world.oldKey.fingerprint().toString());
            assertThat(report.newKey()).contains(world.current().fingerprint().toString());
            assertThat(report.toText()).contains("done on every device");
            assertThat(report.toJson()).contains("\"oldBefore\" : \"accepted\"", "\"oldAfter\" : \"refused\"");
            assertThat(world.fleet.openConnections()).isEmpty();
        }

        @Test
        void rotate_order_originalFirstThenByIdAndTheOldKeyGoesLast() {
            World world = new World(SEED, 4);
            world.rotate(world.credential());
            List<String> done = world.events.stream()
                    .filter(RotationEvent.DeviceDone.class::isInstance)
                    .map(RotationEvent.DeviceDone.class::cast)
                    .map(e -> e.phase() + " " + e.device())
                    .toList();
            assertThat(done)
                    .containsExactly(
                            "EXPAND web-4",
                            "EXPAND web-1",
                            "EXPAND web-2",
                            "EXPAND web-3",
                            "CONTRACT web-4",
                            "CONTRACT web-1",
                            "CONTRACT web-2",
                            "CONTRACT web-3");
            int promoted = index(world, RotationEvent.Promoted.class);
            assertThat(world.events.subList(0, promoted))
                    .filteredOn(RotationEvent.DeviceDone.class::isInstance)
                    .hasSize(4);
        }

        private static int index(World world, Class<?> type) {
            for (int i = 0; i < world.events.size(); i++) {
                if (type.isInstance(world.events.get(i))) {
                    return i;
                }
            }
            throw new AssertionError("no " + type.getSimpleName());
        }

        @Test
        void rotate_keyInSecondFileToo_goesFromBoth() {
            World world = new World(SEED, 2);
            world.account("web-1")
                    .files()
                    .writeText(".ssh/authorized_keys2", "# more\n" + world.oldKey.toLine() + "\n");
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isTrue();
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
            assertThat(world.account("web-1").files().readText(".ssh/authorized_keys2"))
                    .startsWith("# more\n");
        }

        @Test
        void rotate_oldKeyAlsoInAFileThatWasNotNamed_isNeverCalledDone() {
            World world = new World(SEED, 3);
            world.fleet
                    .device("web-1")
                    .configure(c -> c.withAuthorizedKeysFiles(".ssh/authorized_keys", "/etc/keys/%u"));
            makeDirectories(world, "/etc", "/etc/keys");
            world.fleet.device("web-1").files().writeText("/etc/keys/deploy", world.oldKey.toLine() + "\n");
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isFalse();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(device(report, "web-1").outcome())
                    .isInstanceOfSatisfying(
                            DeviceOutcome.OldKeyAlive.class,
                            alive -> assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.STILL_ACCEPTED));
            assertThat(device(report, "web-2").outcome()).isInstanceOf(DeviceOutcome.Done.class);
            world.fleet.device("web-1").files().remove("/etc/keys/deploy");
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
        }

        @Test
        void rotate_oldKeyAlsoInAUsualPlaceThatWasNotNamed_saysWhere() {
            World world = new World(SEED, 2);
            world.fleet
                    .device("web-1")
                    .configure(c -> c.withAuthorizedKeysFiles(".ssh/authorized_keys", "/etc/ssh/keys/%u"));
            makeDirectories(world, "/etc", "/etc/ssh", "/etc/ssh/keys");
            world.fleet.device("web-1").files().writeText("/etc/ssh/keys/deploy", world.oldKey.toLine() + "\n");
            RotationReport report = world.rotate(world.credential());
            assertThat(device(report, "web-1").outcome())
                    .isInstanceOfSatisfying(DeviceOutcome.OldKeyAlive.class, alive -> {
                        assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.STILL_ACCEPTED);
                        assertThat(alive.failure().message()).contains("it is in /etc/ssh/keys/deploy");
                    });
        }

        @Test
        void rotate_oldLineIsBackRightAfterItsRemovalAndRefused_isNotCalledDone() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .on(Verb.REMOVE)
                    .device("web-1")
                    .matching(step -> step.detail().endsWith("-lock"))
                    .nth(2)
                    .inject(Fault.after(step ->
                            world.account("web-1").authorizeLine("from=\"192.0.2.1\" " + world.oldKey.toLine())));
            RotationReport report = world.rotate(world.credential());
            assertThat(device(report, "web-1").outcome())
                    .isInstanceOfSatisfying(DeviceOutcome.OldKeyAlive.class, alive -> {
                        assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.STILL_ACCEPTED);
                        assertThat(alive.failure().message()).contains("is back in a file");
                    });
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(world.resume(world.credential()).orElseThrow().isSuccess())
                    .isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_serverAllowsOneAttempt_asksInTwoConnections() {
            World world = new World(SEED, 2);
            world.fleet.device("web-1").configure(c -> c.withMaxAuthTries(1));
            RotationReport report = world.rotate(world.credential());
            assertThat(device(report, "web-1").proof().isComplete()).isTrue();
        }

        @Test
        void rotate_otherKeyType_isGenerated() {
            World world = new World(SEED, 2);
            KeySpec spec = new KeySpec(KeySpec.Type.ECDSA_P384, OptionalInt.empty(), "new kind");
            assertThat(world.rotate(world.credential().withKey(spec)).isSuccess())
                    .isTrue();
            assertThat(world.current().algorithm()).isEqualTo("ecdsa-sha2-nistp384");
            assertThat(world.current().comment()).hasToString("new kind");
        }

        @Test
        void rotate_toATypeThatNotEveryServerKnows_replacesTheOnlyKeyOnlyWhereItLogsIn() {
            World world = new World(SEED, 2);
            world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\n");
            KeySpec spec = new KeySpec(KeySpec.Type.ED448, OptionalInt.empty(), "ed448");
            RotationReport report = world.rotate(world.credential().withKey(spec));
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-1").authorizedKeysText()).isEqualTo(world.oldKey.toLine() + "\n");

            world.fleet
                    .devices()
                    .forEach(d -> d.configure(c -> c.withKeyAlgorithms(Set.of("ssh-ed25519", "ssh-ed448"))));
            assertThat(world.rotate(world.credential().withKey(spec)).isSuccess())
                    .isTrue();
            assertThat(world.account("web-1").admits(world.current())).isTrue();
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
        }

        @Test
        void rotate_transientFaults_areRetried() {
            World world = new World(SEED, 3);
            world.fleet.faults().on(Verb.POSIX_RENAME).device("web-1").nth(1).inject(Fault.answerLost());
            world.fleet.faults().on(Verb.CONNECT).device("web-2").nth(3).inject(Fault.lostBefore());
            world.fleet.faults().on(Verb.READ).device("web-3").nth(2).inject(Fault.hangBefore());
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isTrue();
            world.fleet.devices().forEach(d -> world.assertRotated(d.id()));
        }

        @Test
        void rotate_foreignWriterBetweenReadAndRename_itsLineSurvives() {
            World world = new World(SEED, 2);
            String foreign = key("foreign").toLine();
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .nth(1)
                    .inject(Fault.after(step -> world.account("web-1").authorizeLine(foreign)));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isTrue();
            assertThat(world.account("web-1").authorizedKeysText()).contains(foreign);
            assertThat(device(report, "web-1").edits()).anyMatch(e -> e.retries() > 0);
        }

        @Test
        void rotate_newLineVanishesBeforeContract_isAddedAgainBeforeTheOldOneGoes() {
            World world = new World(SEED, 2);
            byte[] before = world.account("web-1").authorizedKeys();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(s -> s.detail().startsWith("BEFORE promote"))
                    .nth(1)
                    .inject(Fault.before(s -> world.account("web-1").writeAuthorizedKeys(before)));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_lanesInParallel_everyDeviceIsDone() throws Exception {
            World world = new World(SEED, 20);
            ExecutorService executor = Executors.newFixedThreadPool(4);
            RotationPolicy policy = RotationPolicy.DEFAULT.withCanary(2).withParallelism(4);
            Credential credential = world.credential().withPolicy(policy);
            try (RotationEngine engine = world.builder().executor(executor).build()) {
                RotationReport report = engine.rotate(engine.plan(credential), event -> {});
                assertThat(report.isSuccess()).isTrue();
            } finally {
                executor.shutdown();
            }
            world.fleet.devices().forEach(d -> world.assertRotated(d.id()));
        }

        @Test
        void rotate_parallelWithoutExecutor_saysWhatIsMissing() {
            World world = new World(SEED, 2);
            RotationPolicy policy = RotationPolicy.DEFAULT.withParallelism(4);
            assertThatThrownBy(() -> world.rotate(world.credential().withPolicy(policy)))
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining("executor");
        }

        @Test
        void rotate_whileSettling_removesAndDestroysBothOlderKeys() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            SshPublicKey second = world.current();
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isTrue();
            world.fleet.devices().forEach(d -> {
                assertThat(world.account(d.id()).admits(second)).isFalse();
                world.assertRotated(d.id());
            });
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .hasSize(1);
        }
    }

    @Nested
    class Abort {
        @Test
        void rotate_readOnlyFileSystem_isTakenBackEverywhere() {
            World world = new World(SEED, 4);
            world.fleet
                    .faults()
                    .onEvery()
                    .device("web-2")
                    .matching(s -> s.verb() == Verb.CREATE || s.verb() == Verb.CREATE_SYNCED)
                    .inject(Fault.status(io.keywright.transport.SftpException.Status.PERMISSION_DENIED));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(report.reason().orElseThrow()).contains("web-2");
            assertThat(world.current()).isEqualTo(world.oldKey);
            world.fleet.devices().forEach(d -> world.assertUntouched(d.id()));
            assertThat(device(report, "web-3").outcome()).isInstanceOf(DeviceOutcome.Untouched.class);
            assertThat(device(report, "web-1").outcome()).isInstanceOf(DeviceOutcome.RolledBack.class);
            assertThat(world.state().version(2).orElseThrow().label()).isEqualTo(KeyVersion.Label.ROLLED_BACK);
        }

        @Test
        void rotate_deviceGoesDownBeforeItIsTouched_isUntouchedAndTheRestIsTakenBack() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(s -> s.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(s -> world.fleet.device("web-2").goDown()));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(device(report, "web-2").outcome()).isInstanceOf(DeviceOutcome.Untouched.class);
        }

        @Test
        void rotate_deviceGoesDownInMidEdit_theRollBackWaitsForItAndKeepsTheKey() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .on(Verb.POSIX_RENAME)
                    .device("web-2")
                    .inject(Fault.after(s -> world.fleet.device("web-2").goDown()));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_INCOMPLETE);
            assertThat(device(report, "web-2").outcome()).isInstanceOf(DeviceOutcome.RollBackPending.class);
            assertThat(world.state().version(2).orElseThrow().hasPrivateKey()).isTrue();
            assertThatThrownBy(() -> world.rotate(world.credential())).isInstanceOf(RotationException.class);
            world.fleet.faults().clear();
            world.fleet.device("web-2").comeUp();
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            world.fleet.devices().forEach(d -> world.assertUntouched(d.id()));
        }
    }

    @Nested
    class Quarantine {
        @Test
        void rotate_deviceDown_goesOnWithoutItAndCatchesUp() {
            World world = new World(SEED, 4);
            Credential credential = with(world.credential(), RotationPolicy.OnFailure.QUARANTINE);
            world.fleet.device("web-2").goDown();
            RotationReport report = world.rotate(credential);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(device(report, "web-2").outcome()).isInstanceOf(DeviceOutcome.Quarantined.class);
            assertThat(device(report, "web-1").outcome()).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(world.account("web-2").admits(world.oldKey)).isTrue();
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.PREVIOUS);

            world.fleet.clock().advance(Duration.ofDays(2));
            assertThat(world.resume(credential).orElseThrow().outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            world.assertNobodyIsLockedOut("while quarantined");
            world.fleet.device("web-2").comeUp();
            RotationReport caughtUp = world.resume(credential).orElseThrow();
            assertThat(caughtUp.isSuccess()).isTrue();
            world.assertRotated("web-2");
        }

        @Test
        void resume_killedBeforePromote_asksAQuarantinedDeviceOnlyOnceTheNewKeyIsCurrent() {
            World world = new World(SEED, 3);
            Credential credential = with(world.credential(), RotationPolicy.OnFailure.QUARANTINE);
            world.fleet.device("web-2").goDown();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .nth(1)
                    .inject(Fault.crashBefore());
            assertThatThrownBy(() -> world.rotate(credential)).isInstanceOf(SimulatedCrash.class);
            world.bury();
            world.fleet.device("web-2").comeUp();
            long promoting[] = {0};
            long asked[] = {0};
            world.fleet.watch(entry -> {
                if (entry.step().detail().startsWith("BEFORE promote")) {
                    promoting[0] = entry.step().number();
                } else if (asked[0] == 0 && entry.step().device().equals("web-2")) {
                    asked[0] = entry.step().number();
                }
            });
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(promoting[0]).isPositive().isLessThan(asked[0]);
            world.assertRotated("web-2");
        }

        @Test
        void resume_theAddedKeyIsStillNotLetIn_isNotTakenForAFileThatOthersShare() {
            World world = new World(SEED, 3);
            KeySpec ed448 = new KeySpec(KeySpec.Type.ED448, OptionalInt.empty(), "new kind");
            world.fleet.devices().stream()
                    .filter(device -> !device.id().equals("web-1"))
                    .forEach(device ->
                            device.configure(config -> config.withKeyAlgorithms(Set.of("ssh-ed25519", "ssh-ed448"))));
            Credential credential = world.credential()
                    .withKey(ed448)
                    .withPolicy(RotationPolicy.DEFAULT
                            .withOnFailure(RotationPolicy.OnFailure.QUARANTINE)
                            .withOverlap(Duration.ofHours(2)));
            world.rotate(credential);
            RotationReport again = world.resume(credential).orElseThrow();
            assertThat(device(again, "web-1").outcome())
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.NEW_KEY_REFUSED));
            world.fleet.clock().advance(Duration.ofHours(2));
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(device(report, "web-2").outcome()).as(report.toText()).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(device(report, "web-3").outcome()).as(report.toText()).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }

        @Test
        void rotate_originalIsDown_theNextDeviceIsTheCanary() {
            World world = new World(SEED, 4);
            Credential credential = with(world.credential(), RotationPolicy.OnFailure.QUARANTINE);
            world.fleet.device("web-4").goDown();
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .inject(Fault.status(io.keywright.transport.SftpException.Status.FAILURE));
            RotationReport report = world.rotate(credential);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(device(report, "web-2").outcome()).isInstanceOf(DeviceOutcome.Untouched.class);
        }

        @Test
        void rotate_canaryFails_isTakenBackAllTheSame() {
            World world = new World(SEED, 3);
            Credential credential = with(world.credential(), RotationPolicy.OnFailure.QUARANTINE);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-3")
                    .inject(Fault.status(io.keywright.transport.SftpException.Status.FAILURE));
            RotationReport report = world.rotate(credential);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            world.fleet.devices().forEach(d -> world.assertUntouched(d.id()));
        }
    }

    @Nested
    class Settle {
        @Test
        void resume_beforeItsTime_changesNothing() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofHours(23));
            long connections = connects(world);
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(connects(world)).isEqualTo(connections);
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
        }

        @Test
        void resume_oldLineIsBack_isRemovedAgainAndSettlesAgain() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.account("web-1").authorize(world.oldKey);
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
        }

        @Test
        void resume_anotherKeyWasImportedAndInstalledMeanwhile_staysOnTheDevices() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            SshPublicKey imported;
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                    CredentialStore.Lease lease = world.store.lease(World.NAME)) {
                imported = world.store.importKey(lease, pair).publicKey();
            }
            world.fleet.devices().forEach(device -> world.account(device.id()).authorize(imported));
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.current()).isEqualTo(imported);
            world.fleet
                    .devices()
                    .forEach(device -> assertThat(world.account(device.id()).admits(imported))
                            .as("%s admits the current key", device.id())
                            .isTrue());
            assertThat(world.state().versions())
                    .extracting(KeyVersion::label)
                    .containsExactly(KeyVersion.Label.DESTROYED, KeyVersion.Label.PREVIOUS, KeyVersion.Label.CURRENT);

            RotationReport next = world.rotate(world.credential());
            assertThat(next.isSuccess()).as(next.toText()).isTrue();
            assertThat(world.account("web-1").admits(imported)).isFalse();
        }

        @Test
        void resume_deviceDownAtTheSecondProof_destroysNothing() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.fleet.device("web-1").goDown();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.SETTLING);
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
            assertThat(journal(world, JournalEntry.Step.FAILED)).containsExactly("web-1");
            assertThat(journal(world, JournalEntry.Step.CONFIRMED)).containsExactly("web-2");
            world.fleet.device("web-1").comeUp();
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(journal(world, JournalEntry.Step.CONFIRMED)).containsExactly("web-2", "web-1");
            assertThat(journal(world, JournalEntry.Step.DESTROYED)).hasSize(1);
        }

        private static List<String> journal(World world, JournalEntry.Step step) {
            try (RotationJournal.Log log = world.journal.openLatest(World.NAME).orElseThrow()) {
                return log.entries().stream()
                        .filter(entry -> entry.step() == step)
                        .map(entry -> entry.device().orElse("-"))
                        .toList();
            }
        }

        @Test
        void resume_finished_asksNobodyAndChangesNothing() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            long connections = connects(world);
            long generation = world.state().generation();
            world.events.clear();
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(connects(world)).isEqualTo(connections);
            assertThat(world.state().generation()).isEqualTo(generation);
            assertThat(world.events).isEmpty();
        }

        @Test
        void resume_neverRotated_isEmpty() {
            World world = new World(SEED, 1);
            assertThat(world.resume(world.credential())).isEmpty();
        }

        private static long connects(World world) {
            return world.fleet.trace().stream()
                    .filter(t -> t.step().verb() == Verb.CONNECT)
                    .count();
        }
    }

    @Nested
    class OtherCredential {
        @Test
        void rotate_withAnotherKey_oldKeyRefusedBeforeIsUnprovenAndKept() {
            World world = new World(SEED, 2);
            SshPublicKey admin = admin(world);
            world.account("web-1")
                    .writeAuthorizedKeys("from=\"192.0.2.1\" " + world.oldKey.toLine() + "\n" + admin.toLine() + "\n");
            Credential credential = world.credential().withAuthenticateWith("admin");
            assertThatThrownBy(() -> world.rotate(credential))
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining("web-1");
        }

        @Test
        void rotate_forcedCommandOnTheKey_isEditedOverTheOtherCredential() {
            World world = new World(SEED, 2);
            SshPublicKey admin = admin(world);
            world.fleet
                    .devices()
                    .forEach(d -> world.account(d.id())
                            .writeAuthorizedKeys(
                                    "command=\"uptime\" " + world.oldKey.toLine() + "\n" + admin.toLine() + "\n"));
            RotationReport report = world.rotate(world.credential().withAuthenticateWith("admin"));
            assertThat(report.isSuccess()).isTrue();
            assertThat(world.account("web-1").authorizedKeysText())
                    .startsWith("command=\"uptime\" ssh-ed25519 ")
                    .contains(admin.toLine())
                    .doesNotContain(world.oldKey.toLine().split(" ", -1)[1]);
        }

        @Test
        void rotate_withAPassword_provesEveryDevice() {
            World world = new World(SEED, 2);
            try (Passphrase password = Passphrase.of("correct horse".toCharArray());
                    CredentialStore.Lease lease = world.store.lease("bootstrap")) {
                world.store.putPassword(lease, password);
                world.fleet.devices().forEach(d -> {
                    d.configure(c -> c.withPasswordAuthentication(true));
                    world.account(d.id()).setPassword(password);
                });
            }
            RotationReport report = world.rotate(world.credential().withAuthenticateWith("bootstrap"));
            assertThat(report.isSuccess()).isTrue();
        }

        private static SshPublicKey admin(World world) {
            try (SshKeyPair pair =
                            SshKeyPairGenerator.ed25519().withComment("admin").generate();
                    CredentialStore.Lease lease = world.store.lease("admin")) {
                world.store.importKey(lease, pair);
                world.fleet.devices().forEach(d -> world.account(d.id()).authorize(pair.publicKey()));
                return pair.publicKey();
            }
        }
    }

    @Nested
    class Lock {
        @Test
        void rotate_staleLock_isBrokenAfterItsLease() {
            World world = new World(SEED, 2);
            world.account("web-1").files().writeText(".ssh/authorized_keys.keywright-lock", "keywright-1 dead 0 00\n");
            world.account("web-1").files().writeText(".ssh/.keywright-0123456789abcdef", "half");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_lockIsALinkThatLeadsNowhere_isBrokenAfterItsLeaseLikeAnyOther() {
            World world = new World(SEED, 2);
            world.account("web-1").files().makeSymlink("nowhere", ".ssh/authorized_keys.keywright-lock");
            Credential credential = world.credential();
            RotationReport report = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> world.rotate(credential));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_lockIsGoneWheneverItIsLookedAt_isGivenUp() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .on(Verb.CREATE)
                    .device("web-1")
                    .matching(step -> step.detail().contains("-lock"))
                    .inject(Fault.before(step -> world.account("web-1")
                            .files()
                            .writeText(".ssh/authorized_keys.keywright-lock", "keywright-1 other 0 00\n")));
            world.fleet
                    .faults()
                    .on(Verb.READ)
                    .device("web-1")
                    .matching(step -> step.detail().contains("-lock"))
                    .inject(Fault.before(
                            step -> world.account("web-1").files().remove(".ssh/authorized_keys.keywright-lock")));
            Credential credential = world.credential();
            RotationReport report = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> world.rotate(credential));
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.ROLL_BACK_INCOMPLETE);
        }

        @Test
        void rotate_lockedByALivingEditor_waitsForIt() {
            World world = new World(SEED, 2);
            String lock = ".ssh/authorized_keys.keywright-lock";
            world.account("web-1").files().writeText(lock, "keywright-1 other 0 00\n");
            String foreign = key("other").toLine();
            world.fleet
                    .faults()
                    .on(Verb.CREATE)
                    .device("web-1")
                    .matching(s -> s.detail().contains("-lock"))
                    .nth(4)
                    .inject(Fault.before(s -> {
                        world.account("web-1").authorizeLine(foreign);
                        world.account("web-1").files().remove(lock);
                    }));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account("web-1").authorizedKeysText()).contains(foreign);
        }
    }

    @Nested
    class Installer {
        @Test
        void installVerifyRemove_freshDevice_eachProved() {
            World world = new World(SEED, 2);
            Credential fresh =
                    Credential.of("fresh", World.USER, world.credential().devices());
            try (Passphrase password = Passphrase.of("pw".toCharArray());
                    RotationEngine engine = world.engine()) {
                var device = fresh.devices().get(0);
                world.fleet.device(device.id()).configure(c -> c.withPasswordAuthentication(true));
                world.account(device.id()).setPassword(password);
                assertThat(engine.installer()
                                .install(fresh, device, Optional.empty())
                                .failure())
                        .isPresent();
                var installed = engine.installer()
                        .install(fresh, device, Optional.of(io.keywright.transport.LogIn.withPassword(password)));
                assertThat(installed.failure()).isEmpty();
                assertThat(installed.accepted()).isEqualTo(Answer.ACCEPTED);
                SshPublicKey key = world.store
                        .find("fresh")
                        .orElseThrow()
                        .current()
                        .orElseThrow()
                        .publicKey();
                assertThat(world.account(device.id()).admits(key)).isTrue();
                assertThat(world.account(device.id()).admits(world.oldKey)).isTrue();
                assertThat(engine.installer()
                                .install(fresh, device, Optional.empty())
                                .edits())
                        .isEmpty();
                assertThat(engine.installer().verify(fresh, device).accepted()).isEqualTo(Answer.ACCEPTED);
                var removed = engine.installer().remove(fresh, device, Optional.empty());
                assertThat(removed.accepted()).isEqualTo(Answer.REFUSED);
                assertThat(world.account(device.id()).admits(key)).isFalse();
                assertThat(engine.installer().verify(fresh, device).accepted()).isEqualTo(Answer.REFUSED);
            }
        }

        @Test
        void remove_lastUsableKey_isRefused() {
            World world = new World(SEED, 2);
            world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\n");
            try (RotationEngine engine = world.engine()) {
                var device = world.credential().devices().get(0);
                assertThat(device.id()).isEqualTo("web-1");
                assertThat(engine.installer()
                                .remove(world.credential(), device, Optional.empty())
                                .failure())
                        .map(DeviceFailure::kind)
                        .contains(DeviceFailure.Kind.EDIT_REFUSED);
            }
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }
    }

    /** A journal may hold a connection, of which there are not many. */
    @Nested
    class DamagedJournal {
        private final AtomicInteger open = new AtomicInteger();

        private final class Damaged implements RotationJournal.Log {
            private final RotationJournal.Log log;

            Damaged(RotationJournal.Log log) {
                this.log = log;
                open.incrementAndGet();
            }

            @Override
            public String rotation() {
                return log.rotation();
            }

            @Override
            public List<JournalEntry> entries() {
                throw new JournalException("line 7 is damaged", null);
            }

            @Override
            public void append(List<JournalEntry> entries) {
                log.append(entries);
            }

            @Override
            public void close() {
                open.decrementAndGet();
                log.close();
            }
        }

        @Test
        void resume_journalCannotBeRead_failsAndClosesIt() {
            World world = new World(SEED, 2);
            world.rotate(world.credential());
            RotationJournal journal = new RotationJournal() {
                @Override
                public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
                    return world.journal.begin(credential, rotation, beginning);
                }

                @Override
                public Optional<Log> openLatest(String credential) {
                    return world.journal.openLatest(credential).map(Damaged::new);
                }
            };
            try (RotationEngine engine = world.builder().journal(journal).build()) {
                assertThatThrownBy(() -> engine.resume(world.credential(), event -> {}))
                        .isInstanceOf(JournalException.class);
            }
            assertThat(open).hasValue(0);
        }
    }

    @Nested
    class Status {
        @Test
        void status_afterRotation_showsVersionsAndReport() {
            World world = new World(SEED, 2);
            RotationReport report = world.rotate(world.credential());
            try (RotationEngine engine = world.engine()) {
                CredentialStatus status = engine.status(World.NAME);
                assertThat(status.resumable()).isTrue();
                assertThat(status.versions())
                        .extracting(KeyVersion::label)
                        .containsExactly(KeyVersion.Label.PREVIOUS, KeyVersion.Label.CURRENT);
                assertThat(status.latest().orElseThrow().devices()).isEqualTo(report.devices());
                assertThat(status.toText()).contains("previous", "current");
            }
        }
    }

    private static SshPublicKey key(String comment) {
        try (SshKeyPair pair =
                SshKeyPairGenerator.ed25519().withComment(comment).generate()) {
            return SshPublicKey.parseLine(pair.publicKey().toLine().getBytes(StandardCharsets.UTF_8));
        }
    }
}
