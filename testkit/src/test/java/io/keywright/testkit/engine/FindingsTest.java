package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.PlannedDevice;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPlan;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a plan finds out by looking, and what a rotation leaves alone for it. */
class FindingsTest {
    private static final long SEED = 91;
    private static final Set<Verb> CHANGES = EnumSet.of(
            Verb.EXEC,
            Verb.CREATE,
            Verb.CREATE_SYNCED,
            Verb.APPEND,
            Verb.OVERWRITE,
            Verb.SET_PERMISSIONS,
            Verb.SET_OWNER,
            Verb.RENAME,
            Verb.POSIX_RENAME,
            Verb.REMOVE,
            Verb.MAKE_DIRECTORY,
            Verb.REMOVE_DIRECTORY);

    private static PlannedDevice look(World world) {
        try (RotationEngine engine = world.engine()) {
            RotationPlan plan = engine.plan(world.credential());
            return plan.devices().stream()
                    .filter(device -> device.device().id().equals("web-1"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static World world(String text) {
        World world = new World(SEED, 2);
        world.account("web-1").writeAuthorizedKeys(text.replace("%s", world.oldKey.toLine()));
        world.foreignText.put("web-1", text);
        return world;
    }

    @Nested
    class Plan {
        @Test
        void plan_directoryCannotBeWritten_isInTheWay() {
            World world = world("%s\n");
            world.fleet.device("web-1").files().setPermissions("/home/deploy/.ssh", 0500);
            assertThat(look(world).obstacle()).hasValueSatisfying(obstacle -> {
                assertThat(obstacle.kind()).isEqualTo(DeviceFailure.Kind.FILE_NOT_WRITABLE);
                assertThat(obstacle.message()).contains("/home/deploy/.ssh", "0500");
            });
        }

        @Test
        void plan_fileBelongsToRoot_isInTheWay() {
            World world = world("%s\n");
            world.fleet.device("web-1").files().setOwner("/home/deploy/.ssh/authorized_keys", 0, 0);
            world.fleet.device("web-1").files().setPermissions("/home/deploy/.ssh/authorized_keys", 0644);
            assertThat(look(world).obstacle().orElseThrow().kind()).isEqualTo(DeviceFailure.Kind.FILE_NOT_WRITABLE);
        }

        @Test
        void plan_keyInAnotherUsualPlaceToo_isTold() {
            World world = world("%s\n");
            for (String directory : List.of("/etc", "/etc/ssh", "/etc/ssh/authorized_keys")) {
                if (!world.fleet.device("web-1").files().exists(directory)) {
                    world.fleet.device("web-1").files().makeDirectory(directory, 0755);
                }
            }
            world.fleet
                    .device("web-1")
                    .files()
                    .writeText("/etc/ssh/authorized_keys/deploy", world.oldKey.toLine() + "\n");
            assertThat(look(world).warnings())
                    .anyMatch(warning -> warning.startsWith("/etc/ssh/authorized_keys/deploy"));
        }

        @Test
        void plan_onlyKeyOfTheFile_isTold() {
            World world = world("%s\n");
            assertThat(look(world).warnings()).anyMatch(warning -> warning.contains("lets nobody else in"));
            world.account("web-1").authorize(world.fleet.hostKey("somebody"));
            assertThat(look(world).warnings()).noneMatch(warning -> warning.contains("lets nobody else in"));
        }

        @Test
        void plan_othersMayWriteTheFile_isTold() {
            World world = world("%s\n");
            world.fleet.device("web-1").configure(config -> config.withStrictModes(false));
            world.fleet.device("web-1").files().setPermissions("/home/deploy/.ssh/authorized_keys", 0666);
            assertThat(look(world).warnings()).anyMatch(warning -> warning.contains("0666"));
        }

        @Test
        void plan_whateverItFinds_changesNothing() {
            World world = world("# Ansible managed\n%s\n%s\n");
            look(world);
            assertThat(world.fleet.trace())
                    .extracting(entry -> entry.step().verb())
                    .isNotEmpty()
                    .noneMatch(CHANGES::contains);
        }
    }

    @Nested
    class ManagedFile {
        @Test
        void plan_marksOfManagers_areRecognised() {
            for (String mark : List.of(
                    "# Ansible managed: do not edit",
                    "# Added by Google",
                    "# created by cloud-init",
                    "# This file is managed by Puppet",
                    "# managed by our own script",
                    "# AUTOGENERATED, DO NOT EDIT")) {
                PlannedDevice device = look(world(mark + "\n%s\n"));
                assertThat(device.managedBy()).as(mark).isPresent();
                assertThat(device.warnings())
                        .as(mark)
                        .anyMatch(warning -> warning.contains("may bring the old key back"));
                assertThat(device.obstacle()).as(mark).isEmpty();
            }
            assertThat(look(world("# managed by hand, since 2019\n# chief of staff: Ann\n%s\n"))
                            .managedBy())
                    .isEmpty();
        }

        @Test
        void resume_secondProofIsGivenAndTheFileIsManaged_nothingIsDestroyedUntilSomebodyAsks() {
            World world = world("# Ansible managed\n%s\n");
            Credential credential = world.credential();
            assertThat(world.rotate(credential).isSuccess()).isTrue();
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(credential).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.PREVIOUS);
            assertThat(report.remains()).anyMatch(what -> what.contains("destroy") && what.contains("Ansible"));
            try (RotationEngine engine = world.engine()) {
                engine.destroy(World.NAME, 1);
            }
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.DESTROYED);
        }
    }

    @Nested
    class ManagedSince {
        @Test
        void rotate_theFileIsManagedSinceThePlan_nothingIsDestroyedUntilSomebodyAsks() {
            World world = new World(SEED, 2);
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("BEFORE promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.account("web-1")
                            .writeAuthorizedKeys("# Ansible managed\n"
                                    + world.account("web-1").authorizedKeysText())));
            world.rotate(world.credential());
            world.fleet.clock().advance(Duration.ofHours(25));
            RotationReport report = world.resume(world.credential()).orElseThrow();
            assertThat(report.outcome()).isEqualTo(RotationReport.Outcome.FINISHED);
            assertThat(report.remains()).anyMatch(what -> what.contains("web-1") && what.contains("Ansible"));
            assertThat(world.state().version(1).orElseThrow().label()).isEqualTo(KeyVersion.Label.PREVIOUS);
        }
    }

    @Nested
    class Report {
        @Test
        void rotate_report_saysHowLongAndWhatRemains() {
            World world = new World(SEED, 2);
            world.fleet.setLatency(Duration.ofMillis(10));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.devices()).extracting(DeviceReport::took).allMatch(took -> took.toMillis() >= 100);
            assertThat(report.remains())
                    .containsExactly(
                            "resume at " + report.settlesAt().orElseThrow() + ", when the second proof is due");
            assertThat(report.toText()).contains("took        PT", "to do: resume at ");
            assertThat(report.toJson()).contains("\"tookMillis\" : ", "\"remains\" : [", "\"notes\" : [");
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().remains()).isEmpty();
        }
    }
}
