package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywright.SshKeyPair;
import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.CrashModel;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.PenaltyRules;
import io.keywright.testkit.fleet.PosixFileSystem;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.TraceEntry;
import io.keywright.testkit.fleet.UserFiles;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What goes wrong in the field, as far as no other test has it; this package's documentation says where each is. */
class FieldFailuresTest {
    private static final long SEED = 29;
    private static final String DEVICE = "web-1";

    @Nested
    class Rotate {
        @Test
        void rotate_byteOrderMarkInFront_isKept() {
            World world = new World(SEED, 1);
            String comment = "\uFEFF# saved by an editor\r\n";
            world.account(DEVICE).writeAuthorizedKeys(comment + world.oldKey.toLine() + "\r\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo(comment + world.current().toLine() + "\r\n");
        }

        @Test
        void rotate_sameKeyTwiceAndTheFirstLineDoesNotAdmitUs_goesFromBothLines() {
            World world = new World(SEED, 1);
            String old = world.oldKey.toLine();
            world.account(DEVICE).writeAuthorizedKeys("from=\"192.0.2.1\" " + old + "\n" + old + "\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).admits(world.oldKey, "192.0.2.1")).isFalse();
            assertThat(world.account(DEVICE).admits(world.current(), "192.0.2.1"))
                    .isTrue();
        }

        @Test
        void rotate_oneDeviceHasAPathThatNoCommandIsGiven_stopsNobody() {
            World world = new World(SEED, 2);
            UserFiles root = world.fleet.device(DEVICE).files();
            for (String directory : List.of("/sys", "/sys/fs", "/sys/fs/selinux")) {
                root.makeDirectory(directory, 0755);
            }
            root.writeText("/sys/fs/selinux/enforce", "1");
            UserFiles files = world.account(DEVICE).files();
            files.rename(".ssh", "odd\u0007place");
            files.makeSymlink("odd\u0007place", ".ssh");
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.toText()).contains("restorecon could not be run");
            assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
        }

        /** Not one connection ends without a log-in: where the first that does shuts an address out, nothing is noticed. */
        @Test
        void rotateAndResume_serverPunishesTheFirstFailedLogIn_isNeverShutOut() {
            World world = new World(SEED, 3);
            Duration once = Duration.ofMinutes(10);
            PenaltyRules strict = new PenaltyRules(once, once, Duration.ZERO, once);
            world.fleet.devices().forEach(d -> d.configure(c -> c.withPenalties(strict)));
            Credential credential = world.credential().withPolicy(RotationPolicy.DEFAULT.withAttempts(1));
            assertThat(world.rotate(credential).isSuccess()).isTrue();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(credential).orElseThrow().outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
        }

        @Test
        void rotate_sessionOfTheOldKeyIsOpen_livesOnThoughTheKeyIsDead() {
            World world = new World(SEED, 1);
            try (SshTransport other = world.fleet.process("somebody").transport();
                    SshKeyPair pair = world.store.exposeSecret(World.NAME, StoredSecret.key(1));
                    SshConnection open = other.connect(
                            ConnectRequest.of(world.fleet.device(DEVICE).target(World.USER), LogIn.withKey(pair)))) {
                RotationReport report = world.rotate(world.credential());
                assertThat(report.isSuccess()).isTrue();
                assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
                assertThat(open.isOpen()).isTrue();
                assertProvedAnew(world);
            }
        }

        /** The question that proves it is asked on a connection made since the line went: an open session tells nothing. */
        private static void assertProvedAnew(World world) {
            List<Step> steps = world.fleet.trace().stream()
                    .map(TraceEntry::step)
                    .filter(step -> step.process().startsWith("engine"))
                    .toList();
            int removed = -1;
            for (int i = 0; i < steps.size(); i++) {
                removed = steps.get(i).verb() == Verb.POSIX_RENAME ? i : removed;
            }
            List<Step> since = steps.subList(removed, steps.size());
            String print = world.oldKey.fingerprint().toString();
            assertThat(since)
                    .filteredOn(step -> step.verb() == Verb.CONNECT
                            || (step.verb() == Verb.PROBE && step.detail().contains(print)))
                    .extracting(Step::verb)
                    .containsExactly(Verb.CONNECT, Verb.PROBE);
        }
    }

    @Nested
    class Disk {
        private static void beforeStage(World world, Consumer<PosixFileSystem> trouble) {
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE stage"))
                    .inject(Fault.before(
                            step -> trouble.accept(world.fleet.device("web-2").fileSystem())));
        }

        /** Failure 24, three of its four ways. */
        @Test
        void rotate_fullReadOnlyOrOverQuotaSinceThePlan_isTakenBackAndNobodyIsLockedOut() {
            int uid = new World(SEED, 3).account("web-2").uid();
            Map<String, Consumer<PosixFileSystem>> troubles = Map.of(
                    "disk full", PosixFileSystem::fill,
                    "read-only", disk -> disk.setReadOnly(true),
                    "over quota", disk -> disk.setQuota(uid, 1));
            troubles.forEach((name, trouble) -> {
                World world = new World(SEED, 3);
                beforeStage(world, trouble);
                RotationReport report = world.rotate(world.credential());
                assertThat(report.reason()).as(name).isPresent();
                assertThat(report.toText()).as(name).contains("web-2");
                world.assertNobodyIsLockedOut(name);
                PosixFileSystem disk = world.fleet.device("web-2").fileSystem();
                disk.setReadOnly(false);
                disk.setCapacity(Long.MAX_VALUE);
                disk.setQuota(uid, Long.MAX_VALUE);
                world.resume(world.credential());
                world.fleet.clock().advance(Duration.ofHours(25));
                assertThat(world.resume(world.credential()).orElseThrow().outcome())
                        .as(name)
                        .isEqualTo(RotationReport.Outcome.ROLLED_BACK);
                world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
            });
        }

        /** Failure 24, the fourth way: the account's own session edits, which nothing keeps from it. */
        @Test
        void rotate_homeOnAFileServerThatSquashesRoot_isEditedAsTheAccount() {
            World world = new World(SEED, 2);
            world.fleet.devices().forEach(device -> device.fileSystem().setRootSquash(true));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            // Else the assertion's own look, which is root's, sees nothing.
            world.fleet.devices().forEach(device -> device.fileSystem().setRootSquash(false));
            world.assertRotated(DEVICE);
        }

        /** Failure 30: what was renamed is undone, once where the new key was added and once where the old one was removed. */
        @Test
        void rotate_powerFailsRightAfterARename_endsRight() {
            for (int nth = 1; nth <= 2; nth++) {
                World world = new World(SEED, 2);
                world.fleet.devices().forEach(device -> device.fileSystem().sync());
                world.fleet
                        .faults()
                        .on(Verb.POSIX_RENAME)
                        .device(DEVICE)
                        .nth(nth)
                        .inject(Fault.after(
                                step -> world.fleet.device(DEVICE).crashAndReboot(CrashModel.everythingLost())));
                world.rotate(world.credential());
                world.assertNobodyIsLockedOut("power failed after rename " + nth);
                RotationReport report = world.resume(world.credential()).orElseThrow();
                assertThat(report.isSuccess()).as(report.toText()).isTrue();
                world.assertRotated(DEVICE);
            }
        }

        /** Failure 30 again, seen late: the file of before the rotation is back when all seemed done. */
        @Test
        void resume_powerHasFailedWhileItSettled_isDoneAgainBeforeAnythingIsDestroyed() {
            World world = new World(SEED, 2);
            PosixFileSystem disk = world.fleet.device(DEVICE).fileSystem();
            disk.sync();
            disk.setWriteBackDelay(Duration.ofDays(2));
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.fleet.device(DEVICE).crashAndReboot(CrashModel.everythingLost());
            assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            assertThat(world.account(DEVICE).admits(world.current())).isFalse();
            world.assertNobodyIsLockedOut("power failed while it settled");
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.SETTLING);
            world.assertRotated(DEVICE);
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.PREVIOUS);
            disk.sync();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
        }
    }

    @Nested
    class Membership {
        /** Failure 18, told by its number: one device comes and another goes between add and remove. */
        @Test
        void resume_aDeviceJoinsAndAnotherLeavesBetweenAddAndRemove_neitherKeepsTheOldKeyNorIsLockedOut() {
            World world = new World(SEED, 3);
            Credential planned = world.credential();
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .inject(Fault.crashAfter());
            assertThat(catchThrowable(() -> world.rotate(planned))).isInstanceOf(SimulatedCrash.class);
            world.bury();

            String text = "# new here\n%s\n";
            world.fleet
                    .addDevice("web-9")
                    .addAccount(World.USER)
                    .writeAuthorizedKeys(text.replace("%s", world.oldKey.toLine()));
            world.foreignText.put("web-9", text);
            List<Device> devices = new ArrayList<>(planned.devices());
            devices.removeIf(device -> device.id().equals("web-2"));
            devices.add(Device.of("web-9", "web-9", 22));
            Credential changed = Credential.of(World.NAME, World.USER, devices);

            RotationReport report = world.resume(changed).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(report.devices()).extracting(DeviceReport::id).contains("web-2", "web-9");
            world.fleet.devices().forEach(device -> world.assertRotated(device.id()));
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.PREVIOUS);
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(changed).orElseThrow().outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            world.assertNobodyIsLockedOut("one has joined and one has left");
        }
    }

    @Nested
    class Plan {
        @Test
        void plan_oldLineExpiredByAClockThatIsAhead_saysThatItIsRefused() {
            World world = new World(SEED, 1);
            world.account(DEVICE)
                    .writeAuthorizedKeys("expiry-time=\"20260105090000Z\" " + world.oldKey.toLine() + "\n");
            world.fleet.device(DEVICE).setClockSkew(Duration.ofHours(2));
            try (RotationEngine engine = world.engine()) {
                assertThat(engine.plan(world.credential()).devices().get(0).obstacle())
                        .map(DeviceFailure::kind)
                        .contains(DeviceFailure.Kind.LOGIN_REFUSED);
            }
        }
    }
}
