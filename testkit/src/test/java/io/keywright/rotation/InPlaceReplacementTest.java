package io.keywright.rotation;

import static io.keywright.rotation.SimulatedServer.DIRECTORY;
import static io.keywright.rotation.SimulatedServer.EDITOR;
import static io.keywright.rotation.SimulatedServer.FILE;
import static io.keywright.rotation.SimulatedServer.HEX;
import static io.keywright.rotation.SimulatedServer.HOME;
import static io.keywright.rotation.SimulatedServer.NONCE;
import static io.keywright.rotation.SimulatedServer.add;
import static io.keywright.rotation.SimulatedServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.testkit.fleet.CommandHandler;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SftpException;
import io.keywright.transport.SshConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits into the file itself, step by step; what a real server makes of them is seen where one is. */
class InPlaceReplacementTest {
    private static final String BACKUP = FILE + ".keywright-backup-" + NONCE;
    private static final String LEFT = FILE + ".keywright-backup-" + HEX;
    private static final String OLD = "one\ntwo\nthree";

    private SimulatedServer server;

    @BeforeEach
    void start() {
        server = new SimulatedServer();
        server.device.configure(config -> config.withPosixRename(false));
    }

    /** An edit that does more than add. */
    private static AuthorizedKeys withoutOne(AuthorizedKeys keys) {
        return text("two\nthree\n");
    }

    private String content() {
        return server.files.readText(FILE);
    }

    private RemoteEdit edit(UnaryOperator<AuthorizedKeys> edit) {
        return server.edit(EDITOR, edit);
    }

    private void assertRefused(Runnable action, RemoteFileException.Reason reason, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        RemoteFileException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(why);
    }

    @Nested
    class Append {
        @Test
        void addition_isAppendedAndNothingElse() {
            server.write(FILE, OLD);
            RemoteEdit done = edit(add("new"));

            assertThat(content()).isEqualTo(OLD + "\nnew\n");
            assertThat(done)
                    .isEqualTo(new RemoteEdit(FILE, EditMethod.SFTP_IN_PLACE, true, false, false, 0, List.of()));
            assertThat(server.fleet.trace()).noneMatch(entry -> entry.step().verb() == Verb.OVERWRITE);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void missingFile_isMade() {
            RemoteEdit done = edit(add("new"));
            assertThat(content()).isEqualTo("new\n");
            assertThat(server.files.permissions(FILE)).isEqualTo(0600);
            assertThat(done.changed()).isTrue();
        }

        @Test
        void changedBeforeIt_isEditedAgain() {
            server.write(FILE, OLD);
            AtomicInteger asked = new AtomicInteger();
            RemoteEdit done = edit(keys -> {
                if (asked.incrementAndGet() == 2) {
                    server.files.writeText(FILE, "by hand\n");
                }
                return add("new").apply(keys);
            });
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
        }

        @Test
        void changedAfterIt_isEditedAgain() {
            server.write(FILE, OLD);
            server.after(Verb.APPEND, step -> true, step -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit(add("new"));
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
        }

        @Test
        void changedAfterIt_toWhatIsWanted_isAChangeAllTheSame() {
            server.write(FILE, OLD);
            server.after(Verb.APPEND, step -> true, step -> server.files.writeText(FILE, "wanted\n"));
            AtomicInteger asked = new AtomicInteger();
            RemoteEdit done =
                    edit(keys -> asked.incrementAndGet() < 3 ? add("new").apply(keys) : keys);
            assertThat(done.changed()).isTrue();
            assertThat(done.durable()).isFalse();
        }

        @Test
        void guardThatThrows_appendsNothing() {
            server.write(FILE, OLD);
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThatThrownBy(() -> editor.edit(FILE, add("new"), () -> {
                            throw new IllegalStateException("fenced");
                        }))
                        .hasMessage("fenced");
            }
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void requestThatFails_isNotWritable() {
            server.write(FILE, OLD);
            server.fleet.faults().on(Verb.APPEND).inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "PERMISSION_DENIED");
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void fileThatCannotBeMade_isNotWritable() {
            server.fleet.faults().on(Verb.CREATE_SYNCED).inject(Fault.status(SftpException.Status.FAILURE));
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "FAILURE");
            assertThat(server.names()).isEmpty();
        }
    }

    @Nested
    class Overwrite {
        @Test
        void removal_keepsEveryOtherLineAtEveryStep() {
            server.write(FILE, OLD);
            List<String> seen = new ArrayList<>();
            server.before(Verb.APPEND, step -> true, step -> {
                assertThat(server.files.readText(BACKUP)).isEqualTo(OLD);
                assertThat(server.files.permissions(BACKUP)).isEqualTo(0600);
            });
            server.before(Verb.OVERWRITE, step -> true, step -> seen.add(content()));
            RemoteEdit done = edit(InPlaceReplacementTest::withoutOne);

            assertThat(seen).containsExactly(OLD + "\ntwo\nthree\n");
            assertThat(content()).isEqualTo("two\nthree\n");
            assertThat(server.names()).containsExactly("edited");
            assertThat(done)
                    .isEqualTo(new RemoteEdit(FILE, EditMethod.SFTP_IN_PLACE, true, false, false, 0, List.of()));
        }

        @Test
        void contentThatEndsWithALine_getsNoEmptyOne() {
            server.write(FILE, "one\ntwo\nthree\n");
            List<String> seen = new ArrayList<>();
            server.before(Verb.OVERWRITE, step -> true, step -> seen.add(content()));
            edit(InPlaceReplacementTest::withoutOne);
            assertThat(seen).containsExactly("one\ntwo\nthree\ntwo\nthree\n");
        }

        @Test
        void changedAfterIt_isEditedAgain() {
            server.write(FILE, OLD);
            server.after(Verb.OVERWRITE, step -> true, step -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit(InPlaceReplacementTest::withoutOne);
            assertThat(content()).isEqualTo("two\nthree\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void guardThatThrows_leavesNothing() {
            server.write(FILE, OLD);
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThatThrownBy(() -> editor.edit(FILE, InPlaceReplacementTest::withoutOne, () -> {
                            throw new IllegalStateException("fenced");
                        }))
                        .hasMessage("fenced");
            }
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }

        @ParameterizedTest
        @ValueSource(strings = {"APPEND", "OVERWRITE"})
        void requestThatFails_isUndone(Verb verb) {
            server.write(FILE, OLD);
            server.fleet.faults().on(verb).times(1).inject(Fault.status(SftpException.Status.FAILURE));
            assertRefused(
                    () -> edit(InPlaceReplacementTest::withoutOne), RemoteFileException.Reason.NOT_WRITABLE, "FAILURE");
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void requestThatFails_andCannotBeUndone_tellsWhereTheOldContentIs() {
            server.write(FILE, OLD);
            server.fleet.faults().on(Verb.OVERWRITE).inject(Fault.status(SftpException.Status.FAILURE));
            assertRefused(
                    () -> edit(InPlaceReplacementTest::withoutOne),
                    RemoteFileException.Reason.NOT_RESTORED,
                    "which is in " + BACKUP);
            assertThat(server.files.readText(BACKUP)).isEqualTo(OLD);
        }

        @Test
        void diskThatHasNoRoomForTheBackup_leavesTheFile() {
            server.write(FILE, OLD);
            server.before(
                    Verb.CREATE_SYNCED,
                    step -> true,
                    step -> server.device.fileSystem().fill());
            assertRefused(
                    () -> edit(InPlaceReplacementTest::withoutOne),
                    RemoteFileException.Reason.NOT_WRITABLE,
                    "free space");
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void connectionThatIsLost_isMadeGoodByTheSecondOne() {
            server.write(FILE, OLD);
            server.fleet.faults().on(Verb.OVERWRITE).times(1).inject(Fault.lostBefore());
            SshConnection second = server.connect();
            editOver(second);
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited", "edited.keywright-lock");
            assertThat(second.isOpen()).isFalse();
        }

        @Test
        void answerThatIsLost_isNoReasonToGoBack() {
            server.write(FILE, OLD);
            server.fleet.faults().on(Verb.OVERWRITE).times(1).inject(Fault.answerLost());
            editOver(server.connect());
            assertThat(content()).isEqualTo("two\nthree\n");
            assertThat(server.names()).containsExactly("edited", "edited.keywright-lock");
        }

        private void editOver(SshConnection second) {
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR, second)) {
                assertThatThrownBy(() -> editor.edit(FILE, InPlaceReplacementTest::withoutOne, () -> {}))
                        .isInstanceOf(ConnectionLostException.class);
            }
        }

        @Test
        void sessions_areAllClosed() {
            server.write(FILE, OLD);
            SshConnection second = server.connect();
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR, second)) {
                editor.edit(FILE, InPlaceReplacementTest::withoutOne, () -> {});
                assertThat(second.isOpen()).isFalse();
                assertThat(connection.isOpen()).isTrue();
            }
            assertThat(server.fleet.trace())
                    .filteredOn(entry -> entry.step().verb() == Verb.CLOSE_SFTP)
                    .hasSize(2);
        }

        @Test
        void secondConnectionWithoutASession_isClosedAndLeavesTheFile() {
            server.write(FILE, OLD);
            SshConnection second = server.connect();
            server.fleet.faults().on(Verb.OPEN_SFTP).nth(2).inject(Fault.refusal());
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR, second)) {
                assertThatThrownBy(() -> editor.edit(FILE, InPlaceReplacementTest::withoutOne, () -> {}))
                        .isInstanceOf(ChannelRefusedException.class);
                assertThat(connection.isOpen()).isTrue();
            }
            assertThat(second.isOpen()).isFalse();
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }
    }

    /** What an edit that was cut off has left. */
    @Nested
    class Leftovers {
        @Test
        void backupOfWhatIsThere_isRemoved() {
            server.write(FILE, OLD);
            server.write(LEFT, OLD);
            assertThat(edit(add("new")).warnings()).isEmpty();
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void backupOfSomethingElse_staysAndIsTold() {
            server.write(FILE, OLD);
            server.write(LEFT, "one\n");
            assertThat(edit(add("new")).warnings()).singleElement().asString().contains(LEFT);
            assertThat(edit(InPlaceReplacementTest::withoutOne).warnings())
                    .singleElement()
                    .asString()
                    .contains(LEFT);
            assertThat(edit(keys -> keys).warnings()).singleElement().asString().contains(LEFT);
            assertThat(server.names()).containsExactly("edited", "edited.keywright-backup-" + HEX);
        }

        @Test
        void backupsOfOtherFiles_areNoneOfOurs() {
            server.write(FILE, OLD);
            server.write(DIRECTORY + "/other.keywright-backup-" + HEX, "one\n");
            assertThat(edit(add("new")).warnings()).isEmpty();
        }
    }

    /** Windows, as far as it can be seen from here. */
    @Nested
    class Windows {
        private static final String COMMON = "/C:/ProgramData/ssh/administrators_authorized_keys";
        private static final String ADMINISTRATOR = "BUILTIN\\Administrators Alias S-1-5-32-544 Group";

        private final List<String> commands = new ArrayList<>();

        @BeforeEach
        void windows() {
            server.device.configure(config -> config.withVersion("SSH-2.0-OpenSSH_for_Windows_9.5"));
            for (String directory : List.of("/C:", "/C:/ProgramData", "/C:/ProgramData/ssh")) {
                server.files.makeDirectory(directory, 0755);
                server.files.setOwner(directory, server.account.uid(), server.account.gid());
            }
        }

        private void commandsAre(int whoami, String groups, int icacls) {
            server.device.onExec(call -> {
                commands.add(call.command());
                return Optional.of(
                        call.command().equals("whoami /groups")
                                ? CommandHandler.exit(whoami, groups, "")
                                : CommandHandler.exit(icacls, "", ""));
            });
        }

        private List<String> standardFiles() {
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                return editor.standardFiles();
            }
        }

        private void add(String file) {
            try (SshConnection connection = server.connect();
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                assertThat(remote.edit(file, SimulatedServer.add("new")).changed())
                        .isTrue();
            }
        }

        @Test
        void administrator_hasTheCommonFile() {
            commandsAre(0, ADMINISTRATOR, 0);
            assertThat(standardFiles()).containsExactly("__PROGRAMDATA__/ssh/administrators_authorized_keys");
        }

        @Test
        void anybodyElse_hasAFileOfItsOwn() {
            commandsAre(0, "BUILTIN\\Users Alias S-1-5-32-545 Group", 0);
            assertThat(standardFiles()).containsExactly("%h/.ssh/authorized_keys");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void whoCannotBeAsked_isWhoSeesTheCommonFile(boolean thereIsOne) {
            if (thereIsOne) {
                server.write(COMMON, "");
            }
            commandsAre(1, ADMINISTRATOR, 0);
            assertThat(standardFiles().get(0).contains("PROGRAMDATA")).isEqualTo(thereIsOne);
        }

        @Test
        void whoRunsNoCommands_isWhoSeesTheCommonFile() {
            server.write(COMMON, "");
            server.fleet.faults().on(Verb.EXEC).inject(Fault.refusal());
            assertThat(standardFiles().get(0)).contains("PROGRAMDATA");
        }

        @Test
        void whoMayNotLookAtTheCommonFile_isNoAdministrator() {
            commandsAre(1, "", 0);
            server.fleet
                    .faults()
                    .on(Verb.STAT)
                    .matching(step -> step.detail().equals(COMMON))
                    .inject(Fault.status(SftpException.Status.PERMISSION_DENIED));
            assertThat(standardFiles()).containsExactly("%h/.ssh/authorized_keys");
        }

        @Test
        void commonFileThatIsMissing_isGivenItsAccessListBeforeItHoldsAnything() {
            commandsAre(0, ADMINISTRATOR, 0);
            add("__PROGRAMDATA__/ssh/administrators_authorized_keys");
            assertThat(server.files.readText(COMMON)).isEqualTo("new\r\n");
            assertThat(commands)
                    .contains("icacls.exe \"C:\\ProgramData\\ssh\\administrators_authorized_keys\" /inheritance:r"
                            + " /grant \"*S-1-5-32-544:F\" /grant \"*S-1-5-18:F\"");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void accessListThatCannotBeGiven_leavesNoFile(boolean refused) {
            commandsAre(0, ADMINISTRATOR, 5);
            if (refused) {
                server.fleet.faults().on(Verb.EXEC).from(2).inject(Fault.refusal());
            }
            assertRefused(
                    () -> add("__PROGRAMDATA__/ssh/administrators_authorized_keys"),
                    RemoteFileException.Reason.NOT_WRITABLE,
                    "icacls could not");
            assertThat(server.files.exists(COMMON)).isFalse();
        }

        @Test
        void fileInAProfile_inheritsItsAccessList() {
            commandsAre(0, "", 5);
            add("%h/keys");
            assertThat(server.files.readText(HOME + "/keys")).isEqualTo("new\r\n");
        }

        @Test
        void fileThatIsThere_keepsItsLineEnds() {
            commandsAre(0, "", 0);
            server.write(FILE, "old\n");
            add(FILE);
            assertThat(content()).isEqualTo("old\nnew\n");
        }

        @Test
        void lineEndsThatAreThereAlready_areNotDoubled() {
            AuthorizedKeys none = AuthorizedKeys.parse(new byte[0]);
            assertThat(WindowsFiles.withLineEnds(none, text("a\r\nb\n")).toBytes())
                    .isEqualTo("a\r\nb\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(WindowsFiles.withLineEnds(none, none).toBytes()).isEmpty();
        }
    }
}
