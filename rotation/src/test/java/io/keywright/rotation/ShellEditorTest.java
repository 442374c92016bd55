package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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

/** The script and who sends it, in real shells. Locks are {@link ShellEditorLockTest}'s. */
@Tag("once")
class ShellEditorTest {
    private static final RemoteLock.Owner EDITOR = new RemoteLock.Owner("test", 7, false);
    private static final String OLD = "# by hand \u00fc\r\n\nlast without an end";

    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private LocalShell shell;
    private Path file;

    @BeforeEach
    void start() {
        shellOf(LocalShell.Kind.DASH, "machine");
    }

    @AfterEach
    void stop() {
        shell.close();
    }

    private void shellOf(LocalShell.Kind kind) {
        shell.close();
        shellOf(kind, "another");
    }

    private void shellOf(LocalShell.Kind kind, String name) {
        shell = new LocalShell(kind, temporary.resolve(name));
        file = shell.home().resolve(".ssh/authorized_keys");
    }

    private ShellEditor editor() {
        return shell.editor(EDITOR, time -> {
            throw new IllegalStateException("nobody holds the lock");
        });
    }

    /** Adds a line, after which the text ends with one. */
    private static UnaryOperator<AuthorizedKeys> add(String line) {
        return keys -> {
            String before = new String(keys.toBytes(), StandardCharsets.ISO_8859_1);
            String end = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
            return AuthorizedKeys.parse((before + end + line + "\n").getBytes(StandardCharsets.ISO_8859_1));
        };
    }

    /** As {@link #add}, and does something meanwhile the first time. */
    private static UnaryOperator<AuthorizedKeys> addWhile(String line, Meanwhile meanwhile) {
        AtomicInteger asked = new AtomicInteger();
        return keys -> {
            if (asked.incrementAndGet() == 1) {
                now(meanwhile);
            }
            return add(line).apply(keys);
        };
    }

    /** What others do between our reading and our writing. */
    private interface Meanwhile {
        void happens() throws IOException;
    }

    private static void now(Meanwhile meanwhile) {
        try {
            meanwhile.happens();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RemoteEdit edit(UnaryOperator<AuthorizedKeys> edit) {
        return editor().edit(file.toString(), edit, () -> {});
    }

    private void write(String content) throws IOException {
        Files.createDirectories(
                file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String mode(Path path) throws IOException {
        return Integer.toOctalString((int) Files.getAttribute(path, "unix:mode") & 07777);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private void assertAsItWas() throws IOException {
        assertThat(file).hasContent(OLD);
        assertThat(names()).containsExactly("authorized_keys");
    }

    private static void assertRefused(Runnable action, RemoteFileException.Reason reason, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        RemoteFileException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(why);
    }

    /** What a server must have. */
    @Nested
    class Open {
        @ParameterizedTest
        @EnumSource
        void anyShell_tellsWhoItIs(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            try (ShellEditor editor = editor()) {
                assertThat(editor.home()).isEqualTo(shell.home().toString());
                assertThat(editor.method()).isEqualTo(EditMethod.SHELL);
                assertThat(editor.uid()).isEqualTo(LocalShell.uid(shell.home()));
                assertThat(editor.standardFiles()).isEqualTo(Device.DEFAULT_AUTHORIZED_KEYS_FILES);
            }
        }

        @Test
        void homeThatIsALink_isTheDirectory() throws IOException {
            Path real = Files.move(shell.home(), shell.elsewhere().resolve("real"));
            Files.createSymbolicLink(shell.home(), real);
            assertThat(editor().home()).isEqualTo(real.toString());
        }

        @Test
        void dropbear_hasOneFile() {
            shell.serverVersion("SSH-2.0-dropbear_2022.83");
            assertThat(editor().standardFiles()).containsExactly("%h/.ssh/authorized_keys");
        }

        @ParameterizedTest
        @CsvSource({
            "SSH-2.0-dropbear, 0, /etc/dropbear/authorized_keys",
            "SSH-2.0-dropbear, 1000, .ssh/authorized_keys",
            "SSH-2.0-OpenSSH_9.2, 0, .ssh/authorized_keys"
        })
        void openWrt_hasRootsFileWhereItsDropbearReadsIt(String version, int account, String first) {
            shell.serverVersion(version);
            shell.tool(
                    "sh",
                    "printf '%s\\n' 'hash cksum' 'uid 5' 'account " + account
                            + " 6' 'home /root' 'openwrt yes' 'state ready'");
            ShellEditor editor = editor();
            assertThat(editor.standardFiles().get(0)).endsWith(first);
            assertThat(editor.uid()).isEqualTo(5);
        }

        @Test
        void noHashTool_isNoShell() {
            shell.broken("sha256sum", "shasum", "sha256", "openssl", "cksum");
            assertNoEditor();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "echo 'This account is not available.'; exit 1",
                    "echo 'state ready'; exit 1",
                    "echo 'state no'",
                    "exit 0",
                    "cat",
                    "exit 127"
                })
        void somethingElse_isNoShell(String answer) {
            shell.tool("sh", answer);
            assertNoEditor();
        }

        @Test
        void nonsenseThatLooksLikeAnAnswer_isRefused() {
            shell.tool("sh", "echo 'hash cksum'; echo 'account 1'; echo 'state ready'");
            assertRefused(() -> editor(), RemoteFileException.Reason.SCRIPT_FAILED, "1 words in place of 2");
        }

        @Test
        void noCommands_isNoShell() {
            shell.beforeRun(run -> {
                throw new ChannelRefusedException(shell.target(), TransportException.Phase.EXEC, "no commands", null);
            });
            assertNoEditor();
        }

        private void assertNoEditor() {
            assertThat(ShellEditor.open(shell, RunAs.SELF, EDITOR, new LocalShell.FixedRandom(), time -> {}))
                    .isEmpty();
        }
    }

    /** What is there. */
    @Nested
    class Look {
        private RemoteFile read(Path path) {
            return editor().read(path.toString());
        }

        @ParameterizedTest
        @EnumSource
        void missingWithItsDirectories_isEmpty(LocalShell.Kind kind) {
            shellOf(kind);
            Path deep = shell.home().resolve("a/b/c");
            RemoteFile seen = read(deep);

            assertThat(seen.exists()).isFalse();
            assertThat(seen.path()).isEqualTo(deep.toString());
            assertThat(seen.keys().toBytes()).isEmpty();
            assertThat(seen.strictModesTrouble()).isEmpty();
        }

        @ParameterizedTest
        @EnumSource
        void everyByte_arrives(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            byte[] odd = new byte[256];
            for (int i = 0; i < odd.length; i++) {
                odd[i] = (byte) (255 - i);
            }
            write("");
            Files.write(file, odd);
            RemoteFile seen = read(file);

            assertThat(seen.exists()).isTrue();
            assertThat(seen.keys().toBytes()).isEqualTo(odd);
        }

        @Test
        void linesThatLookLikeAnAnswer_areContent() throws IOException {
            write("state done\ncontent\nkind other\n");
            assertThat(new String(read(file).keys().toBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("state done\ncontent\nkind other\n");
        }

        @ParameterizedTest
        @EnumSource
        void chainOfLinks_isFollowed(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            write(OLD);
            Path last = Files.createSymbolicLink(file.resolveSibling("last link"), Path.of("authorized_keys"));
            Path middle = Files.createSymbolicLink(shell.home().resolve("middle"), Path.of(".ssh/last link"));
            Path first = Files.createSymbolicLink(file.resolveSibling("first"), middle);
            assertThat(read(first).path()).isEqualTo(file.toString());
            assertThat(last).isSymbolicLink();
        }

        @Test
        void directoryThatIsALinkInTheHome_isFollowed() throws IOException {
            write(OLD);
            Path link = Files.createSymbolicLink(shell.home().resolve("link"), Path.of(".ssh"));
            assertThat(read(link.resolve("authorized_keys")).path()).isEqualTo(file.toString());
        }

        @Test
        void linkOutOfTheHome_isRefused() throws IOException {
            Path outside = Files.writeString(shell.elsewhere().resolve("keys"), OLD);
            Path link = Files.createSymbolicLink(shell.home().resolve("keys"), outside);
            assertRefused(() -> read(link), RemoteFileException.Reason.OUTSIDE_HOME, outside.toString());
        }

        @ParameterizedTest
        @EnumSource
        void linkThatLeadsNowhere_isRefused(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            Path link = Files.createSymbolicLink(shell.home().resolve("link"), Path.of("absent"));
            assertRefused(() -> read(link), RemoteFileException.Reason.NOT_REGULAR, "nowhere");
        }

        @Test
        void linksInACircle_areRefused() throws IOException {
            Path link = Files.createSymbolicLink(shell.home().resolve("link"), Path.of("other"));
            Files.createSymbolicLink(shell.home().resolve("other"), Path.of("link"));
            assertRefused(() -> read(link), RemoteFileException.Reason.NOT_REGULAR, "nowhere");
        }

        @Test
        void directory_isRefused() {
            assertRefused(() -> read(shell.home()), RemoteFileException.Reason.NOT_REGULAR, "but directory");
        }

        @Test
        void fifo_isRefused() {
            Path fifo = shell.home().resolve("fifo");
            LocalShell.ask("mkfifo \"$1\"", fifo.toString());
            assertRefused(() -> read(fifo), RemoteFileException.Reason.NOT_REGULAR, "but other");
        }

        @Test
        void unreadableFile_isRefused() throws IOException {
            write(OLD);
            shell.asNobody();
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
            assertRefused(() -> read(file), RemoteFileException.Reason.NOT_WRITABLE, "cannot be read");
        }

        @Test
        void directoryThatCannotBeEntered_isRefused() throws IOException {
            write(OLD);
            shell.asNobody();
            Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("rw-------"));
            assertRefused(() -> read(file), RemoteFileException.Reason.NOT_WRITABLE, "cannot be read");
        }

        @Test
        void fileThatCannotBePrinted_isAFailure() throws IOException {
            write(OLD);
            ShellEditor editor = editor();
            shell.tool("cat", "echo 'cat: input/output error' >&2", "exit 1");
            assertRefused(
                    () -> editor.read(file.toString()),
                    RemoteFileException.Reason.SCRIPT_FAILED,
                    "(the server says: cat: input/output error)");
        }

        @Test
        void shellThatIsGone_isAFailureThatQuotesItsLastLineInPrint() throws IOException {
            write(OLD);
            ShellEditor editor = editor();
            shell.tool("sh", "printf 'one\\ntwo\\033[1m %0300d\\n\\n' 0 >&2", "exit 1");
            assertThatThrownBy(() -> editor.read(file.toString()))
                    .hasMessageEndingWith("(the server says: two [1m " + "0".repeat(192) + ")");
        }

        @Test
        void answerWithoutSense_isAFailure() {
            ShellEditor editor = editor();
            shell.tool(
                    "sh",
                    "printf 'state seen\\nreal %s\\nkind regular\\nplace worthless 1 1 /x\\ncontent\\n' '" + file
                            + "'");
            assertRefused(
                    () -> editor.read(file.toString()), RemoteFileException.Reason.SCRIPT_FAILED, "no file's mode");
        }

        @Test
        void modesThatSshdRefuses_areToldUpToTheHome() throws IOException {
            write(OLD);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw--w----"));
            Files.setPosixFilePermissions(shell.home(), PosixFilePermissions.fromString("rwxr-x-w-"));
            assertThat(read(file).strictModesTrouble())
                    .satisfiesExactly(
                            first -> assertThat(first).startsWith(file + " has mode 0620"),
                            second -> assertThat(second).startsWith(shell.home() + " has mode 0752"));
        }

        @Test
        void outsideTheHome_placesAreToldUpToTheRoot() throws IOException {
            Path outside = Files.writeString(shell.elsewhere().resolve("keys"), OLD);
            shell.tool(
                    "ls",
                    "case $2 in",
                    "    /) echo 'drwxrwxrwt 9 12345 0 0 Nov 1 2023 /' ;;",
                    "    *) PATH=/usr/bin:/bin; exec ls \"$@\" ;;",
                    "esac");
            assertThat(read(outside).strictModesTrouble())
                    .anySatisfy(trouble -> assertThat(trouble).startsWith("/ has mode 1777"))
                    .anySatisfy(trouble -> assertThat(trouble).startsWith("/ belongs to uid 12345"));
        }

        @Test
        void pathWithEverythingThatAShellMinds_isTaken() throws IOException {
            Path odd = shell.home().resolve("it's $HOME * \"`echo x`\" \\ \u00fc");
            Files.writeString(odd, OLD);
            assertThat(read(odd).path()).isEqualTo(odd.toString());
        }

        @Test
        void pathWithALineEnd_isRefusedBeforeItIsSent() {
            ShellEditor editor = editor();
            int before = shell.runs();
            assertRefused(
                    () -> editor.read(shell.home() + "/a\nb"),
                    RemoteFileException.Reason.NOT_REGULAR,
                    "control character");
            assertThat(shell.runs()).isEqualTo(before);
        }
    }

    /** One editor at a time. */
    @Nested
    class Edit {
        @ParameterizedTest
        @EnumSource
        void missingFile_isMadeWithItsDirectories(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            file = shell.home().resolve("a/b/authorized_keys");
            RemoteEdit done = edit(add("new"));

            assertThat(file).hasContent("new\n");
            assertThat(mode(file)).isEqualTo("600");
            assertThat(mode(file.getParent())).isEqualTo("700");
            assertThat(mode(file.getParent().getParent())).isEqualTo("700");
            assertThat(names()).containsExactly("authorized_keys");
            assertThat(done)
                    .isEqualTo(new RemoteEdit(file.toString(), EditMethod.SHELL, true, true, true, 0, List.of()));
        }

        @ParameterizedTest
        @EnumSource
        void everyOtherByte_isKept(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            write(OLD);
            RemoteEdit done = edit(add("new"));

            assertThat(Files.readString(file)).isEqualTo(OLD + "\nnew\n");
            assertThat(done.changed() && done.atomic() && done.durable()).isTrue();
            assertThat(names()).containsExactly("authorized_keys");
        }

        @ParameterizedTest
        @ValueSource(strings = {"600", "640", "4644", "4755", "2604", "2771", "1606", "1617", "0", "777", "421", "214"})
        void mode_isKept(String mode) throws IOException {
            write(OLD);
            Files.setAttribute(file, "unix:mode", Integer.parseInt(mode, 8));
            if (Files.isReadable(file)) {
                edit(add("new"));
                assertThat(mode(file)).isEqualTo(mode);
            } else {
                assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "cannot be read");
            }
        }

        @Test
        void nothingToDo_isTwoRuns() throws IOException {
            write(OLD);
            RemoteEdit done = edit(keys -> keys);

            assertThat(done).isEqualTo(RemoteEdit.unchanged(file.toString(), EditMethod.SHELL, 0));
            assertThat(shell.runs()).isEqualTo(2);
        }

        @Test
        void largeFile_isTaken() throws IOException {
            write("# filler\n".repeat(40_000));
            edit(add("new"));
            assertThat(file).hasContent("# filler\n".repeat(40_000) + "new\n");
        }

        @ParameterizedTest
        @CsvSource({
            "sha256sum, shasum sha256 openssl cksum",
            "shasum, sha256sum sha256 openssl cksum",
            "openssl, sha256sum shasum sha256 cksum",
            "cksum, sha256sum shasum sha256 openssl"
        })
        void anyHashTool_willDo(String tool, String broken) throws IOException {
            write(OLD);
            shell.broken(broken.split(" ", -1));
            assertThat(edit(add("new")).changed()).as(tool).isTrue();
        }

        @Test
        void hashToolOfBsd_willDo() throws IOException {
            write(OLD);
            shell.broken("sha256sum", "shasum", "openssl", "cksum");
            shell.tool("sha256", "[ \"$1\" = -q ] || exit 1", "PATH=/usr/bin:/bin", "sha256sum | cut -c1-64");
            assertThat(edit(add("new")).changed()).isTrue();
        }

        @Test
        void withoutFsync_linuxForcesTheFileByItsName() throws IOException {
            write(OLD);
            Path synced = shell.elsewhere().resolve("synced");
            shell.tool("sync", "echo \"$@\" >>\"" + synced + "\"");
            assertThat(edit(add("new")).durable()).isTrue();
            assertThat(synced).hasContent("./.keywright-wait-" + LocalShell.NONCE + "\n.\n");
        }

        @Test
        void withoutFsync_whereSyncKnowsNoFiles_everythingIsForced() throws IOException {
            write(OLD);
            Path synced = shell.elsewhere().resolve("synced");
            shell.tool("sync", "echo \"sync $*\" >>\"" + synced + "\"", "[ $# = 0 ]");
            assertThat(edit(add("new")).durable()).isTrue();
            assertThat(synced).content().startsWith("sync ./.keywright-wait").contains("sync \n");
        }

        @Test
        void syncThatFails_isNotDurable() throws IOException {
            write(OLD);
            shell.broken("sync");
            assertThat(edit(add("new")).durable()).isFalse();
        }

        @Test
        void withoutFsync_elsewhereThanOnLinux_isNotDurable() throws IOException {
            write(OLD);
            shell.tool("uname", "echo AIX");
            assertThat(edit(add("new")).durable()).isFalse();
        }

        @Test
        void fsyncThatFails_isNotDurable() throws IOException {
            write(OLD);
            shell.broken("fsync");
            assertThat(edit(add("new")).durable()).isFalse();
        }

        @Test
        void guard_runsOnceBeforeTheChange() throws IOException {
            write(OLD);
            List<String> seen = new ArrayList<>();
            editor().edit(file.toString(), add("new"), () -> seen.add(read()));
            assertThat(seen).containsExactly(OLD);
        }

        @Test
        void guardThatThrows_leavesTheFile() throws IOException {
            write(OLD);
            assertThatThrownBy(() -> editor().edit(file.toString(), add("new"), () -> {
                        throw new IllegalStateException("fenced");
                    }))
                    .hasMessage("fenced");
            assertAsItWas();
        }

        private String read() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Others that write without a lock. */
    @Nested
    class ChangedMeanwhile {
        private Path lock() {
            return file.resolveSibling("authorized_keys.keywright-lock");
        }

        private UnaryOperator<AuthorizedKeys> everChanging() {
            AtomicInteger asked = new AtomicInteger();
            return keys -> {
                now(() -> Files.writeString(file, "change " + asked.incrementAndGet() + "\n"));
                return add("new").apply(keys);
            };
        }

        @ParameterizedTest
        @EnumSource
        void content_isEditedAgainUnderTheSameLock(LocalShell.Kind kind) throws IOException {
            shellOf(kind);
            write(OLD);
            List<Boolean> locked = new ArrayList<>();
            UnaryOperator<AuthorizedKeys> once = addWhile("new", () -> Files.writeString(file, "by hand\n"));
            RemoteEdit done = edit(keys -> {
                locked.add(Files.exists(lock()));
                return once.apply(keys);
            });

            assertThat(file).hasContent("by hand\nnew\n");
            assertThat(done.retries()).isEqualTo(1);
            assertThat(locked).containsExactly(false, true);
            assertThat(names()).containsExactly("authorized_keys");
        }

        @Test
        void mode_isTakenOver() throws IOException {
            write(OLD);
            RemoteEdit done = edit(addWhile(
                    "new", () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"))));
            assertThat(mode(file)).isEqualTo("640");
            assertThat(done.retries()).isEqualTo(1);
        }

        @Test
        void fileThatIsGone_isMadeAgain() throws IOException {
            write(OLD);
            edit(addWhile("new", () -> Files.delete(file)));
            assertThat(file).hasContent("new\n");
        }

        @Test
        void fileThatHasCome_isKept() throws IOException {
            write(OLD);
            Files.delete(file);
            edit(addWhile("new", () -> Files.writeString(file, "by hand\n")));
            assertThat(file).hasContent("by hand\nnew\n");
        }

        @Test
        void directoryInItsPlace_isRefusedAndUnlocked() throws IOException {
            write(OLD);
            assertRefused(
                    () -> edit(addWhile("new", () -> {
                        Files.delete(file);
                        Files.createDirectory(file);
                    })),
                    RemoteFileException.Reason.NOT_REGULAR,
                    "but directory");
            assertThat(names()).containsExactly("authorized_keys");
        }

        @Test
        void toWhatIsWanted_isUnchangedAndUnlocked() throws IOException {
            write(OLD);
            RemoteEdit done = edit(keys -> {
                AuthorizedKeys wanted = AuthorizedKeys.parse("wanted\n".getBytes(StandardCharsets.UTF_8));
                now(() -> Files.writeString(file, "wanted\n"));
                return wanted;
            });
            assertThat(done).isEqualTo(RemoteEdit.unchanged(file.toString(), EditMethod.SHELL, 1));
            assertThat(names()).containsExactly("authorized_keys");
        }

        @Test
        void againAndAgain_isGivenUpAndUnlocked() throws IOException {
            write(OLD);
            assertRefused(
                    () -> edit(everChanging()),
                    RemoteFileException.Reason.KEEPS_CHANGING,
                    "changed the file " + FileEditor.MAX_STARTS + " times");
            assertThat(file).hasContent("change " + FileEditor.MAX_STARTS + "\n");
            assertThat(names()).containsExactly("authorized_keys");
        }

        @Test
        void editThatThrowsThen_isUnlocked() throws IOException {
            write(OLD);
            AtomicInteger asked = new AtomicInteger();
            assertThatThrownBy(() -> edit(keys -> {
                        if (asked.incrementAndGet() == 2) {
                            throw new IllegalStateException("no more");
                        }
                        now(() -> Files.writeString(file, "by hand\n"));
                        return add("new").apply(keys);
                    }))
                    .hasMessage("no more");
            assertThat(names()).containsExactly("authorized_keys");
        }

        @Test
        void connectionThatIsLostThen_tellsWhatWasTheMatterFirst() throws IOException {
            write(OLD);
            int begin = 2; // hello and look
            shell.beforeRun(run -> {
                if (run > begin + FileEditor.MAX_STARTS) {
                    throw new ConnectionLostException(shell.target(), TransportException.Phase.EXEC, "gone", null);
                }
            });
            assertRefused(() -> edit(everChanging()), RemoteFileException.Reason.KEEPS_CHANGING, "times");
            assertThat(lock()).isDirectory();
        }

        @Test
        void lockThatOthersBreakThen_isLost() throws IOException {
            write(OLD);
            AtomicInteger asked = new AtomicInteger();
            assertRefused(
                    () -> edit(keys -> {
                        now(() -> {
                            if (asked.incrementAndGet() == 1) {
                                Files.writeString(file, "by hand\n");
                            } else {
                                Files.writeString(lock().resolve("owner"), "keywright-1 other 1 abc 5\n");
                            }
                        });
                        return add("new").apply(keys);
                    }),
                    RemoteFileException.Reason.LOCKED,
                    "broken by another editor");
            assertThat(file).hasContent("by hand\n");
            assertThat(names()).containsExactly("authorized_keys", "authorized_keys.keywright-lock");
        }

        @Test
        void directoryExchangedForALink_isMoved() throws IOException {
            write(OLD);
            Path old = shell.home().resolve("old");
            assertRefused(
                    () -> edit(addWhile("new", () -> {
                        Files.move(file.getParent(), old);
                        Files.createSymbolicLink(file.getParent(), old);
                    })),
                    RemoteFileException.Reason.KEEPS_CHANGING,
                    "directory was exchanged");
            assertAsItWas();
        }
    }

    /** What goes wrong on the server. */
    @Nested
    class Failures {
        /** Lists one file as if it were another user's or group's. */
        private void listed(String change) {
            shell.tool(
                    "ls",
                    "for last; do :; done",
                    "PATH=/usr/bin:/bin",
                    "case $last in",
                    "    */authorized_keys) ls \"$@\" | sed 's/^\\([^ ]*  *[0-9]*\\) \\([0-9]*\\) \\([0-9]*\\) /"
                            + change + " /' ;;",
                    "    *) exec ls \"$@\" ;;",
                    "esac");
        }

        @Test
        void dataThatEndsEarly_changesNothing() throws IOException {
            write(OLD);
            ShellEditor editor = editor();
            assertRefused(
                    () -> editor.edit(file.toString(), addWhile("new", () -> shell.loseInput(1)), () -> {}),
                    RemoteFileException.Reason.SCRIPT_FAILED,
                    "did not bring the edit to its end");
            assertAsItWas();
        }

        @Test
        void directoryThatCannotBeWritten_isRefused() throws IOException {
            write(OLD);
            shell.asNobody();
            Files.setPosixFilePermissions(file.getParent(), PosixFilePermissions.fromString("r-x------"));
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "cannot be written");
            assertAsItWas();
        }

        @Test
        void directoryThatCannotBeMade_isRefused() throws IOException {
            shell.asNobody();
            Files.setPosixFilePermissions(shell.home(), PosixFilePermissions.fromString("r-x------"));
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "cannot be written");
        }

        @ParameterizedTest
        @ValueSource(strings = {"chmod", "mv"})
        void toolThatFails_leavesTheFileAndNoLock(String tool) throws IOException {
            write(OLD);
            shell.broken(tool);
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.NOT_WRITABLE, "free space");
            assertAsItWas();
        }

        @ParameterizedTest
        @ValueSource(strings = {"PIPE", "TERM"}) // the other two may be ignored where the tests run
        void scriptThatIsStopped_cleansUp(String signal) throws IOException {
            write(OLD);
            shell.tool("chmod", "kill -" + signal + " $PPID", "exit 0");
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.SCRIPT_FAILED, "its end");
            assertAsItWas();
        }

        @Test
        void fileOfAnother_isRefusedBeforeAnythingIsSent() throws IOException {
            write(OLD);
            listed("\\1 12345 \\3");
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.FOREIGN_OWNER, "uid 12345");
            assertThat(shell.runs()).isEqualTo(2);
        }

        @Test
        void ownerThatCannotBeKept_isRefused() throws IOException {
            write(OLD);
            shell.asNobody();
            listed("\\1 0 \\3");
            assertRefused(() -> edit(add("new")), RemoteFileException.Reason.FOREIGN_OWNER, "only that user or root");
            assertAsItWas();
        }

        @Test
        void groupThatCannotBeKept_isAWarning() throws IOException {
            write(OLD);
            shell.broken("chown");
            listed("\\1 \\2 54321");
            RemoteEdit done = edit(add("new"));
            assertThat(done.warnings()).containsExactly("the file's group could not be kept");
            assertThat(Files.readString(file)).endsWith("new\n");
        }

        @Test
        void context_isRestoredBeforeAndAfterTheRename() throws IOException {
            write(OLD);
            Path restored = shell.elsewhere().resolve("restored");
            shell.tool("restorecon", "echo \"$@\" >>\"" + restored + "\"");
            RemoteEdit done = edit(add("new"));
            assertThat(done.warnings()).isEmpty();
            assertThat(restored).hasContent("./.keywright-wait-" + LocalShell.NONCE + "\n./authorized_keys\n");
        }

        @Test
        void contextThatCannotBeRestored_isAWarning() throws IOException {
            write(OLD);
            shell.broken("restorecon");
            assertThat(edit(add("new")).warnings())
                    .hasSize(2)
                    .allSatisfy(warning -> assertThat(warning).contains("SELinux"));
        }
    }
}
