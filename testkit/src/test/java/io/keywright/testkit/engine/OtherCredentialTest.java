package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.FaultPlan;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Changes over connections that another credential opens. */
class OtherCredentialTest {
    private static final long SEED = 51;
    private static final String ADMIN = "admin";

    private static SshPublicKey admin(World world) {
        SshPublicKey key = world.importKey(ADMIN, SEED + 100);
        world.fleet.devices().forEach(device -> world.account(device.id()).authorize(key));
        return key;
    }

    private static void setPassword(World world, String text) {
        try (Passphrase password = Passphrase.of(text.toCharArray());
                CredentialStore.Lease lease = world.store.lease(ADMIN)) {
            world.store.putPassword(lease, password);
        }
    }

    private static void acceptPassword(World world, String text) {
        try (Passphrase password = Passphrase.of(text.toCharArray())) {
            world.fleet.devices().forEach(device -> {
                device.configure(config -> config.withPasswordAuthentication(true));
                world.account(device.id()).setPassword(password);
            });
        }
    }

    /** By hand, and not through the engine: the credential is held. */
    private static void changePassword(World world) {
        world.store.releaseLeases();
        world.store.onMutation((moment, mutation) -> {});
        setPassword(world, "the new password");
        acceptPassword(world, "the new password");
    }

    @Nested
    class Hold {
        @Test
        void rotate_meanwhile_nobodyCanChangeTheOtherCredential() {
            World world = new World(SEED, 2);
            admin(world);
            Credential credential = world.credential().withAuthenticateWith(ADMIN);
            List<Throwable> refusals = new ArrayList<>();
            try (RotationEngine engine = world.engine()) {
                RotationReport report = engine.rotate(engine.plan(credential), event -> {
                    try (CredentialStore.Lease lease = world.store.lease(ADMIN)) {
                        refusals.add(new AssertionError(lease + " could be had"));
                    } catch (CredentialBusyException e) {
                        refusals.add(e);
                    }
                });
                assertThat(report.isSuccess()).isTrue();
            }
            assertThat(refusals).isNotEmpty().hasOnlyElementsOfType(CredentialBusyException.class);
            world.store.lease(ADMIN).close();
        }

        @Test
        void rotate_theOtherCredentialIsBeingChanged_doesNotBegin() {
            World world = new World(SEED, 2);
            admin(world);
            Credential credential = world.credential().withAuthenticateWith(ADMIN);
            try (RotationEngine engine = world.engine();
                    CredentialStore.Lease lease = world.store.lease(ADMIN)) {
                lease.requireValid();
                RotationPlan plan = engine.plan(credential);
                assertThatThrownBy(() -> engine.rotate(plan, event -> {})).isInstanceOf(CredentialBusyException.class);
                assertThatThrownBy(() -> engine.resume(credential, event -> {}))
                        .isInstanceOf(CredentialBusyException.class);
            }
            assertThat(world.state().versions()).hasSize(1);
            world.store.lease(World.NAME).close();
        }
    }

    @Nested
    class Circle {
        @Test
        void plan_twoThatAuthenticateWithEachOther_isRefused() {
            World world = new World(SEED, 2);
            admin(world);
            Credential admin = Credential.of(
                            ADMIN, World.USER, world.credential().devices())
                    .withAuthenticateWith(World.NAME);
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(admin)).build()) {
                assertThatThrownBy(() -> engine.plan(world.credential().withAuthenticateWith(ADMIN)))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining(
                                "deploy-prod, which authenticates with admin, which authenticates with deploy-prod");
            }
        }

        @Test
        void plan_theOtherOneIsKnownFromItsJournalOnly_isRefusedAllTheSame() {
            World world = new World(SEED, 2);
            admin(world);
            world.rotate(world.credential().withAuthenticateWith(ADMIN));
            Credential admin = Credential.of(
                            ADMIN, World.USER, world.credential().devices())
                    .withAuthenticateWith(World.NAME);
            try (RotationEngine engine = world.engine()) {
                assertThatThrownBy(() -> engine.plan(admin))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("nobody could open");
            }
        }

        @Test
        void plan_aChainThatEnds_isNoCircle() {
            World world = new World(SEED, 2);
            admin(world);
            world.importKey("root", SEED + 102);
            Credential admin = Credential.of(
                            ADMIN, World.USER, world.credential().devices())
                    .withAuthenticateWith("root");
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(admin)).build()) {
                assertThat(engine.plan(world.credential().withAuthenticateWith(ADMIN))
                                .isClear())
                        .isTrue();
            }
        }
    }

    @Nested
    class Refused {
        @Test
        void rotate_aDeviceHasMissedTheOthersRotation_itsOlderVersionIsTried() {
            World world = new World(SEED, 3);
            SshPublicKey before = admin(world);
            SshPublicKey after = world.importKey(ADMIN, SEED + 101);
            for (String id : List.of("web-1", "web-3")) {
                String text = world.account(id).authorizedKeysText();
                world.account(id)
                        .writeAuthorizedKeys(text.replace(
                                before.toLine().split(" ", -1)[1],
                                after.toLine().split(" ", -1)[1]));
            }
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(world.account("web-2").admits(before)).isTrue();
        }
    }

    @Nested
    class FirstQuestion {
        /** On web-1 version 1 is refused at first, and once more after its line is gone. */
        private static Credential rotateUnproven(World world) {
            admin(world);
            FaultPlan.Rule refused = world.fleet
                    .faults()
                    .on(Verb.PROBE)
                    .device("web-1")
                    .matching(step -> world.state().pending().isPresent())
                    .nth(1)
                    .inject(Fault.refusal());
            Credential credential = world.credential().withAuthenticateWith(ADMIN);
            RotationReport report = world.rotate(credential);
            assertThat(refused.hits()).isEqualTo(1);
            assertThat(web1(report).outcome()).isInstanceOf(DeviceOutcome.Unproven.class);
            return credential;
        }

        private static RotationReport settle(World world, Credential credential) {
            world.fleet.clock().advance(Duration.ofHours(25));
            return world.resume(credential).orElseThrow();
        }

        private static DeviceReport web1(RotationReport report) {
            return report.devices().stream()
                    .filter(device -> device.id().equals("web-1"))
                    .findFirst()
                    .orElseThrow();
        }

        private static List<Integer> withPrivateKey(World world) {
            return world.state().versions().stream()
                    .filter(KeyVersion::hasPrivateKey)
                    .map(KeyVersion::number)
                    .toList();
        }

        @Test
        void rotate_theOldKeyWasRefusedBefore_isUnprovenAndItsPrivateHalfIsKept() {
            World world = new World(SEED, 2);
            Credential credential = rotateUnproven(world);
            assertThat(world.state().mayAccept().get("web-1")).contains(1);
            assertThat(world.state().mayAccept().get("web-2")).containsExactly(2);
            assertThat(settle(world, credential).remains())
                    .anyMatch(remains -> remains.contains("web-1") && remains.contains("proves nothing"));
            assertThat(withPrivateKey(world)).containsExactly(1, 2);
        }

        @Test
        void rotate_again_theProofOfOneVersionIsNoneOfAnother() {
            World world = new World(SEED, 2);
            Credential credential = rotateUnproven(world);
            settle(world, credential);
            RotationReport report = world.rotate(credential);
            assertThat(web1(report).outcome())
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Unproven.class,
                            unproven -> assertThat(unproven.why()).contains("version 1"));
            assertThat(report.isSuccess()).isFalse();
            assertThat(world.state().mayAccept().get("web-1")).containsExactlyInAnyOrder(1, 3);
            assertThat(settle(world, credential).remains()).anyMatch(remains -> remains.contains("web-1"));
            assertThat(withPrivateKey(world)).containsExactly(1, 3);
        }

        @Test
        void rotate_theVersionIsAcceptedBeforeAndRefusedNow_isProvedAtLast() {
            World world = new World(SEED, 2);
            Credential credential = rotateUnproven(world);
            settle(world, credential);
            world.account("web-1").authorize(world.oldKey);
            assertThat(world.rotate(credential).isSuccess()).isTrue();
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
            assertThat(world.state().mayAccept().get("web-1")).containsExactly(3);
            assertThat(settle(world, credential).remains()).isEmpty();
            assertThat(withPrivateKey(world)).containsExactly(3);
        }

        @Test
        void rotate_takenBackMeanwhile_forgetsNothing() {
            World world = new World(SEED, 2);
            Credential credential = rotateUnproven(world);
            settle(world, credential);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
            assertThat(world.rotate(credential).reason()).isPresent();
            world.fleet.faults().clear();
            world.rotate(credential);
            assertThat(world.state().mayAccept().get("web-1")).contains(1, 4);
        }

        @Test
        void rotate_theDeviceWasNotListedInBetween_forgetsNothing() {
            World world = new World(SEED, 3);
            Credential credential = rotateUnproven(world);
            settle(world, credential);
            Credential smaller = Credential.of(
                            World.NAME,
                            World.USER,
                            credential.devices().stream()
                                    .filter(device -> !device.id().equals("web-1"))
                                    .toList())
                    .withAuthenticateWith(ADMIN);
            assertThat(world.rotate(smaller).isSuccess()).isTrue();
            world.rotate(credential);
            assertThat(world.state().mayAccept().get("web-1")).contains(1, 4);
        }
    }

    @Nested
    class Password {
        private static FaultPlan.Selection afterTheFirstDevice(World world, Verb verb) {
            return world.fleet
                    .faults()
                    .on(verb)
                    .device("web-1")
                    .matching(step -> world.events.stream().anyMatch(RotationEvent.DeviceDone.class::isInstance));
        }

        @Test
        void rotate_thePasswordIsChangedAfterItsFirstUse_isLoadedAgainBeforeAFailureCounts() {
            World world = new World(SEED, 3);
            setPassword(world, "the old password");
            acceptPassword(world, "the old password");
            FaultPlan.Rule change =
                    afterTheFirstDevice(world, Verb.CONNECT).nth(1).inject(Fault.before(step -> changePassword(world)));
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(change.hits()).isEqualTo(1);
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        }

        @Test
        void rotate_thePasswordIsChangedBeforeTheOldKeyGoes_isLoadedAgainBeforeAFailureCounts() {
            World world = new World(SEED, 2);
            setPassword(world, "the old password");
            acceptPassword(world, "the old password");
            world.fleet.devices().forEach(device -> {
                String text = "command=\"uptime\" " + world.oldKey.toLine() + "\n";
                world.account(device.id()).writeAuthorizedKeys(text);
            });
            FaultPlan.Rule change = world.fleet
                    .faults()
                    .on(Verb.LOG_IN)
                    .matching(step -> world.events.stream().anyMatch(RotationEvent.Promoted.class::isInstance))
                    .nth(1)
                    .inject(Fault.before(step -> changePassword(world)));
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(change.hits()).isEqualTo(1);
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(world.events).noneMatch(RotationEvent.DeviceFailed.class::isInstance);
        }

        @Test
        void rotate_thePasswordIsRefusedAndNobodyHasChangedIt_fails() {
            World world = new World(SEED, 3);
            setPassword(world, "the password");
            acceptPassword(world, "the password");
            FaultPlan.Rule refused = afterTheFirstDevice(world, Verb.LOG_IN).inject(Fault.refusal());
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(refused.hits()).isEqualTo(1);
            assertThat(report.reason().orElseThrow()).contains("web-1", "lets in none");
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }

        @Test
        void rotate_aDeviceThatThePlanDidNotReachIsAnotherOneAfterTheFirstQuestion_getsNoPassword() {
            World world = new World(SEED, 2);
            setPassword(world, "correct horse");
            acceptPassword(world, "correct horse");
            world.fleet.device("web-1").goDown();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(step -> world.fleet.device("web-1").comeUp()));
            FaultPlan.Rule thief = world.fleet
                    .faults()
                    .on(Verb.CONNECT)
                    .device("web-1")
                    .matching(step -> world.state().pending().isPresent())
                    .nth(2)
                    .inject(Fault.before(
                            step -> world.fleet.device("web-1").setHostKeys(world.fleet.hostKey("thief"))));
            world.rotate(world.credential()
                    .withAuthenticateWith(ADMIN)
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE)));
            assertThat(thief.hits()).isEqualTo(1);
            assertThat(world.fleet.trace())
                    .noneMatch(entry -> entry.step().verb() == Verb.LOG_IN
                            && entry.step().device().equals("web-1")
                            && entry.step().detail().contains("password"));
        }

        @Test
        void plan_anotherMachineAnswersAfterTheFirstQuestion_getsNoPassword() {
            World world = new World(SEED, 2);
            setPassword(world, "correct horse");
            acceptPassword(world, "correct horse");
            // The engine's own record would take either key: what counts is the one that was seen first.
            world.fleet
                    .faults()
                    .on(Verb.CONNECT)
                    .device("web-1")
                    .nth(2)
                    .inject(Fault.before(
                            step -> world.fleet.device("web-1").setHostKeys(world.fleet.hostKey("thief"))));
            RotationPlan plan;
            try (RotationEngine engine = world.engine()) {
                plan = engine.plan(world.credential().withAuthenticateWith(ADMIN));
            }
            assertThat(plan.devices())
                    .filteredOn(device -> device.device().id().equals("web-1"))
                    .singleElement()
                    .satisfies(
                            device -> assertThat(device.obstacle().orElseThrow().kind())
                                    .isEqualTo(DeviceFailure.Kind.HOST_KEY_CHANGED));
            assertThat(world.fleet.trace())
                    .noneMatch(entry -> entry.step().verb() == Verb.LOG_IN
                            && entry.step().device().equals("web-1")
                            && entry.step().detail().contains("password"));
        }
    }
}
