package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeySpec;
import io.keywright.rotation.PlannedDevice;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.HostKeyVerifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Keys, accounts and files that are not one credential's, or one device's, alone. */
class SharedThingsTest {
    private static final long SEED = 21;

    /** Gives another credential the key that the world's credential has. */
    private static void shareKey(World world) {
        try (SshKeyPair pair = world.store.exposeSecret(World.NAME, StoredSecret.key(1));
                CredentialStore.Lease lease = world.store.lease("other")) {
            world.store.importKey(lease, pair);
        }
    }

    private static Credential other(World world, String... ids) {
        List<Device> devices = new ArrayList<>();
        for (String id : ids) {
            devices.add(Device.of("other-" + id, world.fleet.device(id).host(), 22));
        }
        return Credential.of("other", World.USER, devices);
    }

    private static Optional<DeviceFailure.Kind> obstacle(RotationPlan plan, String id) {
        return planned(plan, id).obstacle().map(DeviceFailure::kind);
    }

    private static PlannedDevice planned(RotationPlan plan, String id) {
        return plan.devices().stream()
                .filter(device -> device.device().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static DeviceOutcome outcome(RotationReport report, String id) {
        return report.devices().stream()
                .filter(device -> device.id().equals(id))
                .map(DeviceReport::outcome)
                .findFirst()
                .orElseThrow();
    }

    @Nested
    class SharedKey {
        @Test
        void plan_anotherCredentialLivesOnTheKey_isRefusedOnItsAccountsOnly() {
            World world = new World(SEED, 3);
            shareKey(world);
            Credential other = other(world, "web-1");
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(other)).build()) {
                RotationPlan plan = engine.plan(world.credential());
                assertThat(obstacle(plan, "web-1")).contains(DeviceFailure.Kind.SHARED_KEY);
                assertThat(planned(plan, "web-1").obstacle().orElseThrow().message())
                        .contains("other");
                assertThat(obstacle(plan, "web-2")).isEmpty();
                assertThat(obstacle(plan, "web-3")).isEmpty();
            }
        }

        @Test
        void plan_otherAccountOfTheSameMachine_isNoTrouble() {
            World world = new World(SEED, 1);
            shareKey(world);
            Credential other =
                    Credential.of("other", "somebody-else", world.credential().devices());
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(other)).build()) {
                assertThat(engine.plan(world.credential()).isClear()).isTrue();
            }
        }

        @Test
        void plan_theOtherCredentialIsKnownFromItsJournalOnly_isRefusedOnThatMachineByWhateverName() {
            World world = new World(SEED, 3);
            shareKey(world);
            Credential other = other(world, "web-1");
            Credential elsewhere = Credential.of(World.NAME, World.USER, List.of(Device.of("web-2", "web-2", 22)));
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .nth(1)
                    .inject(Fault.crashBefore());
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(elsewhere)).build()) {
                RotationPlan plan = engine.plan(other);
                assertThatThrownBy(() -> engine.rotate(plan, event -> {})).isInstanceOf(SimulatedCrash.class);
            }
            world.bury();
            world.fleet.route("alias", 22, world.fleet.device("web-1"));
            List<io.keywright.SshPublicKey> keys = new ArrayList<>();
            world.fleet.devices().forEach(device -> keys.addAll(device.hostKeys()));
            List<Device> devices = new ArrayList<>(world.credential().devices());
            devices.add(Device.of("web-9", "alias", 22));
            try (RotationEngine engine =
                    world.builder().hostKeys(HostKeyVerifier.pinned(keys)).build()) {
                RotationPlan plan = engine.plan(Credential.of(World.NAME, World.USER, devices));
                assertThat(obstacle(plan, "web-1")).contains(DeviceFailure.Kind.SHARED_KEY);
                assertThat(obstacle(plan, "web-9")).contains(DeviceFailure.Kind.SHARED_KEY);
                assertThat(obstacle(plan, "web-2")).isEmpty();
            }
        }

        @Test
        void plan_nothingTellsWhereTheOtherCredentialIsUsed_isRefusedEverywhere() {
            World world = new World(SEED, 2);
            shareKey(world);
            try (RotationEngine engine = world.engine()) {
                RotationPlan plan = engine.plan(world.credential());
                assertThat(plan.devices())
                        .allMatch(device -> device.obstacle().orElseThrow().kind() == DeviceFailure.Kind.SHARED_KEY);
            }
        }

        @Test
        void rotate_theKeyIsSharedSinceThePlan_staysWhereItIsNeeded() {
            World world = new World(SEED, 2);
            Credential other = other(world, "web-1");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        world.bury();
                        shareKey(world);
                    }));
            RotationReport report;
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(other)).build()) {
                report = engine.rotate(engine.plan(world.credential()), event -> {});
            }
            assertThat(outcome(report, "web-1"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.OldKeyAlive.class,
                            alive -> assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.SHARED_KEY));
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            assertThat(outcome(report, "web-2")).isInstanceOf(DeviceOutcome.Done.class);
        }

        @Test
        void remove_anotherCredentialLivesOnTheKey_isRefused() {
            World world = new World(SEED, 2);
            shareKey(world);
            try (RotationEngine engine = world.engine()) {
                Device device = world.credential().devices().get(0);
                assertThat(engine.installer()
                                .remove(world.credential(), device, Optional.empty())
                                .failure())
                        .map(DeviceFailure::kind)
                        .contains(DeviceFailure.Kind.SHARED_KEY);
            }
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }
    }

    @Nested
    class SharedFile {
        private static final KeySpec ED448 = new KeySpec(KeySpec.Type.ED448, OptionalInt.empty(), "new kind");

        private static RotationEngine engine(World world) {
            List<io.keywright.SshPublicKey> keys = new ArrayList<>();
            world.fleet.devices().forEach(device -> keys.addAll(device.hostKeys()));
            return world.builder().hostKeys(HostKeyVerifier.pinned(keys)).build();
        }

        private static Credential with(World world, RotationPolicy.OnFailure onFailure, Device... more) {
            List<Device> devices = new ArrayList<>(world.credential().devices());
            devices.addAll(List.of(more));
            return Credential.of(World.NAME, World.USER, devices)
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(onFailure));
        }

        private static void addNode(World world, String id, String sharesHomeOf) {
            world.fleet
                    .addDevice(id, id, 22, world.fleet.device(sharesHomeOf).fileSystem())
                    .addAccount(World.USER);
        }

        @Test
        void rotate_twoIdsOfOneAccount_areProvedBoth() {
            World world = new World(SEED, 3);
            world.fleet.route("alias", 22, world.fleet.device("web-1"));
            Credential credential = with(world, RotationPolicy.OnFailure.ABORT, Device.of("web-9", "alias", 22));
            try (RotationEngine engine = engine(world)) {
                RotationPlan plan = engine.plan(credential);
                assertThat(planned(plan, "web-9").warnings()).anyMatch(warning -> warning.contains("web-1"));
                assertThat(planned(plan, "web-1").warnings()).noneMatch(warning -> warning.contains("web-9"));
                RotationReport report = engine.rotate(plan, event -> {});
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
            }
            world.assertRotated("web-1");
        }

        @Test
        void rotate_oneOfTwoIdsIsAwayBeforeTheRemoval_onlyTheirFileKeepsBothKeys() {
            World world = new World(SEED, 3);
            // Another machine, which has the same content by chance.
            world.account("web-2").writeAuthorizedKeys(world.account("web-1").authorizedKeys());
            world.fleet.route("alias", 22, world.fleet.device("web-1"));
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.fleet.unroute("alias", 22)));
            Credential credential = with(world, RotationPolicy.OnFailure.ABORT, Device.of("web-9", "alias", 22));
            RotationReport report = rotate(world, credential);
            assertThat(outcome(report, "web-1")).as(report.toText()).isInstanceOf(DeviceOutcome.OldKeyAlive.class);
            assertThat(outcome(report, "web-2")).as(report.toText()).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }

        @Test
        void rotate_oneHostOfASharedHomeRefusesTheNewKey_theFileKeepsTheOldOne() {
            // By id the node comes before the device whose home it shares: the other way round it is the first to add.
            for (String node : List.of("node-b", "zzz")) {
                World world = oneHostWithoutEd448();
                Credential credential = Credential.of(
                                World.NAME,
                                World.USER,
                                List.of(
                                        Device.of("web-2", "web-2", 22).asOriginal(),
                                        Device.of("web-1", "web-1", 22),
                                        Device.of(node, "node-b", 22)))
                        .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE))
                        .withKey(ED448);
                RotationReport report;
                try (RotationEngine engine = engine(world)) {
                    report = engine.rotate(engine.plan(credential), event -> {});
                }
                assertThat(outcome(report, node)).isInstanceOf(DeviceOutcome.Quarantined.class);
                assertThat(outcome(report, "web-1"))
                        .as(report.toText())
                        .isInstanceOfSatisfying(
                                DeviceOutcome.Quarantined.class,
                                held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.SHARED_FILE));
                assertThat(world.fleet.device("node-b").account(World.USER).admits(world.oldKey))
                        .isTrue();
                world.assertNobodyIsLockedOut("a home is shared");
            }
        }

        private static World oneHostWithoutEd448() {
            World world = new World(SEED, 3);
            addNode(world, "node-b", "web-1");
            world.fleet.devices().forEach(device -> {
                if (!device.id().equals("node-b")) {
                    device.configure(config -> config.withKeyAlgorithms(Set.of("ssh-ed25519", "ssh-ed448")));
                }
            });
            return world;
        }

        /** The home of web-1 is that of node-b, too, which refuses the new key; web-1 is the canary if it is the original. */
        private static Credential sharedByOneThatRefuses(String original, String... others) {
            List<Device> devices =
                    new ArrayList<>(List.of(Device.of(original, original, 22).asOriginal()));
            for (String other : others) {
                devices.add(Device.of(other, other, 22));
            }
            devices.add(Device.of("zzz", "node-b", 22));
            return Credential.of(World.NAME, World.USER, devices)
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE))
                    .withKey(ED448);
        }

        private static RotationReport rotate(World world, Credential credential) {
            try (RotationEngine engine = engine(world)) {
                return engine.rotate(engine.plan(credential), event -> {});
            }
        }

        private static RotationReport resume(World world, Credential credential) {
            try (RotationEngine engine = engine(world)) {
                return engine.resume(credential, event -> {}).orElseThrow();
            }
        }

        private static void learnEd448(World world) {
            world.fleet
                    .device("node-b")
                    .configure(config -> config.withKeyAlgorithms(Set.of("ssh-ed25519", "ssh-ed448")));
        }

        @Test
        void rotate_aSharedHomeIsAllThereIsAndOneHostRefusesTheNewKey_isTakenBack() {
            World world = oneHostWithoutEd448();
            RotationReport report = rotate(world, sharedByOneThatRefuses("web-1"));
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(report.reason()).contains("no device accepts the new key");
            world.assertUntouched("web-1");
        }

        @Test
        void resume_aCanaryThatWasHeldFailsOnceTheNewKeyIsCurrent_isQuarantinedAndNothingIsTakenBack() {
            World world = oneHostWithoutEd448();
            Credential credential = sharedByOneThatRefuses("web-1", "web-2");
            assertThat(outcome(rotate(world, credential), "web-1")).isInstanceOf(DeviceOutcome.Quarantined.class);
            world.fleet.device("web-1").goDown();
            RotationReport waiting = resume(world, credential);
            assertThat(waiting.outcome()).as(waiting.toText()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(outcome(waiting, "web-1"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE));
            world.assertNobodyIsLockedOut("the canary is away");
            world.fleet.device("web-1").comeUp();
            learnEd448(world);
            assertThat(resume(world, credential).isSuccess()).isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void resume_killedAtTheSecondHostOfASharedHomeWhichRefusesTheNewKey_theFileKeepsTheOldOne() {
            World world = oneHostWithoutEd448();
            Credential credential = sharedByOneThatRefuses("web-2", "web-1");
            world.fleet
                    .faults()
                    .on(Verb.OPEN_SFTP)
                    .device("node-b")
                    .matching(step -> world.state().pending().isPresent())
                    .nth(1)
                    .inject(Fault.crashBefore());
            assertThatThrownBy(() -> rotate(world, credential)).isInstanceOf(SimulatedCrash.class);
            world.bury();
            RotationReport report = resume(world, credential);
            assertThat(outcome(report, "zzz")).as(report.toText()).isInstanceOf(DeviceOutcome.Quarantined.class);
            assertThat(outcome(report, "web-1")).as(report.toText()).isInstanceOf(DeviceOutcome.Quarantined.class);
            world.assertNobodyIsLockedOut("killed at a shared home");
        }

        @Test
        void rotate_oneHostOfASharedHomeRefusesTheNewKey_theOldLineInItIsGivenNoEnd() {
            World world = oneHostWithoutEd448();
            Credential credential = sharedByOneThatRefuses("web-2", "web-1");
            Credential ending = credential.withPolicy(
                    credential.policy().withOverlap(Duration.ofHours(6)).withDeadMan(Duration.ofHours(4)));
            // Where Ed448 is the only other key, no line is given an end: not every sshd has it.
            world.account("web-2").authorize(world.fleet.hostKey("human"));
            rotate(world, ending);
            assertThat(world.account("web-2").authorizedKeysText()).contains("expiry-time");
            assertThat(world.account("web-1").authorizedKeysText()).doesNotContain("expiry-time");
            world.fleet.clock().advance(Duration.ofHours(11));
            assertThat(world.fleet.device("node-b").account(World.USER).admits(world.oldKey))
                    .isTrue();
        }

        @Test
        void resume_aHostOfASharedHomeIsLateAndRefusesTheNewKey_theFileKeepsTheOldOne() {
            World world = oneHostWithoutEd448();
            Credential credential = sharedByOneThatRefuses("web-2", "web-1");
            world.fleet.device("node-b").goDown();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.fleet.device("web-1").goDown()));
            RotationReport report = rotate(world, credential);
            assertThat(outcome(report, "web-1")).as(report.toText()).isInstanceOf(DeviceOutcome.OldKeyAlive.class);
            world.fleet.faults().clear();
            world.fleet.device("web-1").comeUp();
            world.fleet.device("node-b").comeUp();
            report = resume(world, credential);
            assertThat(outcome(report, "web-1")).as(report.toText()).isInstanceOf(DeviceOutcome.OldKeyAlive.class);
            assertThat(outcome(report, "zzz")).isInstanceOf(DeviceOutcome.Quarantined.class);
            assertThat(world.fleet.device("node-b").account(World.USER).admits(world.oldKey))
                    .isTrue();
            learnEd448(world);
            assertThat(resume(world, credential).isSuccess()).isTrue();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_oneHostOfASharedHomeIsAwayBeforeTheRemoval_theFileKeepsBothKeysUntilItIsBack() {
            World world = new World(SEED, 3);
            addNode(world, "node-b", "web-1");
            Credential credential = with(world, RotationPolicy.OnFailure.ABORT);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.fleet.device("node-b").goDown()));
            RotationReport report = rotate(world, credential);
            assertThat(outcome(report, "web-1"))
                    .as(report.toText())
                    .isInstanceOfSatisfying(
                            DeviceOutcome.OldKeyAlive.class,
                            alive -> assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE));
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            assertThat(world.account("web-1").admits(world.current())).isTrue();
            assertThat(outcome(report, "web-2")).isInstanceOf(DeviceOutcome.Done.class);
            world.fleet.faults().clear();
            world.fleet.device("node-b").comeUp();
            assertThat(resume(world, credential).isSuccess()).isTrue();
            assertThat(world.fleet.openConnections()).isEmpty();
            world.assertRotated("web-1");
        }

        @Test
        void rotate_homeOfThreeHosts_isContractedOnAllOfThem() {
            World world = new World(SEED, 3);
            addNode(world, "node-b", "web-1");
            addNode(world, "node-c", "web-1");
            RotationReport report = rotate(world, with(world, RotationPolicy.OnFailure.ABORT));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated("web-1");
            for (String node : List.of("node-b", "node-c")) {
                assertThat(world.fleet.device(node).account(World.USER).admits(world.oldKey))
                        .isFalse();
            }
        }

        @Test
        void rotate_sharedHome_isContractedOnBothHosts() {
            World world = new World(SEED, 3);
            addNode(world, "node-b", "web-1");
            Credential credential = with(world, RotationPolicy.OnFailure.ABORT);
            try (RotationEngine engine = engine(world)) {
                RotationReport report = engine.rotate(engine.plan(credential), event -> {});
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
            }
            world.assertRotated("web-1");
            assertThat(world.fleet.device("node-b").account(World.USER).admits(world.oldKey))
                    .isFalse();
        }
    }
}
