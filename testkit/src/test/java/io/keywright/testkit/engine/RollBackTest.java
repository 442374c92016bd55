package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Cancellation;
import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.RotationReport.Outcome;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.FaultPlan;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is taken back settles like what goes forward: it is destroyed after a second proof only. */
class RollBackTest {
    private static final long SEED = 61;
    private static final Duration SETTLED = Duration.ofHours(25);

    /** A world whose last device cannot be written: the others have the new key when the rotation is taken back. */
    private static World failing(int devices) {
        World world = new World(SEED, devices);
        cannotBeWritten(world, last(world));
        return world;
    }

    private static void cannotBeWritten(World world, String device) {
        world.fleet
                .faults()
                .onEvery()
                .device(device)
                .matching(step -> step.verb() == Verb.CREATE_SYNCED)
                .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
    }

    private static String last(World world) {
        List<io.keywright.rotation.Device> order = world.credential().devicesInOrder();
        return order.get(order.size() - 1).id();
    }

    private static Label label(World world, int version) {
        return world.state().version(version).orElseThrow().label();
    }

    private static DeviceOutcome outcome(RotationReport report, String device) {
        return report.devices().stream()
                .filter(d -> d.id().equals(device))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    private static SshPublicKey key(World world, int version) {
        return world.state().version(version).orElseThrow().publicKey();
    }

    private static RotationReport resume(World world) {
        return world.resume(world.credential()).orElseThrow();
    }

    private static void assertWaits(World world, RotationReport report, DeviceFailure.Kind why) {
        assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_INCOMPLETE);
        assertThat(outcome(report, "web-1"))
                .isInstanceOfSatisfying(
                        DeviceOutcome.RollBackPending.class,
                        pending -> assertThat(pending.failure().kind()).isEqualTo(why));
        assertThat(label(world, 2)).isEqualTo(Label.PENDING);
    }

    @Nested
    class Settle {
        @Test
        void rotate_takenBack_keepsTheNewKeyUntilTheSecondProofAndSaysUntilWhen() {
            World world = failing(3);
            RotationReport report = world.rotate(world.credential());
            Instant until = world.fleet.clock().instant().plus(Duration.ofHours(24));
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(report.settlesAt().orElseThrow()).isBeforeOrEqualTo(until);
            assertThat(report.isSuccess()).isFalse();
            assertThat(report.remains())
                    .containsExactly(
                            "resume at " + report.settlesAt().orElseThrow() + ", when the second proof is due");
            assertThat(report.toText())
                    .contains("kept until the second proof, due "
                            + report.settlesAt().get());
            assertThat(label(world, 2)).isEqualTo(Label.ROLLED_BACK);
            assertThat(world.state().version(2).orElseThrow().hasPrivateKey()).isTrue();
            assertThat(world.state().mayAccept().values()).noneMatch(versions -> versions.contains(2));
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.status(World.NAME).resumable()).isTrue();
                assertThat(engine.status(World.NAME).toText())
                        .contains("due " + report.settlesAt().get())
                        .doesNotContain("is not finished");
            }
        }

        @Test
        void resume_beforeItsTime_asksNobody() {
            World world = failing(3);
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofHours(23));
            long before = world.fleet.stepCount();
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.fleet.trace())
                    .noneMatch(entry ->
                            entry.step().number() > before && entry.step().verb() == Verb.CONNECT);
            assertThat(label(world, 2)).isEqualTo(Label.ROLLED_BACK);
        }

        @Test
        void resume_whenItIsDue_asksEachDeviceThatHadTheNewKeyAndThenDestroysIt() {
            World world = failing(3);
            world.rotate(world.credential());
            world.fleet.clock().advance(SETTLED);
            long before = world.fleet.stepCount();
            RotationReport report = resume(world);
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(report.remains()).isEmpty();
            assertThat(label(world, 2)).isEqualTo(Label.DESTROYED);
            String print = key(world, 2).fingerprint().toString();
            for (String device : List.of("web-1", "web-3")) {
                assertThat(world.fleet.trace())
                        .as("the second proof on %s", device)
                        .anyMatch(entry -> entry.step().number() > before
                                && entry.step().device().equals(device)
                                && entry.step().verb() == Verb.PROBE
                                && entry.step().detail().equals(print));
            }
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }

        @Test
        void resume_theNewLineIsBack_isRemovedAgainAndSettlesAgain() {
            World world = failing(3);
            world.rotate(world.credential());
            byte[] clean = world.account("web-1").authorizedKeys();
            world.account("web-1").authorize(key(world, 2));
            world.fleet.clock().advance(SETTLED);
            RotationReport again = resume(world);
            assertThat(again.outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(again.settlesAt().orElseThrow())
                    .isAfter(world.fleet.clock().instant());
            assertThat(world.account("web-1").authorizedKeys()).isEqualTo(clean);
            assertThat(world.state().version(2).orElseThrow().hasPrivateKey()).isTrue();
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(label(world, 2)).isEqualTo(Label.DESTROYED);
        }

        @Test
        void resume_aDeviceCannotBeAsked_theNewKeyIsKept() {
            World world = failing(3);
            world.rotate(world.credential());
            world.fleet.clock().advance(SETTLED);
            world.fleet.device("web-1").goDown();
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.state().version(2).orElseThrow().hasPrivateKey()).isTrue();
            world.fleet.device("web-1").comeUp();
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLLED_BACK);
        }

        @Test
        void rotate_noDeviceWasTouched_destroysTheNewKeyAtOnce() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(step -> world.fleet.device("web-2").goDown()));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(label(world, 2)).isEqualTo(Label.DESTROYED);
        }

        @Test
        void rotate_noDeviceWasTouchedAndAFileIsManaged_destroysTheNewKeyAllTheSame() {
            World world = new World(SEED, 2);
            world.account("web-1").writeAuthorizedKeys("# Ansible managed\n" + world.oldKey.toLine() + "\n");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(step -> world.fleet.device("web-2").goDown()));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(report.remains()).isEmpty();
            assertThat(label(world, 2)).isEqualTo(Label.DESTROYED);
        }

        @Test
        void resume_aFileIsManaged_keepsTheNewKeyAndSaysWhy() {
            World world = new World(SEED, 2);
            world.account("web-2").writeAuthorizedKeys("# Ansible managed\n" + world.oldKey.toLine() + "\n");
            cannotBeWritten(world, "web-1");
            world.rotate(world.credential());
            world.fleet.clock().advance(SETTLED);
            RotationReport report = resume(world);
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(report.remains()).singleElement().asString().contains("web-2", "Ansible");
            assertThat(label(world, 2)).isEqualTo(Label.ROLLED_BACK);
            try (RotationEngine engine = world.engine()) {
                engine.destroy(World.NAME, 2);
            }
            assertThat(label(world, 2)).isEqualTo(Label.DESTROYED);
        }

        @Test
        void cancel_whatSettlesAlready_isNothingToCancel() {
            World world = failing(3);
            world.rotate(world.credential());
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.cancel(world.credential(), event -> {}))
                        .isInstanceOf(Cancellation.NothingToCancel.class);
            }
        }
    }

    @Nested
    class StillThere {
        /** What happens on web-1 right after one of its edits: the first adds the new key, the second takes it back. */
        private World withDeed(int edit, Consumer<World> deed) {
            World world = failing(3);
            world.fleet
                    .faults()
                    .on(Verb.REMOVE)
                    .device("web-1")
                    .matching(step -> step.detail().endsWith("-lock"))
                    .nth(edit)
                    .inject(Fault.after(step -> deed.accept(world)));
            return world;
        }

        private void assertStillAccepts(World world) {
            RotationReport report = world.rotate(world.credential());
            assertWaits(world, report, DeviceFailure.Kind.STILL_ACCEPTED);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }

        @Test
        void rotate_theNewLineIsBackRightAfterItsRemovalAndRefused_isNotCalledTakenBack() {
            World world = withDeed(
                    2,
                    w -> w.account("web-1")
                            .authorizeLine("from=\"192.0.2.1\" " + key(w, 2).toLine()));
            assertStillAccepts(world);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            world.assertUntouched("web-1");
        }

        @Test
        void rotate_theNewKeyIsInAFileThatWasNotNamedToo_isNotCalledTakenBack() {
            World world = withDeed(1, w -> {
                w.fleet
                        .device("web-1")
                        .configure(config -> config.withAuthorizedKeysFiles(".ssh/authorized_keys", ".ssh/more"));
                w.account("web-1").files().writeText(".ssh/more", key(w, 2).toLine() + "\n");
            });
            assertStillAccepts(world);
            world.account("web-1").files().remove(".ssh/more");
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            world.assertUntouched("web-1");
        }
    }

    @Nested
    class Again {
        @Test
        void rotate_whileATakenBackKeySettles_replacesAndDestroysBoth() {
            World world = failing(3);
            world.rotate(world.credential());
            world.fleet.faults().clear();
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.FINISHED);
            assertThat(world.state().versions().stream().map(KeyVersion::label))
                    .containsExactly(Label.DESTROYED, Label.DESTROYED, Label.CURRENT);
        }

        @Test
        void rotate_takenBackTwice_provesBothKeysOnEveryDevice() {
            World world = failing(3);
            world.rotate(world.credential());
            world.fleet.faults().clear();
            cannotBeWritten(world, "web-1");
            world.rotate(world.credential());
            // The first rotation's key comes back where the second one never was.
            world.account("web-2").authorize(key(world, 2));
            world.fleet.faults().clear();
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-2").admits(key(world, 2))).isFalse();
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLLED_BACK);
            assertThat(world.state().versions().stream().map(KeyVersion::label))
                    .containsExactly(Label.CURRENT, Label.DESTROYED, Label.DESTROYED);
        }
    }

    @Nested
    class Behind {
        @Test
        void rotate_takenBackWhileADeviceHasAnOlderKey_saysThatItHasToCatchUp() {
            World world = new World(SEED, 3);
            Credential quarantining = world.credential()
                    .withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
            world.fleet.device("web-1").goDown();
            world.rotate(quarantining);
            world.fleet.device("web-1").comeUp();
            cannotBeWritten(world, last(world));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(report.remains())
                    .anyMatch(remains -> remains.startsWith("rotate again:")
                            && remains.contains("web-1")
                            && !remains.contains("web-2"));
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).remains()).anyMatch(remains -> remains.contains("web-1"));
        }
    }

    @Nested
    class EarlierKey {
        @Test
        void rotate_onlyAKeyThatWasTakenBackEarlierIsLetIn_endsWithTheOldOne() {
            World world = failing(3);
            world.rotate(world.credential());
            world.account("web-1").writeAuthorizedKeys(key(world, 2).toLine() + "\n");
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            assertThat(world.account("web-1").admits(key(world, 2))).isFalse();
            assertThat(world.account("web-1").admits(key(world, 3))).isFalse();
        }
    }

    @Nested
    class OldKeyTakenAway {
        /** Others take the old key's lines away from a device that has the new one, just before the rotation fails. */
        private World withoutTheOldKeyOn(String device) {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device(last(world))
                    .nth(1)
                    .inject(Fault.before(step -> takeOldKeyAway(world, device)));
            cannotBeWritten(world, last(world));
            return world;
        }

        private void takeOldKeyAway(World world, String device) {
            String blob = world.oldKey.toLine().split(" ", -1)[1];
            String kept = world.account(device)
                    .authorizedKeysText()
                    .lines()
                    .filter(line -> !line.contains(blob))
                    .map(line -> line + "\n")
                    .reduce("", String::concat);
            world.account(device).writeAuthorizedKeys(kept);
        }

        @Test
        void rotate_onlyTheNewKeyIsLetIn_putsTheOldOneBackWithItsOptions() {
            World world = withoutTheOldKeyOn("web-1");
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            assertThat(world.account("web-1").admits(key(world, 2))).isFalse();
            assertThat(report.devices())
                    .filteredOn(device -> device.id().equals("web-1"))
                    .singleElement()
                    .satisfies(device -> assertThat(device.edits())
                            .as("added, put back and removed")
                            .filteredOn(RemoteEdit::changed)
                            .hasSize(3));
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }

        @Test
        void rotate_theFileCannotBeWritten_keepsTheNewKeyAndSaysThatItIsTheWayIn() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device(last(world))
                    .nth(1)
                    .inject(Fault.before(step -> {
                        takeOldKeyAway(world, "web-1");
                        world.fleet.device("web-1").fileSystem().setReadOnly(true);
                    }));
            cannotBeWritten(world, last(world));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_INCOMPLETE);
            assertThat(outcome(report, "web-1"))
                    .isInstanceOfSatisfying(DeviceOutcome.RollBackPending.class, pending -> {
                        assertThat(pending.failure().kind()).isEqualTo(DeviceFailure.Kind.FILE_NOT_WRITABLE);
                        assertThat(pending.failure().message()).contains("cannot be put back", "stays until then");
                    });
            world.assertNobodyIsLockedOut("the new key is the only way in");
            assertThat(world.state().version(2).orElseThrow().hasPrivateKey()).isTrue();
            world.fleet.clock().advance(SETTLED);
            resume(world);
            world.assertNobodyIsLockedOut("the new key is still the only way in");
            world.fleet.device("web-1").fileSystem().setReadOnly(false);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }

        @Test
        void rotate_theConnectionBreaksWhileTheOldKeyIsPutBack_isTriedAgain() {
            World world = withoutTheOldKeyOn("web-1");
            FaultPlan.Rule broken = world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .nth(2)
                    .inject(Fault.lostBefore());
            RotationReport report = world.rotate(world.credential());
            assertThat(broken.hits()).isEqualTo(1);
            assertThat(report.outcome()).as(report.toText()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }

        @Test
        void rotate_neitherKeyIsLetIn_saysSoAndWaits() {
            World world = new World(SEED, 3);
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device(last(world))
                    .nth(1)
                    .inject(Fault.before(step -> world.account("web-1").writeAuthorizedKeys("# nobody\n")));
            cannotBeWritten(world, last(world));
            RotationReport report = world.rotate(world.credential());
            assertWaits(world, report, DeviceFailure.Kind.LOGIN_REFUSED);
        }

        @Test
        void resume_takenAwayWhileSettling_isPutBackByTheNewKeyThatIsBackToo() {
            World world = failing(3);
            world.rotate(world.credential());
            world.account("web-1").writeAuthorizedKeys(key(world, 2).toLine() + "\n");
            world.fleet.clock().advance(SETTLED);
            assertThat(resume(world).outcome()).isEqualTo(Outcome.ROLL_BACK_SETTLING);
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            assertThat(world.account("web-1").admits(key(world, 2))).isFalse();
        }
    }
}
