package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script's lock, and what those leave behind who die under it. The clock is the test's. */
@Tag("once")
class ShellEditorLockTest {
    private static final RemoteLock.Owner EDITOR = new RemoteLock.Owner("test", 7, false);
    private static final RemoteLock.Owner TIDY = new RemoteLock.Owner("test", 7, true);
    private static final String HEX = "0123456789abcdef";
    private static final long LEASE = RemoteLock.LEASE.toSeconds();

    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private LocalShell shell;
    private Path file;
    private Path lock;
    private final List<Duration> pauses = new ArrayList<>();
    private Runnable inPause = () -> {};

    @BeforeEach
    void start() throws IOException {
        on(LocalShell.Kind.DASH, "machine");
    }

    @AfterEach
    void stop() {
        shell.close();
    }

    private void on(LocalShell.Kind kind) throws IOException {
        shell.close();
        on(kind, "another");
    }

    private void on(LocalShell.Kind kind, String name) throws IOException {
        shell = new LocalShell(kind, temporary.resolve(name));
        file = Files.writeString(shell.home().resolve("keys"), "old\n");
        lock = shell.home().resolve("keys.keywright-lock");
    }

    private RemoteEdit edit(RemoteLock.Owner owner, UnaryOperator<AuthorizedKeys> edit) {
        return shell.editor(owner, time -> {
                    pauses.add(time);
                    inPause.run();
                })
                .edit(file.toString(), edit, () -> {});
    }

    private void add(RemoteLock.Owner owner) {
        edit(owner, keys -> AuthorizedKeys.parse("old\nnew\n".getBytes(StandardCharsets.UTF_8)));
    }

    private void add() {
        add(EDITOR);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(shell.home())) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** How a lock looks: a shell's is a directory, that of SFTP a file without a time. */
    private enum LockKind {
        SHELL,
        SFTP
    }

    /** Leaves a lock, and lets it look as if it was made then. */
    private void leaveLock(LockKind kind, String owner, long since) throws IOException {
        String line = "keywright-1 " + owner + " " + HEX;
        if (kind == LockKind.SFTP) {
            Files.writeString(lock, line + "\n");
        } else {
            Files.createDirectory(lock);
            Files.writeString(lock.resolve("owner"), line + " " + since + "\n");
        }
        writtenAt(lock, since);
    }

    private static void writtenAt(Path path, long seconds) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(seconds)));
    }

    private void assertAdded() throws IOException {
        assertThat(file).hasContent("old\nnew\n");
        assertThat(names()).containsExactly("keys");
        assertThat(pauses).isEmpty();
    }

    private void assertLocked() throws IOException {
        assertThatThrownBy(this::add)
                .isInstanceOfSatisfying(
                        RemoteFileException.class,
                        e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.LOCKED))
                .hasMessageContaining("keys.keywright-lock: other editors hold the lock again and again");
        assertThat(file).hasContent("old\n");
        assertThat(names()).containsExactly("keys", "keys.keywright-lock");
        // Each run waits for the third part of a request's time, and all of them for a lease and ten seconds at least.
        assertThat(pauses).hasSize(3).allMatch(Duration.ofMillis(50)::equals);
    }

    /** Somebody else has it. */
    @Nested
    class Held {
        @ParameterizedTest
        @EnumSource
        void byShellsOfAnyKind_isWaitedForInTheScriptAndBetweenRuns(LocalShell.Kind kind) throws IOException {
            on(kind);
            // Nobody's lease ends while it is waited for: the owner takes it anew again and again, as many editors do.
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW + 100_000);
            assertLocked();
        }

        @Test
        void overSftp_isWaitedForToo() throws IOException {
            leaveLock(LockKind.SFTP, "other 1", LocalShell.NOW + 100_000);
            assertLocked();
        }

        @Test
        void releasedInTheMeantime_isTaken() throws IOException {
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW + 100_000);
            inPause = () -> LocalShell.ask("rm -r \"$1\"", lock.toString());
            add();
            assertThat(file).hasContent("old\nnew\n");
            assertThat(names()).containsExactly("keys");
            assertThat(pauses).hasSize(1);
        }

        @Test
        void whereSleepKnowsNoFractions_itIsSlept() throws IOException {
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW + 100_000);
            shell.tool(
                    "sleep",
                    "[ \"$1\" = 1 ] || exit 1",
                    "read now <\"" + shell.clock() + "\"",
                    "echo $((now + 30)) >\"" + shell.clock() + "\"");
            assertLocked();
        }

        @ParameterizedTest
        @CsvSource({"other 6", "test 7", "test 8", "test x", "tes 6"})
        void byNoEarlierLifeOfTheEditor_staysHeld(String owner) throws IOException {
            leaveLock(LockKind.SHELL, owner, LocalShell.NOW + 100_000);
            assertLocked();
        }

        @Test
        void directoryThatIsGoneWheneverItIsLookedAt_isNotWritable() {
            shell.tool("mkdir", "exit 1");
            assertThatThrownBy(ShellEditorLockTest.this::add)
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NOT_WRITABLE));
        }

        @Test
        void ownerThatCannotBeWritten_isNotWritable() throws IOException {
            shell.tool("mkdir", "/bin/mkdir \"$@\" && /bin/mkdir \"$1/owner\"");
            assertThatThrownBy(ShellEditorLockTest.this::add)
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NOT_WRITABLE));
            assertThat(file).hasContent("old\n");
        }
    }

    /** Its owner is dead. */
    @Nested
    class Stale {
        @ParameterizedTest
        @CsvSource({"DASH, SHELL", "DASH, SFTP", "BASH, SHELL", "BASH, SFTP", "BUSYBOX, SHELL", "BUSYBOX, SFTP"})
        void leaseThatIsOver_isBroken(LocalShell.Kind kind, LockKind left) throws IOException {
            on(kind);
            leaveLock(left, "other 1", LocalShell.NOW - LEASE - 1);
            add();
            assertAdded();
        }

        @ParameterizedTest
        @EnumSource
        void leaseThatIsJustNotOver_isWaitedFor(LockKind left) throws IOException {
            leaveLock(left, "other 1", LocalShell.NOW - LEASE);
            add();
            assertAdded();
            assertThat(Files.readString(shell.clock())).isEqualTo(LocalShell.NOW + 25 + "\n");
        }

        @ParameterizedTest
        @EnumSource
        void earlierLifeOfTheEditor_isBrokenAtOnce(LockKind left) throws IOException {
            leaveLock(left, "test 6", LocalShell.NOW + 100_000);
            add();
            assertAdded();
            assertThat(Files.readString(shell.clock())).isEqualTo(LocalShell.NOW + "\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"stat", "stat of BSD", "date"})
        void age_isToldByAnyTool(String tool) throws IOException {
            String age = "echo " + (LocalShell.NOW - LEASE - 1);
            shell.tool(
                    "stat",
                    switch (tool) {
                        case "stat" -> "[ \"$1 $2\" = \"-c %Y\" ] && " + age;
                        case "stat of BSD" -> "[ \"$1 $2\" = \"-f %m\" ] && " + age;
                        default -> "exit 1";
                    });
            shell.tool(
                    "date",
                    "case $1 in",
                    "    -r) " + (tool.equals("date") ? age : "exit 1") + " ;;",
                    "    *) cat \"" + shell.clock() + "\" ;;",
                    "esac");
            leaveLock(LockKind.SFTP, "other 1", LocalShell.NOW + 100_000);
            add();
            assertAdded();
        }

        @Test
        void ageThatNoToolTells_isNotOver() throws IOException {
            shell.broken("stat");
            shell.tool("date", "[ \"$1\" != -r ] && cat \"" + shell.clock() + "\"");
            leaveLock(LockKind.SFTP, "other 1", LocalShell.NOW - 100_000);
            assertLocked();
        }

        @Test
        void directoryWithoutAnOwner_isJudgedByItsAge() throws IOException {
            Files.createDirectory(lock);
            writtenAt(lock, LocalShell.NOW - LEASE - 1);
            add();
            assertAdded();
        }

        /** It is another's in a directory where everybody may only move what is their own, for instance. */
        @ParameterizedTest
        @EnumSource
        void thatCannotBeMoved_isWaitedForAndNotAskedForEver(LocalShell.Kind kind) throws IOException {
            on(kind);
            Path tried = shell.elsewhere().resolve("tried");
            shell.tool(
                    "mv",
                    "echo \"$1\" >>\"" + tried + "\"",
                    "case $1 in",
                    "    *.keywright-lock) exit 1 ;;",
                    "esac",
                    "PATH=/usr/bin:/bin",
                    "exec mv \"$@\"");
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW - 100_000);
            assertLocked();
            // Four runs of forty seconds, 25 of them at each sleep.
            assertThat(Files.readAllLines(tried)).hasSize(4 * 3).allMatch("./keys.keywright-lock"::equals);
        }

        @Test
        void broken_sweepsWhatItsOwnerLeft() throws IOException {
            Files.writeString(shell.home().resolve(".keywright-" + HEX), "half");
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW - LEASE - 1);
            add();
            assertAdded();
        }
    }

    /** Somebody takes the lock between the moment in which it was judged and that in which it is moved away. */
    @Nested
    class TakenMeanwhile {
        /** Does something in the moment before the stale lock is moved away, once. */
        private void beforeTheMove(String... lines) {
            Path done = shell.elsewhere().resolve("done");
            List<String> all = new ArrayList<>(List.of("PATH=/usr/bin:/bin", "case $1 in", "*.keywright-lock)"));
            all.add("if [ ! -e \"" + done + "\" ]; then");
            all.add(": >\"" + done + "\"");
            all.addAll(List.of(lines));
            all.addAll(List.of("fi", ";;", "esac", "exec mv \"$@\""));
            shell.tool("mv", all.toArray(String[]::new));
        }

        @Test
        void byAShell_isGivenBack() throws IOException {
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW - LEASE - 1);
            String theirs = "keywright-1 third 1 " + HEX + " " + (LocalShell.NOW + 100_000);
            beforeTheMove("echo '" + theirs + "' >\"$1/owner\"");
            assertLocked();
            assertThat(lock.resolve("owner")).hasContent(theirs + "\n");
        }

        @Test
        void overSftp_isGivenBack() throws IOException {
            leaveLock(LockKind.SFTP, "other 1", LocalShell.NOW - LEASE - 1);
            String theirs = "keywright-1 third 1 " + HEX;
            beforeTheMove("echo '" + theirs + "' >\"$1\"", "touch -d @" + (LocalShell.NOW + 100_000) + " \"$1\"");
            // Given back it is as new as the machine's clock says, which is not the test's.
            assertLocked();
            assertThat(lock).hasContent(theirs + "\n");
        }

        @Test
        void andAgainByAThird_theThirdKeepsIt() throws IOException {
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW - LEASE - 1);
            String third = "keywright-1 third 1 " + HEX + " " + (LocalShell.NOW + 100_000);
            beforeTheMove(
                    "echo 'keywright-1 second 1 " + HEX + " 5' >\"$1/owner\"",
                    "mv \"$@\"",
                    "mkdir \"$1\"",
                    "echo '" + third + "' >\"$1/owner\"",
                    "exit 0");
            assertLocked();
            assertThat(lock.resolve("owner")).hasContent(third + "\n");
        }
    }

    /** What is swept, and when. */
    @Nested
    class Tidy {
        private void leaveAll() throws IOException {
            Files.writeString(shell.home().resolve(".keywright-" + HEX), "half");
            Files.createDirectory(shell.home().resolve("keys.keywright-lock-broken-" + HEX));
            Files.writeString(shell.home().resolve("keys.keywright-lock-broken-" + HEX + "/owner"), "somebody");
            Files.writeString(shell.home().resolve("keys.keywright-lock-clock-" + HEX), "");
            writtenAt(Files.writeString(shell.home().resolve(".keywright-wait-" + HEX), "half"), LocalShell.NOW - 3601);
            writtenAt(
                    Files.writeString(shell.home().resolve(".keywright-wait-ffffffffffffffff"), "half"),
                    LocalShell.NOW - 3600);
            Files.writeString(shell.home().resolve(".keywright-0123456789abcdeg"), "not ours");
            Files.writeString(shell.home().resolve(".keywright-0123456789abcde"), "not ours");
        }

        private void assertSwept() throws IOException {
            assertThat(names())
                    .containsExactly(
                            ".keywright-0123456789abcde",
                            ".keywright-0123456789abcdeg",
                            ".keywright-wait-ffffffffffffffff",
                            "keys");
        }

        @ParameterizedTest
        @EnumSource
        void edit_byWhoTidies_sweeps(LocalShell.Kind kind) throws IOException {
            on(kind);
            leaveAll();
            add(TIDY);
            assertThat(file).hasContent("old\nnew\n");
            assertSwept();
        }

        @ParameterizedTest
        @EnumSource
        void nothingToDo_byWhoTidies_sweeps(LocalShell.Kind kind) throws IOException {
            on(kind);
            leaveAll();
            assertThat(edit(TIDY, keys -> keys).changed()).isFalse();
            assertThat(file).hasContent("old\n");
            assertSwept();
        }

        @Test
        void edit_byOthers_sweepsNothing() throws IOException {
            leaveAll();
            int before = names().size();
            add();
            edit(EDITOR, keys -> keys);
            assertThat(names()).hasSize(before);
        }

        @Test
        void nothingToDo_whereAnEarlierLifeLeftItsLock_breaksIt() throws IOException {
            leaveLock(LockKind.SHELL, "test 6", LocalShell.NOW + 100_000);
            edit(TIDY, keys -> keys);
            assertThat(names()).containsExactly("keys");
        }

        @Test
        void nothingToDo_whereOthersHoldTheLock_isLocked() throws IOException {
            leaveLock(LockKind.SHELL, "other 1", LocalShell.NOW + 100_000);
            assertThatThrownBy(() -> edit(TIDY, keys -> keys))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.LOCKED));
        }

        @Test
        void nothingToDo_inADirectoryThatIsMissing_isDone() {
            file = shell.home().resolve("a/b");
            assertThat(edit(TIDY, keys -> keys).changed()).isFalse();
            assertThat(file.getParent()).doesNotExist();
        }

        @Test
        void nothingToDo_whereNothingCanBeWritten_isDone() throws IOException {
            shell.asNobody();
            Files.setPosixFilePermissions(shell.home(), PosixFilePermissions.fromString("r-xr-xr-x"));
            assertThat(edit(TIDY, keys -> keys).changed()).isFalse();
        }
    }
}
