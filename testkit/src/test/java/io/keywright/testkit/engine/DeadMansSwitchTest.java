package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.Device;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeySpec;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The end that an old key's lines are given, in case no engine comes back to remove them. */
class DeadMansSwitchTest {
    private static final long SEED = 81;
    private static final Duration OVERLAP = Duration.ofHours(6);
    private static final Duration MARGIN = Duration.ofHours(4);

    private static World world(String version) {
        World world = new World(SEED, 2);
        world.fleet.devices().forEach(device -> {
            device.configure(config -> config.withVersion(version));
            world.account(device.id()).writeAuthorizedKeys("# ours\n" + world.oldKey.toLine() + "\n");
        });
        return world;
    }

    private static Credential credential(World world) {
        return world.credential()
                .withPolicy(RotationPolicy.DEFAULT.withOverlap(OVERLAP).withDeadMan(MARGIN));
    }

    private static String line(World world, String device, io.keywright.SshPublicKey key) {
        String blob = key.toLine().split(" ", -1)[1];
        return world.account(device)
                .authorizedKeysText()
                .lines()
                .filter(line -> line.contains(blob))
                .findFirst()
                .orElseThrow();
    }

    private static String stamp(Instant end) {
        return DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(end);
    }

    private static List<String> notes(RotationReport report, String device) {
        return report.devices().stream()
                .filter(one -> one.id().equals(device))
                .map(DeviceReport::notes)
                .findFirst()
                .orElseThrow();
    }

    @Nested
    class Stamp {
        @Test
        void rotate_serverUnderstandsUtc_onlyTheOldLineEndsAfterOverlapAndMargin() {
            World world = world("SSH-2.0-OpenSSH_9.1");
            RotationReport report = world.rotate(credential(world));
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.OVERLAPPING);
            Instant end = report.contractsAt().orElseThrow().plus(MARGIN);
            assertThat(line(world, "web-1", world.oldKey))
                    .startsWith("expiry-time=\"" + stamp(end) + "\" ssh-ed25519 ");
            assertThat(line(world, "web-1", world.current())).startsWith("ssh-ed25519 ");
            assertThat(notes(report, "web-1")).anyMatch(note -> note.contains("ends by itself at " + end));
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
            world.fleet.clock().advance(OVERLAP.plus(MARGIN).plusSeconds(1));
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
            assertThat(world.account("web-1").admits(world.current())).isTrue();
            assertThat(world.resume(credential(world)).orElseThrow().isSuccess())
                    .isTrue();
            assertThat(world.account("web-1").authorizedKeysText()).doesNotContain("expiry-time");
        }

        @Test
        void rotate_serverReadsTimesInItsOwnZoneOrIsNoOpenSsh_isLeftAloneAndSaidSo() {
            for (String version : List.of(
                    "SSH-2.0-OpenSSH_9.0p1 Ubuntu-1",
                    "SSH-2.0-OpenSSH_8.9",
                    "SSH-2.0-dropbear_2024.86",
                    "SSH-2.0-OpenSSH_for_Windows_9.5")) {
                World world = world(version);
                RotationReport report = world.rotate(credential(world));
                assertThat(world.account("web-1").authorizedKeysText())
                        .as(version)
                        .doesNotContain("expiry-time");
                assertThat(notes(report, "web-1")).anyMatch(note -> note.contains("no end of its own"));
                assertThat(report.toText()).contains(version);
            }
        }

        @Test
        void rotate_aDeviceHasNoNewKeyYet_itsOldLineIsGivenNoEnd() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.fleet.device("web-1").goDown();
            Credential credential = credential(world);
            RotationReport report = world.rotate(
                    credential.withPolicy(credential.policy().withOnFailure(RotationPolicy.OnFailure.QUARANTINE)));
            assertThat(report.contractsAt()).isPresent();
            assertThat(world.account("web-1").authorizedKeysText()).doesNotContain("expiry-time");
            assertThat(notes(report, "web-1")).noneMatch(note -> note.contains("end of its own"));
            assertThat(line(world, "web-2", world.oldKey)).startsWith("expiry-time=");
        }

        @Test
        void rotate_anotherCredentialLivesOnTheKeyThere_isGivenNoEndByWhichThatWouldBeLockedOut() {
            World world = world("SSH-2.0-OpenSSH_9.2");
            try (SshKeyPair pair = world.store.exposeSecret(World.NAME, StoredSecret.key(1));
                    CredentialStore.Lease lease = world.store.lease("other")) {
                world.store.importKey(lease, pair);
            }
            Credential other = Credential.of("other", World.USER, List.of(Device.of("other-web-1", "web-1", 22)));
            Credential quarantining = credential(world)
                    .withPolicy(RotationPolicy.DEFAULT
                            .withOnFailure(RotationPolicy.OnFailure.QUARANTINE)
                            .withDeadMan(MARGIN));
            RotationReport report;
            try (RotationEngine engine =
                    world.builder().credentials(() -> List.of(other)).build()) {
                report = engine.rotate(engine.plan(quarantining), event -> {});
            }
            assertThat(notes(report, "web-1"))
                    .anyMatch(note -> note.contains("no end of its own") && note.contains("other"));
            assertThat(notes(report, "web-2")).anyMatch(note -> note.contains("ends by itself"));
            world.fleet.clock().advance(MARGIN.plusHours(1));
            assertThat(world.account("web-1").admits(world.oldKey)).isTrue();
        }

        /** Failure 25: an end that has come already where the clock is ahead, and never comes where it is behind. */
        @Test
        void rotate_clocksOfDevicesAreWrong_nobodyIsLockedOutAndTheOldKeyIsDeadInTheEnd() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.fleet.device("web-1").setClockSkew(OVERLAP.plus(MARGIN).plusHours(1));
            world.fleet.device("web-2").setClockSkew(Duration.ofDays(-1));
            RotationReport report = world.rotate(credential(world));
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.OVERLAPPING);
            assertThat(world.account("web-1").admits(world.oldKey)).isFalse();
            assertThat(world.account("web-2").admits(world.oldKey)).isTrue();
            world.assertNobodyIsLockedOut("an end came early");
            world.fleet.clock().advance(OVERLAP);
            report = world.resume(credential(world)).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            for (String device : List.of("web-1", "web-2")) {
                assertThat(world.account(device).authorizedKeysText())
                        .isEqualTo("# ours\n" + world.current().toLine() + "\n");
            }
        }

        @Test
        void rotate_theNewKeyIsOfATypeThatOpenSshDoesNotKnow_theOldLineIsGivenAnEndAllTheSame() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.fleet
                    .devices()
                    .forEach(device ->
                            device.configure(config -> config.withKeyAlgorithms(Set.of("ssh-ed25519", "ssh-ed448"))));
            RotationReport report = world.rotate(
                    credential(world).withKey(new KeySpec(KeySpec.Type.ED448, OptionalInt.empty(), "new")));
            assertThat(line(world, "web-1", world.oldKey)).as(report.toText()).startsWith("expiry-time=");
        }

        @Test
        void rotate_laterServers_understandUtcToo() {
            for (String version : List.of("SSH-2.0-OpenSSH_9.2", "SSH-2.0-OpenSSH_10.0", "SSH-2.0-OpenSSH_10.3p1")) {
                World world = world(version);
                world.rotate(credential(world));
                assertThat(line(world, "web-1", world.oldKey)).as(version).startsWith("expiry-time=");
            }
        }

        @Test
        void rotate_theFileCannotBeWrittenAnyMore_isSaidAndTheRotationGoesOn() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.fleet
                    .faults()
                    .on(Verb.CREATE_SYNCED)
                    .device("web-1")
                    .matching(step -> isStamping(world))
                    .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
            RotationReport report = world.rotate(credential(world));
            world.bury();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.OVERLAPPING);
            assertThat(notes(report, "web-1")).anyMatch(note -> note.contains("was given an end is not known"));
            assertThat(notes(report, "web-2")).anyMatch(note -> note.contains("ends by itself"));
            world.fleet.clock().advance(OVERLAP);
            assertThat(world.resume(credential(world)).orElseThrow().isSuccess())
                    .isTrue();
        }

        @Test
        void resume_theEndHasNearlyCome_noEndIsGivenToALineThatIsAboutToGo() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE append") && isStamping(world))
                    .nth(1)
                    .inject(Fault.crashBefore());
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> world.rotate(credential(world))))
                    .isInstanceOf(io.keywright.testkit.fleet.SimulatedCrash.class);
            world.bury();
            world.fleet.clock().advance(OVERLAP.plus(MARGIN).minusSeconds(60));
            RotationReport report = world.resume(credential(world)).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(notes(report, "web-1")).anyMatch(note -> note.contains("it is about to be removed"));
        }

        private boolean isStamping(World world) {
            return world.events.stream().anyMatch(event -> event.describe().startsWith("giving the old key an end"));
        }

        @Test
        void rotate_theOldLineEndsAnyway_itsOwnersWishIsKeptAndInherited() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            String wish = "expiry-time=\"20991231Z\" ";
            world.account("web-1").writeAuthorizedKeys(wish + world.oldKey.toLine() + "\n");
            RotationReport report = world.rotate(credential(world));
            assertThat(line(world, "web-1", world.oldKey)).startsWith(wish);
            assertThat(line(world, "web-1", world.current())).startsWith(wish);
            assertThat(notes(report, "web-1")).anyMatch(note -> note.contains("left as it is"));
        }
    }

    @Nested
    class NeverInherited {
        @Test
        void resume_theNewLineVanishedFromBesideAStampedOne_comesBackWithoutTheStamp() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            Credential credential = credential(world);
            world.rotate(credential);
            String stamped = line(world, "web-1", world.oldKey);
            world.account("web-1").writeAuthorizedKeys(stamped + "\n");
            world.fleet.clock().advance(OVERLAP);
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(world.account("web-1").authorizedKeysText()).doesNotContain("expiry-time");
            assertThat(world.account("web-1").admits(world.current())).isTrue();
        }

        @Test
        void rotate_aLineThatAnEarlierRotationStampedIsBack_theNewOneDoesNotInheritItsEnd() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            world.rotate(credential(world));
            String stamped = line(world, "web-1", world.oldKey);
            assertThat(stamped).startsWith("expiry-time=");
            world.fleet.clock().advance(OVERLAP);
            assertThat(world.resume(credential(world)).orElseThrow().isSuccess())
                    .isTrue();
            world.account("web-1").writeAuthorizedKeys(stamped + "\n");
            world.rotate(world.credential());
            assertThat(line(world, "web-1", world.current())).doesNotContain("expiry-time");
            world.fleet.clock().advance(MARGIN.plusSeconds(1));
            assertThat(world.account("web-1").admits(world.current())).isTrue();
        }

        @Test
        void rotate_killedWhileStamping_isStampedOnceAndTheSame() {
            World world = world("SSH-2.0-OpenSSH_9.9");
            Credential credential = credential(world);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE append")
                            && world.events.stream()
                                    .anyMatch(event -> event.describe().startsWith("giving the old key an end")))
                    .nth(1)
                    .inject(Fault.crashBefore());
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> world.rotate(credential)))
                    .isInstanceOf(io.keywright.testkit.fleet.SimulatedCrash.class);
            world.bury();
            String first = line(world, "web-2", world.oldKey);
            assertThat(first).startsWith("expiry-time=");
            world.fleet.clock().advance(Duration.ofMinutes(5));
            RotationReport report = world.resume(credential).orElseThrow();
            world.bury();
            assertThat(line(world, "web-2", world.oldKey)).isEqualTo(first);
            assertThat(notes(report, "web-2")).anyMatch(note -> note.contains("ends by itself"));
        }
    }
}
