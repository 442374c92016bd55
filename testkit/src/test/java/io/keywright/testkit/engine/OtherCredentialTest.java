package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.FaultPlan;
import io.keywright.testkit.fleet.Verb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Changes over connections that another credential opens. */
class OtherCredentialTest {
    private static final long SEED = 51;
    private static final String ADMIN = "admin";

    private static SshPublicKey importKey(World world, String credential, long seed) {
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519()
                        .withComment(credential)
                        .withRandom(new World.SeededRandom(seed))
                        .generate();
                CredentialStore.Lease lease = world.store.lease(credential)) {
            world.store.importKey(lease, pair);
            return pair.publicKey();
        }
    }

    private static SshPublicKey admin(World world) {
        SshPublicKey key = importKey(world, ADMIN, SEED + 100);
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
            importKey(world, "root", SEED + 102);
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
            SshPublicKey after = importKey(world, ADMIN, SEED + 101);
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

        @Test
        void rotate_thePasswordIsChangedInMidRotation_isLoadedAgainBeforeAFailureCounts() {
            World world = new World(SEED, 3);
            setPassword(world, "the old password");
            acceptPassword(world, "the old password");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER stage"))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        // Somebody does it by hand, past every lease.
                        world.store.releaseLeases();
                        world.store.onMutation((moment, mutation) -> {});
                        setPassword(world, "the new password");
                        acceptPassword(world, "the new password");
                    }));
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
        }
    }

    @Nested
    class FirstQuestion {
        @Test
        void rotate_theOldKeyWasRefusedBefore_isUnprovenAndItsPrivateHalfIsKept() {
            World world = new World(SEED, 2);
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
            assertThat(report.devices())
                    .filteredOn(device -> device.id().equals("web-1"))
                    .singleElement()
                    .satisfies(device -> assertThat(device.outcome()).isInstanceOf(DeviceOutcome.Unproven.class));
            assertThat(world.state().mayAccept().get("web-1")).contains(1);
            assertThat(world.state().mayAccept().get("web-2")).containsExactly(2);
            world.fleet.clock().advance(Duration.ofHours(25));
            world.resume(credential);
            assertThat(world.state().version(1).orElseThrow().hasPrivateKey()).isTrue();
        }
    }

    @Nested
    class Password {
        @Test
        void rotate_thePasswordIsChangedAfterItsFirstUse_isLoadedAgainBeforeAFailureCounts() {
            World world = new World(SEED, 3);
            setPassword(world, "the old password");
            acceptPassword(world, "the old password");
            FaultPlan.Rule change = world.fleet
                    .faults()
                    .on(Verb.CONNECT)
                    .device("web-1")
                    .matching(step -> world.events.stream().anyMatch(RotationEvent.DeviceDone.class::isInstance))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        // By hand, and not through the engine: the credential is held.
                        world.store.releaseLeases();
                        world.store.onMutation((moment, mutation) -> {});
                        setPassword(world, "the new password");
                        acceptPassword(world, "the new password");
                    }));
            RotationReport report = world.rotate(world.credential().withAuthenticateWith(ADMIN));
            assertThat(change.hits()).isEqualTo(1);
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
        }

        @Test
        void rotate_thePasswordIsRefusedAndNobodyHasChangedIt_fails() {
            World world = new World(SEED, 3);
            setPassword(world, "the password");
            acceptPassword(world, "the password");
            FaultPlan.Rule refused = world.fleet
                    .faults()
                    .on(Verb.LOG_IN)
                    .device("web-1")
                    .matching(step -> world.events.stream().anyMatch(RotationEvent.DeviceDone.class::isInstance))
                    .inject(Fault.refusal());
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
