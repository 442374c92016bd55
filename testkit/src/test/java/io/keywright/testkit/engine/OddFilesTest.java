package io.keywright.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Credential;
import io.keywright.rotation.DeviceFailure;
import io.keywright.rotation.DeviceOutcome;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.PlannedDevice;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.RotationReport;
import io.keywright.testkit.fleet.Account;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.FaultPlan;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.Verb;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Files as people, editors and other programs leave them: failures 1 to 8 and 13 of the list in this package's documentation,
 * each as one story.
 */
class OddFilesTest {
    private static final long SEED = 37;
    private static final String DEVICE = "web-1";

    private static World world(int devices, String text) {
        World world = new World(SEED, devices);
        world.account(DEVICE).writeAuthorizedKeys(text.replace("%s", world.oldKey.toLine()));
        world.foreignText.put(DEVICE, text);
        return world;
    }

    private static Credential quarantining(World world) {
        return world.credential().withPolicy(RotationPolicy.DEFAULT.withOnFailure(RotationPolicy.OnFailure.QUARANTINE));
    }

    private static DeviceOutcome outcome(RotationReport report) {
        return report.devices().stream()
                .filter(device -> device.id().equals(DEVICE))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    private static PlannedDevice look(World world) {
        try (RotationEngine engine = world.engine()) {
            return engine.plan(world.credential()).devices().stream()
                    .filter(device -> device.device().id().equals(DEVICE))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Between an edit's end, where its lock goes, and whatever the engine does next. */
    private static FaultPlan.Selection ends(World world) {
        return world.fleet
                .faults()
                .on(Verb.REMOVE)
                .device(DEVICE)
                .matching(step -> step.detail().endsWith("-lock"));
    }

    /** Failure 1. */
    @Nested
    class NoFinalNewline {
        /** While both keys are accepted each has a line of its own, whatever the last line ended with. */
        private void assertTwoLines(String comment) {
            World world = new World(SEED, 1);
            String old = world.oldKey.withComment(comment).toLine();
            world.account(DEVICE).writeAuthorizedKeys(old);
            assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            world.rotate(world.credential().withPolicy(RotationPolicy.DEFAULT.withOverlap(Duration.ofHours(1))));
            assertThat(world.account(DEVICE).authorizedKeysText().lines())
                    .containsExactly(old, world.current().toLine());
            assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            assertThat(world.account(DEVICE).admits(world.current())).isTrue();
        }

        @Test
        void rotate_ourLineIsTheLast_withAComment() {
            assertTwoLines("at the very end");
        }

        @Test
        void rotate_ourLineIsTheLast_withoutAComment() {
            assertTwoLines("");
        }

        @Test
        void rotate_theLastLineIsSomebodyElses_bothAreLetIn() {
            for (String comment : List.of("", "no newline after this")) {
                World world = new World(SEED, 1);
                SshPublicKey human = world.fleet.hostKey("human").withComment(comment);
                world.account(DEVICE).writeAuthorizedKeys(world.oldKey.toLine() + "\n" + human.toLine());
                assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
                assertThat(world.account(DEVICE).authorizedKeysText())
                        .isEqualTo(world.current().toLine() + "\n" + human.toLine());
                assertThat(world.account(DEVICE).admits(human)).isTrue();
            }
        }
    }

    /** Failures 2 and 6. */
    @Nested
    class Options {
        @Test
        void rotate_anotherEntrysOptions_comeBackByteForByteAndDoTheSame() {
            World world = new World(SEED, 1);
            SshPublicKey human = world.fleet.hostKey("human").withComment("deploy # \"quoted\"");
            String theirs =
                    "FROM=\"127.0.0.1,!10.0.0.1,*.example\",command=\"echo \\\"a,b\\\" # c\"\t " + human.toLine();
            world.account(DEVICE).writeAuthorizedKeys(theirs + " \r\nno-pty " + world.oldKey.toLine() + "\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo(theirs + " \r\nno-pty " + world.current().toLine() + "\n");
            assertThat(world.account(DEVICE).admits(human, "127.0.0.1")).isTrue();
            assertThat(world.account(DEVICE).admits(human, "192.0.2.1")).isFalse();
        }

        @Test
        void rotate_unknownOptionOnAnothersLine_staysWithIt() {
            World world = new World(SEED, 1);
            String theirs = "frobnicate=\"yes\",no-pty "
                    + world.fleet.hostKey("human").withComment("human").toLine();
            world.account(DEVICE).writeAuthorizedKeys(theirs + "\n" + world.oldKey.toLine() + "\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo(theirs + "\n" + world.current().toLine() + "\n");
        }

        @Test
        void rotate_unknownOptionOnOneOfOurLines_theOldKeyIsInNeitherOfThem() {
            World world = world(1, "frobnicate %s\n%s\n# end\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            world.assertRotated(DEVICE);
        }

        @Test
        void plan_unknownOptionOnOurOnlyLine_isInTheWay() {
            World world = world(1, "frobnicate %s\n");
            assertThat(look(world).obstacle().orElseThrow().kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED);
        }

        /** Neither terminal nor forwarding, and yet file transfer: that is all an edit needs. */
        @Test
        void rotate_restrictedKey_editsItsOwnFileAndStaysRestricted() {
            World world = world(1, "restrict %s\n# others\n");
            assertThat(world.rotate(world.credential()).isSuccess()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo("restrict " + world.current().toLine() + "\n# others\n");
            world.assertRotated(DEVICE);
        }

        /** Invariant 5: our key's bytes, and another's trust in whatever they sign. */
        @Test
        void rotate_ourBlobIsAnAuthoritysToo_itsLineIsNotOurs() {
            World world = world(1, "%s\n# an authority\n");
            String authority = "cert-authority,principals=\"deploy\" "
                    + world.oldKey.withComment("an authority").toLine();
            world.account(DEVICE).authorizeLine(authority);
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            assertThat(world.account(DEVICE).authorizedKeysText())
                    .isEqualTo(world.current().toLine() + "\n# an authority\n" + authority + "\n");
            assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
            world.fleet.clock().advance(Duration.ofHours(25));
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.FINISHED);
        }
    }

    /** Failures 3 and 4. */
    @Nested
    @Tag("once")
    class HalfWritten {
        private static final List<Integer> BYTES = List.of(0, 260, 10_000);

        private static boolean writes(Step step) {
            return switch (step.verb()) {
                case CREATE, CREATE_SYNCED, APPEND, OVERWRITE -> true;
                default -> false;
            };
        }

        /**
         * Tears one of the engine's writes and kills it.
         *
         * @return false when there is no such write
         */
        private static boolean dies(World world, int write, int bytes) {
            // Asked first, and thus about the steps after the torn one.
            FaultPlan.Rule[] torn = new FaultPlan.Rule[1];
            world.fleet.faults().onEvery().matching(step -> torn[0].hits() > 0).inject(Fault.crashBefore());
            torn[0] = world.fleet
                    .faults()
                    .onEvery()
                    .matching(HalfWritten::writes)
                    .nth(write)
                    .inject(Fault.tornWrite(bytes));
            try {
                world.rotate(world.credential());
                return false;
            } catch (SimulatedCrash expected) {
                return true;
            } finally {
                world.bury();
            }
        }

        /** Kills the engine in each of its writes; before another one goes on, nobody has lost a key. */
        private static void eachWrite(boolean renames, BiConsumer<World, SshPublicKey> assertion) {
            int cases = 0;
            for (int bytes : BYTES) {
                for (int write = 1; ; write++) {
                    World world = world(1, "# first\n%s\n");
                    // Longer than a line of ours: what moves up by one of ours does not get past it in one piece.
                    SshPublicKey human = world.fleet.hostKey("human").withComment("human".repeat(100));
                    world.account(DEVICE).authorize(human);
                    world.foreignText.put(DEVICE, "# first\n%s\n" + human.toLine() + "\n");
                    world.fleet.device(DEVICE).configure(server -> server.withPosixRename(renames));
                    if (!dies(world, write, bytes)) {
                        break;
                    }
                    String when = "write " + write + " torn after " + bytes + " bytes";
                    world.assertNobodyIsLockedOut(when);
                    assertThat(world.account(DEVICE).authorizedKeysText().lines())
                            .as(when)
                            .contains("# first", human.toLine());
                    RotationReport report = world.resume(world.credential()).orElseThrow();
                    assertThat(report.isSuccess())
                            .as("%s: %s", when, report.toText())
                            .isTrue();
                    assertion.accept(world, human);
                    cases++;
                }
            }
            assertThat(cases).as("torn writes").isGreaterThanOrEqualTo(BYTES.size() * 4);
        }

        @Test
        void rotate_anyWriteIsTornAndTheEngineDies_theFileIsTheOldOneOrTheNewOne() {
            eachWrite(true, (world, human) -> world.assertRotated(DEVICE));
        }

        /** Where nothing can be renamed over a file it is written itself: then no key is missing from it, and no line. */
        @Test
        void rotate_theFileItselfIsTornAndTheEngineDies_noLineIsMissing() {
            eachWrite(false, (world, human) -> {
                assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
                assertThat(world.account(DEVICE).admits(world.current())).isTrue();
                assertThat(world.account(DEVICE).admits(human)).isTrue();
            });
        }

        /** Somebody else's program truncates the file to write it anew, and dies. */
        @Test
        void rotate_anotherWriterTruncatesTheFileAndDies_nothingIsCalledDoneNorDestroyed() {
            World world = world(2, "%s\n# theirs\n");
            world.fleet
                    .faults()
                    .onEvery()
                    .matching(step -> step.detail().startsWith("AFTER promote"))
                    .nth(1)
                    .inject(Fault.before(step -> world.account(DEVICE).writeAuthorizedKeys("")));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).isFalse();
            assertThat(outcome(report))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.OldKeyAlive.class,
                            alive -> assertThat(alive.failure().kind()).isEqualTo(DeviceFailure.Kind.NEW_KEY_REFUSED));
            assertThat(world.account(DEVICE).authorizedKeysText()).isEmpty();
            assertThat(world.state().versions()).allMatch(KeyVersion::hasPrivateKey);
            world.assertRotated("web-2");
        }
    }

    /** Failure 5. */
    @Nested
    class Encoding {
        @Test
        void plan_byteOrderMarkRightBeforeOurKey_isInTheWayAndTheFileStaysAsItIs() {
            World world = world(2, "\uFEFF%s\n");
            byte[] before = world.account(DEVICE).authorizedKeys();
            assertThat(look(world).obstacle().orElseThrow().kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED);
            assertThat(outcome(world.rotate(quarantining(world)))).isInstanceOf(DeviceOutcome.Quarantined.class);
            assertThat(world.account(DEVICE).authorizedKeys()).isEqualTo(before);
            world.assertRotated("web-2");
        }

        @Test
        void rotate_savedAsUtf16_isQuarantinedAndTheFileStaysAsItIs() {
            for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16)) {
                World world = new World(SEED, 2);
                byte[] before = (world.oldKey.toLine() + "\n").getBytes(charset);
                world.account(DEVICE).writeAuthorizedKeys(before);
                assertThat(outcome(world.rotate(quarantining(world))))
                        .isInstanceOfSatisfying(
                                DeviceOutcome.Quarantined.class,
                                held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED));
                assertThat(world.account(DEVICE).authorizedKeys()).isEqualTo(before);
                assertThat(world.state().version(1).orElseThrow().hasPrivateKey())
                        .isTrue();
                world.assertRotated("web-2");
            }
        }
    }

    /** Failures 7 and 8. */
    @Nested
    class Access {
        @Test
        void plan_groupMayWriteTheHome_isInTheWay() {
            World world = world(1, "%s\n");
            world.fleet.device(DEVICE).files().setPermissions("/home/deploy", 0770);
            assertThat(world.account(DEVICE).admits(world.oldKey)).isFalse();
            assertThat(look(world).obstacle().orElseThrow().kind()).isEqualTo(DeviceFailure.Kind.LOGIN_REFUSED);
        }

        @Test
        void rotate_groupMayWriteTheHomeSinceTheKeyWasAdded_nothingIsRemovedNorDestroyed() {
            World world = world(1, "%s\n# others\n");
            ends(world)
                    .nth(1)
                    .inject(Fault.after(
                            step -> world.fleet.device(DEVICE).files().setPermissions("/home/deploy", 0770)));
            RotationReport report = world.rotate(world.credential());
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.ROLL_BACK_INCOMPLETE);
            assertThat(world.account(DEVICE).authorizedKeysText()).contains(world.oldKey.toLine());
            assertThat(world.state().versions()).allMatch(KeyVersion::hasPrivateKey);
            world.fleet.device(DEVICE).files().setPermissions("/home/deploy", 0750);
            assertThat(world.resume(world.credential()).orElseThrow().outcome())
                    .isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            world.assertUntouched(DEVICE);
        }

        @Test
        void rotate_newFilesGetAContextThatSshdMayNotRead_isRestored() {
            World world = world(2, "%s\n# others\n");
            var device = world.fleet.device(DEVICE);
            for (String directory : List.of("/sys", "/sys/fs", "/sys/fs/selinux")) {
                device.files().makeDirectory(directory, 0755);
            }
            device.files().writeText("/sys/fs/selinux/enforce", "1");
            String file = world.account(DEVICE).authorizedKeysPath();
            device.fileSystem().setLabel(file, "ssh_home_t");
            device.fileSystem().setLabel(file.substring(0, file.lastIndexOf('/')), "user_home_t");
            device.configure(server -> server.withSeLinux(true));
            assertThat(world.account(DEVICE).admits(world.oldKey)).isTrue();
            RotationReport report = world.rotate(world.credential());
            assertThat(report.isSuccess()).as(report.toText()).isTrue();
            world.assertRotated(DEVICE);
            assertThat(device.files().label(file)).contains("ssh_home_t");
        }
    }

    /** Failure 13. */
    @Nested
    class Rewritten {
        private void rewrite(World world, byte[] content) {
            Account account = world.account(DEVICE);
            account.writeAuthorizedKeys(content);
        }

        @Test
        void rotate_byItsManagerBetweenAddAndVerify_isTakenBackAndNobodyIsLockedOut() {
            World world = world(3, "%s\n# theirs\n");
            byte[] theirs = world.account(DEVICE).authorizedKeys();
            FaultPlan.Rule rewritten = ends(world).nth(1).inject(Fault.after(step -> rewrite(world, theirs)));
            RotationReport report = world.rotate(world.credential());
            assertThat(rewritten.hits()).isEqualTo(1);
            assertThat(report.outcome()).as(report.toText()).isEqualTo(RotationReport.Outcome.ROLL_BACK_SETTLING);
            assertThat(report.reason().orElseThrow()).contains(DEVICE);
            assertThat(world.current()).isEqualTo(world.oldKey);
            world.fleet.devices().forEach(device -> world.assertUntouched(device.id()));
        }

        @Test
        void rotate_byItsManagerAfterEveryEdit_isLeftToItUnderQuarantine() {
            World world = world(3, "%s\n# theirs\n");
            byte[] theirs = world.account(DEVICE).authorizedKeys();
            ends(world).inject(Fault.after(step -> rewrite(world, theirs)));
            Credential credential = quarantining(world);
            RotationReport report = world.rotate(credential);
            assertThat(outcome(report))
                    .isInstanceOfSatisfying(
                            DeviceOutcome.Quarantined.class,
                            held -> assertThat(held.failure().kind()).isEqualTo(DeviceFailure.Kind.NEW_KEY_REFUSED));
            world.assertRotated("web-2");
            world.fleet.clock().advance(Duration.ofHours(25));
            world.resume(credential);
            assertThat(world.account(DEVICE).authorizedKeys()).isEqualTo(theirs);
            world.assertNobodyIsLockedOut("its manager knows the old key only");
        }
    }
}
