package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationException;
import io.keywright.rotation.RotationJournal;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Devices that are away for a while, that come, that go, and that are suddenly somebody else. */
class MembershipTest {
    private static final long SEED = 61;

    private static Credential quarantining(World world) {
        return world.credential().withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
    }

    private static DeviceOutcome outcome(RotationReport report, String id) {
        return report.devices().stream()
                .filter(device -> device.id().equals(id))
                .map(DeviceReport::outcome)
                .findFirst()
                .orElseThrow();
    }

    private static KeyVersion.Label label(World world, int version) {
        return world.state().version(version).orElseThrow().label();
    }

    private static RotationReport resumeAfterSettling(World world, Credential credential) {
        world.fleet.clock().advance(Duration.ofHours(25));
        return world.resume(credential).orElseThrow();
    }

    @Nested
    class CatchUp {
        @Test
        void rotate_aDeviceMissesThreeRotations_catchesUpWithTheKeyThatItReallyHas() {
            World world = new World(SEED, 3);
            Credential credential = quarantining(world);
            world.fleet.device("web-1").goDown();
            for (int rotation = 1; rotation <= 3; rotation++) {
                RotationReport report = world.rotate(credential);
                assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
                assertThat(outcome(report, "web-1")).isInstanceOf(DeviceOutcome.Quarantined.class);
                assertThat(outcome(report, "web-2")).isInstanceOf(DeviceOutcome.Done.class);
                world.fleet.clock().advance(Duration.ofDays(2));
                assertThat(world.resume(credential).orElseThrow().outcome())
                        .isEqualTo(RotationReport.Outcome.INCOMPLETE);
            }
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.PREVIOUS);
            world.assertNobodyIsLockedOut("three rotations were missed");

            world.fleet.device("web-1").comeUp();
            RotationReport caughtUp = world.resume(credential).orElseThrow();
            assertThat(caughtUp.isSuccess()).as(caughtUp.toText()).isTrue();
            world.assertRotated("web-1");
            assertThat(resumeAfterSettling(world, credential).outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.state().versions().stream().filter(KeyVersion::hasPrivateKey))
                    .extracting(KeyVersion::number)
                    .containsExactly(4);
        }

        /** The new key was added to web-1, which went down before it could log in there. */
        private static World cutOffAfterTheNewKeyWasAdded() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .on(Verb.POSIX_RENAME)
                    .device("web-1")
                    .nth(1)
                    .inject(Fault.after(step -> world.fleet.device("web-1").goDown()));
            assertThat(outcome(world.rotate(quarantining(world)), "web-1"))
                    .isInstanceOf(DeviceOutcome.Quarantined.class);
            world.fleet.faults().clear();
            world.fleet.device("web-1").comeUp();
            assertThat(world.account("web-1").admits(world.current())).isTrue();
            return world;
        }

        @Test
        void rotate_theMissedKeyIsThereAfterAll_isProvedDeadLikeTheOlderOne() {
            World world = cutOffAfterTheNewKeyWasAdded();
            RotationReport report = world.rotate(quarantining(world));
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(world.state().mayAccept().get("web-1")).containsExactly(3);
            resumeAfterSettling(world, quarantining(world));
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.DESTROYED);
            assertThat(label(world, 2)).isEqualTo(KeyVersion.Label.DESTROYED);
        }

        @Test
        void rotate_theMissedKeyWasAddedAndTakenAwayUnseen_isKept() {
            World world = cutOffAfterTheNewKeyWasAdded();
            world.account("web-1").writeAuthorizedKeys(world.oldKey.toLine() + "\n");
            assertThat(outcome(world.rotate(quarantining(world)), "web-1"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Unproven.class,
                            unproven -> assertThat(unproven.why()).contains("version 2"));
            assertThat(world.state().mayAccept().get("web-1")).containsExactlyInAnyOrder(2, 3);
        }

        @Test
        void rotate_aDeviceHasWhatOneOfTheMissedRotationsLeft_isFoundOut() {
            World world = new World(SEED, 3);
            Credential credential = quarantining(world);
            world.rotate(credential);
            SshPublicKey second = world.current();
            world.fleet.device("web-1").goDown();
            world.rotate(credential);
            world.rotate(credential);
            assertThat(world.account("web-1").admits(second)).isTrue();
            world.fleet.device("web-1").comeUp();
            assertThat(world.resume(credential).orElseThrow().isSuccess()).isTrue();
            world.assertRotated("web-1");
            assertThat(world.account("web-1").admits(second)).isFalse();
        }

        @Test
        void rotate_theHostKeyChangesAfterThePlan_theDeviceIsQuarantinedAndTheOtherMachineUntouched() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER stage"))
                    .nth(1)
                    .inject(Fault.before(
                            step -> world.fleet.device("web-1").setHostKeys(world.fleet.hostKey("another machine"))));
            RotationReport report = world.rotate(quarantining(world));
            assertThat(outcome(report, "web-1"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.HOST_KEY_CHANGED));
            world.assertUntouched("web-1");
            assertThat(outcome(report, "web-2")).isInstanceOf(DeviceOutcome.Done.class);
        }
    }

    /** Whoever leaves a device out of the list by mistake must hear of it. */
    @Nested
    class NoMoreListed {
        @Test
        void rotate_withoutADevice_planAndReportNameItAndItsKeyIsKept() {
            World world = new World(SEED, 3);
            Credential credential = world.credential();
            world.rotate(credential);
            resumeAfterSettling(world, credential);
            Credential smaller =
                    Credential.of(World.NAME, World.USER, credential.devices().subList(1, 3));
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.plan(credential).warnings()).isEmpty();
                RotationPlan plan = engine.plan(smaller);
                assertThat(plan.warnings()).singleElement().asString().contains("list web-1 again");
                assertThat(plan.toText()).contains("list web-1 again");
                assertThat(plan.toJson()).contains("list web-1 again");
            }
            world.rotate(smaller);
            RotationReport report = resumeAfterSettling(world, smaller);
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(report.remains()).singleElement().asString().contains("list web-1 again");
            assertThat(label(world, 2)).isEqualTo(KeyVersion.Label.PREVIOUS);

            assertThat(world.rotate(credential).isSuccess()).isTrue();
            assertThat(resumeAfterSettling(world, credential).remains()).isEmpty();
            world.assertRotated("web-1");
            assertThat(label(world, 2)).isEqualTo(KeyVersion.Label.DESTROYED);
        }
    }

    /** Decision 8: a device that lets in none of the stored keys. */
    @Nested
    class AcceptsNothing {
        private static World world() {
            World world = new World(SEED, 3);
            world.account("web-2").writeAuthorizedKeys("# reinstalled\n");
            return world;
        }

        @Test
        void rotate_underAbort_changesNothingAnywhere() {
            World world = world();
            assertThatThrownBy(() -> world.rotate(world.credential()))
                    .isInstanceOf(RotationException.class)
                    .hasMessageContaining("web-2");
            assertThat(world.state().versions()).hasSize(1);
            world.assertUntouched("web-1");
        }

        @Test
        void rotate_givenTheNextKeyByHand_theOneThatItWasNeverSeenToAcceptIsKept() {
            World world = world();
            Credential credential = quarantining(world);
            world.rotate(credential);
            world.account("web-2").authorize(world.current());
            RotationReport report = world.rotate(credential);
            assertThat(outcome(report, "web-1")).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(outcome(report, "web-2"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Unproven.class,
                            unproven -> assertThat(unproven.why()).contains("version 1"));
            resumeAfterSettling(world, credential);
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.PREVIOUS);
            assertThat(label(world, 2)).isEqualTo(KeyVersion.Label.DESTROYED);
        }

        @Test
        void rotate_underQuarantine_goesOnWithoutItAndDestroysNothingThatItMayAcceptAgain() {
            World world = world();
            Credential credential = quarantining(world);
            RotationReport report = world.rotate(credential);
            assertThat(outcome(report, "web-1")).isInstanceOf(DeviceOutcome.Done.class);
            assertThat(outcome(report, "web-2"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED));
            assertThat(resumeAfterSettling(world, credential).outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.PREVIOUS);

            world.account("web-2").authorize(world.oldKey);
            assertThat(world.resume(credential).orElseThrow().isSuccess()).isTrue();
            assertThat(world.account("web-2").admits(world.oldKey)).isFalse();
        }
    }

    @Nested
    class Joining {
        private static Credential with(Credential credential, World world, String id) {
            world.fleet
                    .addDevice(id)
                    .addAccount(World.USER)
                    .writeAuthorizedKeys("%s\n".replace("%s", world.oldKey.toLine()));
            world.foreignText.put(id, "%s\n");
            List<Device> devices = new ArrayList<>(credential.devices());
            devices.add(Device.of(id, id, 22));
            return Credential.of(credential.name(), credential.user(), devices).withPolicy(credential.policy());
        }

        @Test
        void resume_aDeviceJoinedSinceThePlan_catchesUpBeforeAnythingIsDestroyed() {
            World world = new World(SEED, 2);
            Credential credential = world.credential();
            world.rotate(credential);
            Credential larger = with(credential, world, "web-9");
            world.fleet.device("web-9").goDown();

            RotationReport waiting = resumeAfterSettling(world, larger);
            assertThat(outcome(waiting, "web-9"))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.UNREACHABLE));
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.PREVIOUS);
            assertThat(world.state().mayAccept().get("web-9")).contains(1, 2);
            world.assertNobodyIsLockedOut("a device has joined");

            world.fleet.device("web-9").comeUp();
            assertThat(world.resume(larger).orElseThrow().isSuccess()).isTrue();
            world.assertRotated("web-9");
            assertThat(resumeAfterSettling(world, larger).outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.DESTROYED);
        }

        @Test
        void resume_aDeviceThatIsNoMoreListed_isWaitedForAllTheSame() {
            World world = new World(SEED, 3);
            Credential credential = quarantining(world);
            world.fleet.device("web-1").goDown();
            world.rotate(credential);
            Credential smaller = Credential.of(
                            World.NAME,
                            World.USER,
                            credential.devices().stream()
                                    .filter(device -> !device.id().equals("web-1"))
                                    .toList())
                    .withPolicy(credential.policy());
            assertThat(resumeAfterSettling(world, smaller).outcome()).isEqualTo(RotationReport.Outcome.INCOMPLETE);
            world.rotate(smaller);
            assertThat(resumeAfterSettling(world, smaller).outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.PREVIOUS);
            world.assertNobodyIsLockedOut("a device was dropped from the list");
        }
    }

    @Nested
    class Removing {
        @Test
        void removeDevice_thatEverythingWaitedFor_freesTheEnd() {
            World world = new World(SEED, 3);
            Credential credential = quarantining(world);
            world.fleet.device("web-1").goDown();
            world.rotate(credential);
            try (RotationEngine engine = world.engine()) {
                engine.removeDevice(World.NAME, "web-1", "scrapped, says Kim");
            }
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(outcome(report, "web-1")).isEqualTo(new DeviceOutcome.Removed("scrapped, says Kim"));
            assertThat(resumeAfterSettling(world, credential).outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(label(world, 1)).isEqualTo(KeyVersion.Label.DESTROYED);
            assertThat(world.state().mayAccept()).doesNotContainKey("web-1");
            try (RotationJournal.Log log = world.journal.openLatest(World.NAME).orElseThrow()) {
                assertThat(log.entries())
                        .filteredOn(entry -> entry.step() == JournalEntry.Step.REMOVED)
                        .singleElement()
                        .satisfies(entry -> {
                            assertThat(entry.device()).contains("web-1");
                            assertThat(entry.facts()).containsEntry("reason", "scrapped, says Kim");
                        });
            }
        }

        @Test
        void plan_aDeviceMissedARotationAndWasGivenTheCurrentKeyByHand_triesItAllTheSame() {
            World world = new World(SEED, 2);
            Credential credential = quarantining(world);
            world.fleet.device("web-1").goDown();
            world.rotate(credential);
            world.fleet.device("web-1").comeUp();
            try (CredentialStore.Lease lease = world.store.lease(World.NAME)) {
                world.store.recordDevices(lease, Map.of("web-1", Set.of(1)));
            }
            world.account("web-1").writeAuthorizedKeys(world.current().toLine() + "\n");
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.plan(credential).devices())
                        .filteredOn(device -> device.device().id().equals("web-1"))
                        .singleElement()
                        .satisfies(device -> {
                            assertThat(device.obstacle()).isEmpty();
                            assertThat(device.acceptedVersion()).contains(2);
                        });
            }
        }

        @Test
        void removeDevice_duringARollBackThatWaitsForIt_endsTheRollBack() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .on(Verb.POSIX_RENAME)
                    .device("web-2")
                    .inject(Fault.after(step -> world.fleet.device("web-2").goDown()));
            assertThat(world.rotate(world.credential()).outcome())
                    .isEqualTo(RotationReport.Outcome.ROLL_BACK_INCOMPLETE);
            world.fleet.faults().clear();
            try (RotationEngine engine = world.engine()) {
                engine.removeDevice(World.NAME, "web-2", "gone");
            }
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
        }

        @Test
        void removeDevice_thatNobodyKnows_isRefused() {
            World world = new World(SEED, 2);
            try (RotationEngine engine = world.engine()) {
                assertThatThrownBy(() -> engine.removeDevice(World.NAME, "web-77", "typo"))
                        .isInstanceOf(RotationException.class)
                        .hasMessageContaining("web-77");
            }
        }
    }
}
