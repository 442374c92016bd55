package io.keywright.rotation;

import static io.keywright.rotation.SimulatedServer.DIRECTORY;
import static io.keywright.rotation.SimulatedServer.EDITOR;
import static io.keywright.rotation.SimulatedServer.FILE;
import static io.keywright.rotation.SimulatedServer.HEX;
import static io.keywright.rotation.SimulatedServer.HOME;
import static io.keywright.rotation.SimulatedServer.NONCE;
import static io.keywright.rotation.SimulatedServer.TIDY;
import static io.keywright.rotation.SimulatedServer.add;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.testkit.fleet.CommandHandler;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.SftpException;
import io.keywright.transport.SshConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edits over SFTP that end with a rename over the file, and what comes between. */
class SftpEditorTest {
    private static final String LOCK = FILE + ".keywright-lock";
    private static final String TEMPORARY = DIRECTORY + "/.keywright-" + NONCE;
    private static final String OLD = "# by hand\r\n\nlast without an end";
    private static final int SOMEBODY = 4321;

    private SimulatedServer server;

    @BeforeEach
    void start() {
        server = new SimulatedServer();
    }

    private RemoteEdit edit() {
        return server.edit(EDITOR, add("new"));
    }

    private String content() {
        return server.files.readText(FILE);
    }

    private void assertRefused(Runnable action, RemoteFileException.Reason reason, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        RemoteFileException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(why);
        assertThat(server.names()).noneMatch(name -> name.contains("keywright"));
    }

    private void failing(Verb verb, String path, SftpException.Status status) {
        server.fleet
                .faults()
                .on(verb)
                .matching(step -> step.detail().startsWith(path))
                .inject(Fault.status(status));
    }

    /** Does something each time that the file is about to be replaced. */
    private void beforeTheRename(int times, Runnable action) {
        server.fleet.faults().on(Verb.POSIX_RENAME).times(times).inject(Fault.before(step -> action.run()));
    }

    @Nested
    class Read {
        private RemoteFile read(String path) {
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThat(editor.keys(path).toBytes())
                        .isEqualTo(editor.read(path).keys().toBytes());
                return editor.read(path);
            }
        }

        @Test
        void file_isItsContentAndItsTrouble() {
            server.write(FILE, OLD);
            server.files.setPermissions(FILE, 0620);
            server.files.setPermissions(DIRECTORY, 0702);
            server.files.setPermissions("/home", 0777); // above the home, where sshd does not look
            RemoteFile seen = read(FILE);

            assertThat(seen.exists()).isTrue();
            assertThat(seen.path()).isEqualTo(FILE);
            assertThat(new String(seen.keys().toBytes(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(OLD);
            assertThat(seen.strictModesTrouble())
                    .satisfiesExactly(
                            first -> assertThat(first).startsWith(FILE + " has mode 0620"),
                            second -> assertThat(second).startsWith(DIRECTORY + " has mode 0702"));
        }

        @Test
        void fileOfAnother_isTrouble() {
            server.files.writeText(FILE, "");
            server.files.setPermissions(FILE, 0644);
            server.files.setOwner(FILE, SOMEBODY, SOMEBODY);
            assertThat(read(FILE).strictModesTrouble())
                    .singleElement()
                    .asString()
                    .startsWith(FILE + " belongs to uid 4321");
        }

        @Test
        void outsideTheHome_troubleIsToldUpToTheRoot() {
            server.files.makeDirectory("/etc", 0755);
            server.files.writeText("/etc/keys", "");
            server.files.setPermissions("/etc/keys", 0644);
            server.files.setPermissions("/", 0777);
            assertThat(read("/etc/keys").strictModesTrouble())
                    .singleElement()
                    .asString()
                    .startsWith("/ has mode 0777");
        }

        @Test
        void missing_isEmpty() {
            RemoteFile seen = read(HOME + "/a/b/c");
            assertThat(seen.exists()).isFalse();
            assertThat(seen.path()).isEqualTo(HOME + "/a/b/c");
            assertThat(seen.keys().toBytes()).isEmpty();
        }

        @Test
        void missingInTheRoot_isEmpty() {
            assertThat(read("/keys").path()).isEqualTo("/keys");
        }

        @Test
        void links_areFollowed() {
            server.write(FILE, OLD);
            server.account.files().makeSymlink("edited", DIRECTORY + "/link");
            server.account.files().makeSymlink(".ssh", HOME + "/dot");
            assertThat(read(DIRECTORY + "/link").path()).isEqualTo(FILE);
            assertThat(read(HOME + "/dot/link").path()).isEqualTo(FILE);
            assertThat(read(HOME + "/dot/absent").path()).isEqualTo(DIRECTORY + "/absent");
        }

        @Test
        void linkToADirectory_isRefused() {
            server.account.files().makeSymlink(".ssh", HOME + "/link");
            assertRefused(() -> read(HOME + "/link"), RemoteFileException.Reason.NOT_REGULAR, "but directory");
        }

        @Test
        void directory_isRefused() {
            assertRefused(() -> read(DIRECTORY), RemoteFileException.Reason.NOT_REGULAR, "but directory");
        }

        @Test
        void linksThatLeadNowhere_areRefused() {
            server.account.files().makeSymlink("absent", DIRECTORY + "/link");
            server.account.files().makeSymlink("absent", HOME + "/dot");
            assertRefused(() -> read(DIRECTORY + "/link"), RemoteFileException.Reason.NOT_REGULAR, "nowhere");
            assertRefused(() -> read(HOME + "/dot/keys"), RemoteFileException.Reason.NOT_REGULAR, "nowhere");
        }

        @Test
        void linksOutOfTheHome_areRefused() {
            server.files.makeDirectory("/srv", 0755);
            server.files.writeText("/srv/keys", "");
            server.account.files().makeSymlink("/srv/keys", DIRECTORY + "/link");
            server.account.files().makeSymlink("/srv", HOME + "/dot");
            assertRefused(() -> read(DIRECTORY + "/link"), RemoteFileException.Reason.OUTSIDE_HOME, "/srv/keys");
            assertRefused(() -> read(HOME + "/dot/absent"), RemoteFileException.Reason.OUTSIDE_HOME, "/srv/absent");
        }
    }

    @Nested
    class Edit {
        @Test
        void missingFile_isMadeWithItsDirectories() {
            RemoteEdit done = server.edit(EDITOR, HOME + "/a/b/c", add("new"));

            assertThat(done)
                    .isEqualTo(new RemoteEdit(HOME + "/a/b/c", EditMethod.SFTP, true, true, true, 0, List.of()));
            assertThat(server.files.readText(HOME + "/a/b/c")).isEqualTo("new\n");
            assertThat(server.files.permissions(HOME + "/a/b/c")).isEqualTo(0600);
            assertThat(server.files.permissions(HOME + "/a")).isEqualTo(0700);
            assertThat(server.files.permissions(HOME + "/a/b")).isEqualTo(0700);
        }

        @Test
        void missingFile_andNothingToAdd_isLeftSo() {
            assertThat(server.edit(TIDY, HOME + "/a/b", keys -> keys).changed()).isFalse();
            assertThat(server.files.exists(HOME + "/a")).isFalse();
        }

        @Test
        void directoryThatAnotherMakesMeanwhile_isTaken() {
            server.before(
                    Verb.MAKE_DIRECTORY,
                    step -> step.detail().equals(HOME + "/a"),
                    step -> server.account.files().makeDirectory(HOME + "/a", 0755));
            server.edit(EDITOR, HOME + "/a/b", add("new"));
            assertThat(server.files.readText(HOME + "/a/b")).isEqualTo("new\n");
        }

        @Test
        void linkThatAnotherMakesMeanwhile_isFollowed() {
            server.account.files().makeDirectory(HOME + "/real", 0700);
            server.before(
                    Verb.MAKE_DIRECTORY,
                    step -> step.detail().equals(HOME + "/a"),
                    step -> server.account.files().makeSymlink("real", HOME + "/a"));
            assertThat(server.edit(EDITOR, HOME + "/a/b", add("new")).path()).isEqualTo(HOME + "/real/b");
            assertThat(server.files.readText(HOME + "/real/b")).isEqualTo("new\n");
        }

        @Test
        void fileThatIsTooLarge_isRefused() {
            server.write(FILE, "");
            byte[] large = new byte[FileEditor.MAX_FILE_BYTES + 1];
            server.files.write(FILE, large);
            assertRefused(() -> edit(), RemoteFileException.Reason.TOO_LARGE, "more than 67108864 bytes");
        }

        @Test
        void directoryThatCannotBeMade_isRefused() {
            server.files.setPermissions(HOME, 0500);
            assertRefused(
                    () -> server.edit(EDITOR, HOME + "/a/b", add("new")),
                    RemoteFileException.Reason.NOT_WRITABLE,
                    "/a: it cannot be written (PERMISSION_DENIED)");
        }

        @Test
        void everyOtherByteAndTheMode_areKept() {
            server.write(FILE, OLD);
            server.files.setPermissions(FILE, 0640);
            RemoteEdit done = edit();

            assertThat(content()).isEqualTo(OLD + "\nnew\n");
            assertThat(server.files.permissions(FILE)).isEqualTo(0640);
            assertThat(server.names()).containsExactly("edited");
            assertThat(done).isEqualTo(new RemoteEdit(FILE, EditMethod.SFTP, true, true, true, 0, List.of()));
        }

        @Test
        void withoutFsync_isNotDurable() {
            server.device.configure(config -> config.withFsync(false));
            server.write(FILE, OLD);
            RemoteEdit done = edit();
            assertThat(done.atomic()).isTrue();
            assertThat(done.durable()).isFalse();
        }

        @Test
        void nothingToDo_takesNoLock() {
            server.write(FILE, OLD);
            RemoteEdit done = server.edit(EDITOR, keys -> keys);
            assertThat(done).isEqualTo(RemoteEdit.unchanged(FILE, EditMethod.SFTP, 0));
            assertThat(server.fleet.trace()).noneMatch(entry -> entry.step().verb() == Verb.CREATE);
        }

        @Test
        void guardThatThrows_leavesTheFile() {
            server.write(FILE, OLD);
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThatThrownBy(() -> editor.edit(FILE, add("new"), () -> {
                            assertThat(server.names()).contains("edited.keywright-lock");
                            throw new IllegalStateException("fenced");
                        }))
                        .hasMessage("fenced");
            }
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void lockThatIsLost_writesNothing() {
            server.write(FILE, OLD);
            server.after(
                    Verb.CREATE_SYNCED,
                    step -> step.detail().equals(TEMPORARY),
                    step -> server.write(LOCK, "keywright-1 other 1 x\n"));
            assertThatThrownBy(() -> edit())
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.LOCKED));
            assertThat(content()).isEqualTo(OLD);
            assertThat(server.names()).containsExactly("edited", "edited.keywright-lock");
        }

        @Test
        void lockThatOthersHeld_isWaitedForAndTheFileReadAgain() {
            server.write(FILE, OLD);
            server.write(LOCK, "keywright-1 other 1 x\n");
            server.inPause = () -> {
                server.write(FILE, "by the other\n");
                server.files.remove(LOCK);
            };
            RemoteEdit done = edit();
            assertThat(content()).isEqualTo("by the other\nnew\n");
            assertThat(done.retries()).isZero();
        }

        @ParameterizedTest
        @ValueSource(strings = {"CREATE_SYNCED", "POSIX_RENAME", "SET_PERMISSIONS"})
        void requestThatFails_leavesTheFile(Verb verb) {
            server.write(FILE, OLD);
            server.files.setPermissions(FILE, 0640);
            failing(verb, TEMPORARY, SftpException.Status.PERMISSION_DENIED);
            assertRefused(() -> edit(), RemoteFileException.Reason.NOT_WRITABLE, "(PERMISSION_DENIED)");
            assertThat(content()).isEqualTo(OLD);
        }

        @Test
        void diskThatIsFull_leavesTheFile() {
            server.write(FILE, OLD);
            server.before(
                    Verb.CREATE_SYNCED,
                    step -> true,
                    step -> server.device.fileSystem().fill());
            assertRefused(() -> edit(), RemoteFileException.Reason.NOT_WRITABLE, "free space");
            assertThat(content()).isEqualTo(OLD);
        }

        @Test
        void fileOfAnother_isNotTakenOver() {
            server.files.writeText(FILE, OLD);
            server.files.setPermissions(FILE, 0644);
            server.files.setOwner(FILE, SOMEBODY, SOMEBODY);
            assertRefused(() -> edit(), RemoteFileException.Reason.FOREIGN_OWNER, "belongs to uid 4321");
        }

        @Test
        void fileOfRoot_isNotTakenOver() {
            server.files.writeText(FILE, OLD);
            server.files.setPermissions(FILE, 0644);
            assertRefused(() -> edit(), RemoteFileException.Reason.FOREIGN_OWNER, "belongs to uid 0");
        }

        @Test
        void groupThatCannotBeKept_isAWarning() {
            server.write(FILE, OLD);
            server.files.setOwner(FILE, server.account.uid(), SOMEBODY);
            assertThat(edit().warnings()).containsExactly("the file's group could not be kept");
            assertThat(content()).endsWith("new\n");
        }

        @Test
        void groupOfTheAccounts_isKept() {
            server.account.addGroup(SOMEBODY);
            server.write(FILE, OLD);
            server.files.setOwner(FILE, server.account.uid(), SOMEBODY);
            assertThat(edit().warnings()).isEmpty();
            assertThat(server.files.stat(FILE).gid()).hasValue(SOMEBODY);
        }

        @Test
        void root_givesAFileOutsideItsHomeBackToItsOwner() {
            server.addRoot();
            server.write(FILE, OLD);
            server.files.setPermissions(FILE, 0604);
            try (SshConnection connection = server.connect("root");
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThat(editor.edit(FILE, add("new"), () -> {}).warnings()).isEmpty();
            }
            assertThat(server.files.stat(FILE).uid()).hasValue(server.account.uid());
            assertThat(server.files.stat(FILE).gid()).hasValue(server.account.gid());
            assertThat(server.files.permissions(FILE)).isEqualTo(0604);
        }

        @Test
        void root_takesOverNoFileInItsOwnHome() {
            server.addRoot();
            server.files.writeText("/root/keys", OLD);
            server.files.setOwner("/root/keys", SOMEBODY, SOMEBODY);
            try (SshConnection connection = server.connect("root");
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertRefused(
                        () -> editor.edit("/root/keys", add("new"), () -> {}),
                        RemoteFileException.Reason.FOREIGN_OWNER,
                        "uid 4321");
            }
            assertThat(server.files.readText("/root/keys")).isEqualTo(OLD);
        }

        @Test
        void temporaryFileThatVanishes_isGivenUp() {
            server.write(FILE, OLD);
            server.after(
                    Verb.CREATE_SYNCED,
                    step -> step.detail().equals(TEMPORARY),
                    step -> server.files.remove(TEMPORARY));
            assertRefused(() -> edit(), RemoteFileException.Reason.KEEPS_CHANGING, "vanished");
            assertThat(content()).isEqualTo(OLD);
        }
    }

    /** Others that write without a lock. */
    @Nested
    class ChangedMeanwhile {
        @Test
        void beforeTheLock_isKept() {
            server.write(FILE, OLD);
            AtomicInteger asked = new AtomicInteger();
            RemoteEdit done = server.edit(EDITOR, keys -> {
                if (asked.incrementAndGet() == 2) {
                    server.files.writeText(FILE, "by hand\n");
                }
                return add("new").apply(keys);
            });
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void inTheMomentOfTheRename_isBroughtBackAndTold() {
            server.write(FILE, OLD);
            beforeTheRename(1, () -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit();
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(done.warnings()).singleElement().asString().contains("brought back");
        }

        @Test
        void inTheMomentOfTheRename_andOnceMoreBeforeTheNext_isKeptAsItIsThen() {
            server.write(FILE, OLD);
            AtomicInteger made = new AtomicInteger();
            server.fleet.faults().on(Verb.CREATE_SYNCED).inject(Fault.after(step -> {
                if (made.incrementAndGet() == 2) {
                    server.files.writeText(FILE, "by hand, again\n");
                }
            }));
            beforeTheRename(1, () -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit();
            assertThat(content()).isEqualTo("by hand, again\nnew\n");
            assertThat(done.retries()).isEqualTo(2);
        }

        @Test
        void afterTheRename_isKept() {
            server.write(FILE, OLD);
            server.after(Verb.POSIX_RENAME, step -> true, step -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit();
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(done.warnings()).isEmpty();
        }

        @Test
        void afterTheRename_toWhatIsWanted_isAChangeThatIsNotSaidToBeDurable() {
            server.write(FILE, OLD);
            server.after(Verb.POSIX_RENAME, step -> true, step -> server.files.writeText(FILE, "by hand\nnew\n"));
            AtomicInteger asked = new AtomicInteger();
            RemoteEdit done = server.edit(
                    EDITOR, keys -> asked.incrementAndGet() < 3 ? add("new").apply(keys) : keys);
            assertThat(done).isEqualTo(new RemoteEdit(FILE, EditMethod.SFTP, true, true, false, 1, List.of()));
        }

        @Test
        void beforeTheRename_toWhatIsWanted_isUnchanged() {
            server.write(FILE, OLD);
            AtomicInteger asked = new AtomicInteger();
            RemoteEdit done = server.edit(EDITOR, keys -> {
                if (asked.incrementAndGet() == 2) {
                    server.files.writeText(FILE, "wanted\n");
                }
                return SimulatedServer.text("wanted\n");
            });
            assertThat(done).isEqualTo(RemoteEdit.unchanged(FILE, EditMethod.SFTP, 1));
        }

        @Test
        void againAndAgain_isGivenUpAndUnlocked() {
            server.write(FILE, OLD);
            List<String> contents = new ArrayList<>();
            beforeTheRename(100, () -> {
                contents.add("by hand " + contents.size() + "\n");
                server.files.writeText(FILE, contents.get(contents.size() - 1));
            });
            assertRefused(
                    () -> edit(),
                    RemoteFileException.Reason.KEEPS_CHANGING,
                    "changed the file " + FileEditor.MAX_STARTS + " times");
            assertThat(contents).hasSize(FileEditor.MAX_STARTS);
        }

        @Test
        void modeWhileTheFileIsMade_isTakenOver() {
            server.write(FILE, OLD);
            server.after(
                    Verb.CREATE_SYNCED,
                    step -> step.detail().equals(TEMPORARY),
                    step -> server.files.setPermissions(FILE, 0644));
            edit();
            assertThat(server.files.permissions(FILE)).isEqualTo(0644);
        }

        @Test
        void contentWhileTheModeIsTakenOver_isKept() {
            server.write(FILE, OLD);
            server.after(
                    Verb.CREATE_SYNCED,
                    step -> step.detail().equals(TEMPORARY),
                    step -> server.files.setPermissions(FILE, 0644));
            server.before(
                    Verb.SET_PERMISSIONS,
                    step -> step.detail().startsWith(TEMPORARY),
                    step -> server.files.writeText(FILE, "by hand\n"));
            RemoteEdit done = edit();
            assertThat(content()).isEqualTo("by hand\nnew\n");
            assertThat(done.warnings()).as("nothing had to be brought back").isEmpty();
            assertThat(done.retries()).isEqualTo(1);
        }

        @Test
        void directoryInItsPlace_isRefused() {
            server.write(FILE, OLD);
            server.after(Verb.CREATE_SYNCED, step -> step.detail().equals(TEMPORARY), step -> {
                server.files.remove(FILE);
                server.files.makeDirectory(FILE, 0755);
            });
            assertRefused(() -> edit(), RemoteFileException.Reason.NOT_REGULAR, "but directory");
        }
    }

    /** What is swept, and when. */
    @Nested
    class Tidy {
        private void leaveAll() {
            for (String name : List.of(
                    ".keywright-" + HEX,
                    "edited.keywright-lock-broken-" + HEX,
                    "edited.keywright-lock-clock-" + HEX,
                    ".keywright-wait-" + HEX)) {
                server.write(DIRECTORY + "/" + name, "half");
            }
            server.account.files().makeDirectory(DIRECTORY + "/edited.keywright-lock-broken-ffffffffffffffff", 0700);
            server.write(DIRECTORY + "/edited.keywright-lock-broken-ffffffffffffffff/owner", "somebody");
            server.fleet.clock().advance(Duration.ofHours(1).plusSeconds(1));
            server.write(DIRECTORY + "/.keywright-wait-ffffffffffffffff", "half");
            server.write(DIRECTORY + "/.keywright-0123456789abcdeg", "not ours");
            server.write(DIRECTORY + "/.keywright-0123456789abcde", "not ours");
            server.write(FILE, OLD);
        }

        private void assertSwept() {
            assertThat(server.names())
                    .containsExactly(
                            ".keywright-0123456789abcde",
                            ".keywright-0123456789abcdeg",
                            ".keywright-wait-ffffffffffffffff",
                            "edited");
        }

        @Test
        void edit_byWhoTidies_sweeps() {
            leaveAll();
            server.edit(TIDY, add("new"));
            assertSwept();
        }

        @Test
        void nothingToDo_byWhoTidies_sweeps() {
            leaveAll();
            assertThat(server.edit(TIDY, keys -> keys)).isEqualTo(RemoteEdit.unchanged(FILE, EditMethod.SFTP, 0));
            assertSwept();
        }

        @Test
        void edit_byWhoBrokeALock_sweeps() {
            server.write(LOCK, "keywright-1 other 1 x\n");
            leaveAll();
            edit();
            assertSwept();
        }

        @Test
        void edit_byOthers_sweepsNothing() {
            leaveAll();
            int before = server.names().size();
            edit();
            assertThat(server.names()).hasSize(before);
        }

        @Test
        void fileThatHasWaitedForJustAnHour_stays() {
            server.write(FILE, OLD);
            server.write(DIRECTORY + "/.keywright-wait-" + HEX, "half");
            server.fleet.clock().advance(Duration.ofHours(1));
            server.edit(TIDY, keys -> keys);
            assertThat(server.names()).contains(".keywright-wait-" + HEX);
        }

        @Test
        void whatCannotBeRemoved_isLeft() {
            server.write(FILE, OLD);
            server.account.files().makeDirectory(DIRECTORY + "/.keywright-" + HEX, 0700);
            server.write(DIRECTORY + "/.keywright-" + HEX + "/something", "not ours");
            RemoteEdit done = server.edit(TIDY, add("new"));
            assertThat(content()).endsWith("new\n");
            assertThat(server.names()).containsExactly(".keywright-" + HEX, "edited");
            assertThat(done.warnings())
                    .containsExactly("a temporary file could not be removed, which may be done by hand: " + DIRECTORY
                            + "/.keywright-" + HEX);
        }

        @Test
        void manyThatCannotBeRemoved_areOneWarning() {
            server.write(FILE, OLD);
            for (int i = 0; i < 7; i++) {
                server.write(DIRECTORY + "/.keywright-000000000000000" + i, "half");
            }
            failing(Verb.REMOVE, DIRECTORY + "/.keywright-", SftpException.Status.FAILURE);
            assertThat(server.edit(TIDY, add("new")).warnings())
                    .singleElement()
                    .asString()
                    .startsWith("7 temporary files could not be removed")
                    .endsWith(" and 2 more");
        }

        @Test
        void whatCannotBeRemovedForAMoment_isRemovedInTheEnd() {
            server.write(FILE, OLD);
            String leftover = DIRECTORY + "/.keywright-" + HEX;
            server.write(leftover, "half");
            server.fleet
                    .faults()
                    .on(Verb.REMOVE)
                    .matching(step -> step.detail().equals(leftover))
                    .times(2)
                    .inject(Fault.status(SftpException.Status.FAILURE));
            assertThat(server.edit(TIDY, add("new")).warnings()).isEmpty();
            assertThat(server.names()).containsExactly("edited");
        }

        @Test
        void nothingToDo_whereNothingCanBeWritten_isDone() {
            server.write(FILE, OLD);
            server.files.setPermissions(DIRECTORY, 0500);
            assertThat(server.edit(TIDY, keys -> keys)).isEqualTo(RemoteEdit.unchanged(FILE, EditMethod.SFTP, 0));
        }

        @Test
        void nothingToDo_whereOthersHoldTheLock_isLocked() {
            server.write(FILE, OLD);
            server.write(LOCK, "keywright-1 other 1 x\n");
            server.inPause = () -> server.write(LOCK, "keywright-1 other " + server.pauses.size() + " x\n");
            assertThatThrownBy(() -> server.edit(TIDY, keys -> keys))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.LOCKED));
        }
    }

    /** SELinux contexts, which SFTP knows nothing of. */
    @Nested
    class Selinux {
        private static final String MARK = "/sys/fs/selinux/enforce";

        @BeforeEach
        void turnOn() {
            for (String directory : List.of("/sys", "/sys/fs", "/sys/fs/selinux")) {
                server.files.makeDirectory(directory, 0755);
            }
            server.files.writeText(MARK, "1");
            server.write(FILE, OLD);
        }

        private List<String> commands(int... statuses) {
            List<String> commands = new ArrayList<>();
            server.device.onExec(call -> {
                int status = statuses[Math.min(commands.size(), statuses.length - 1)];
                commands.add(call.command());
                return Optional.of(CommandHandler.exit(status, "", ""));
            });
            return commands;
        }

        @Test
        void tool_isRunOnTheFile() {
            List<String> commands = commands(0);
            assertThat(edit().warnings()).isEmpty();
            assertThat(commands).containsExactly("restorecon " + FILE);
        }

        @Test
        void toolThatIsNotOnThePath_isRunByItsPath() {
            List<String> commands = commands(127, 0);
            assertThat(edit().warnings()).isEmpty();
            assertThat(commands).containsExactly("restorecon " + FILE, "/usr/sbin/restorecon " + FILE);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 127})
        void toolThatFails_isAWarning(int status) {
            commands(status);
            assertThat(edit().warnings()).singleElement().asString().contains("SELinux");
        }

        @Test
        void noCommands_isAWarning() {
            server.fleet.faults().on(Verb.EXEC).inject(Fault.refusal());
            assertThat(edit().warnings()).singleElement().asString().contains("SELinux");
        }

        @Test
        void pathThatAShellWouldMind_isQuoted() {
            List<String> commands = commands(0);
            server.edit(EDITOR, DIRECTORY + "/it's $x", add("new"));
            assertThat(commands).containsExactly("restorecon '" + DIRECTORY + "/it'\\''s $x'");
        }

        @Test
        void pathWithAControlCharacter_isAWarning() {
            List<String> commands = commands(0);
            assertThat(server.edit(EDITOR, DIRECTORY + "/a\tb", add("new")).warnings())
                    .singleElement()
                    .asString()
                    .contains("SELinux");
            assertThat(commands).isEmpty();
        }

        @Test
        void markThatMayNotBeLookedAt_isNone() {
            failing(Verb.STAT, MARK, SftpException.Status.PERMISSION_DENIED);
            List<String> commands = commands(0);
            assertThat(edit().warnings()).isEmpty();
            assertThat(commands).isEmpty();
        }
    }
}
