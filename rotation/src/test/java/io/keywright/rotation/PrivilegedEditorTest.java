package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which way to another account's files is taken: with an {@code su} and a {@code sudo} that say how they were called, and run
 * what they are given as whoever runs the tests. What the real ones do is seen where there are accounts.
 */
@Tag("once")
class PrivilegedEditorTest {
    /** An account that is there, whoever runs the tests. */
    private static final String ACCOUNT = System.getProperty("user.name");

    private static final int SOME_UID = 4321;
    private static final String LAST = "for last; do :; done";

    @TempDir(factory = FastDirectory.class)
    private Path temporary;

    private LocalShell shell;
    private Path calls;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        shell = new LocalShell(LocalShell.Kind.DASH, temporary.resolve("machine"));
        calls = Files.createFile(shell.elsewhere().resolve("calls"));
        file = shell.elsewhere().resolve("keys");
    }

    @AfterEach
    void stop() {
        shell.close();
    }

    private FileEditor open(String account) {
        return PrivilegedEditor.open(
                shell, account, new RemoteLock.Owner("test", 7, false), new LocalShell.FixedRandom(), time -> {
                    throw new IllegalStateException("nobody holds the lock");
                });
    }

    /** Makes a program note its arguments but the script, and go on so. */
    private void noting(String program, String... then) {
        String note = "echo \"" + program + " ${*%% eval *}\" >>\"" + calls + "\"";
        shell.tool(program, LAST, note, "unset STATED_UID", String.join("\n", then));
    }

    private static AuthorizedKeys oneLine(AuthorizedKeys before) {
        return AuthorizedKeys.parse("new\n".getBytes(StandardCharsets.UTF_8));
    }

    private RemoteEdit edit(FileEditor editor) {
        return editor.edit(file.toString(), PrivilegedEditorTest::oneLine, () -> {});
    }

    private static void assertNoPrivilege(Runnable action, String why) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        RemoteFileException.class,
                        e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NO_PRIVILEGE))
                .hasMessageContaining(why);
    }

    /** The ways that are there. */
    @Nested
    class Open {
        @Test
        void root_becomesTheAccountWhateverItsShell() throws IOException {
            shell.statedUid(0);
            noting("su", "exec sh -c \"$last\"");
            try (FileEditor editor = open(ACCOUNT)) {
                assertThat(editor.method()).isEqualTo(EditMethod.PRIVILEGED_SHELL);
                assertThat(editor.home()).isEqualTo(shell.home().toString());
                assertThat(editor.standardFiles()).isEqualTo(Device.DEFAULT_AUTHORIZED_KEYS_FILES);
                assertThat(edit(editor).method()).isEqualTo(EditMethod.PRIVILEGED_SHELL);
            }
            assertThat(file).hasContent("new\n");
            assertThat(Files.readAllLines(calls)).allMatch(("su -s /bin/sh " + ACCOUNT + " -c")::equals);
        }

        @Test
        void root_whoCannotBecomeTheAccount_staysRoot() throws IOException {
            shell.statedUid(0);
            shell.broken("su");
            try (FileEditor editor = open(ACCOUNT)) {
                assertThat(editor.home()).isEqualTo(System.getProperty("user.home"));
                assertThat(editor.read(file.toString()).exists()).isFalse();
            }
        }

        @Test
        void anybodyElse_becomesTheAccountBySudoThatAsksForNothing() throws IOException {
            shell.statedUid(SOME_UID);
            noting("sudo", "exec sh -c \"$last\"");
            try (FileEditor editor = open(ACCOUNT)) {
                assertThat(edit(editor).changed()).isTrue();
            }
            assertThat(Files.readAllLines(calls).get(0)).isEqualTo("sudo -n -H -u " + ACCOUNT + " -- sh -c");
            assertThat(Files.readAllLines(calls).get(1)).isEqualTo("sudo -n -H -- sh -c");
        }

        @Test
        void anybodyElse_whomSudoLetsBeRootAlone_isRoot() throws IOException {
            shell.statedUid(SOME_UID);
            noting(
                    "sudo",
                    "if [ \"$3\" = -u ]; then",
                    "    echo 'sudo: a password is required' >&2",
                    "    exit 1",
                    "fi",
                    "exec sh -c \"$last\"");
            try (FileEditor editor = open(ACCOUNT)) {
                assertThat(editor.home()).isEqualTo(System.getProperty("user.home"));
                assertThat(edit(editor).changed()).isTrue();
            }
            assertThat(file).hasContent("new\n");
        }

        @Test
        void noWay_tellsWhatBothSaid() {
            shell.statedUid(SOME_UID);
            noting("sudo", "echo \"sudo: no $3\" >&2", "exit 1");
            assertNoPrivilege(
                    () -> open(ACCOUNT),
                    "sudo as " + ACCOUNT + ": sudo: no -u; sudo as root for " + ACCOUNT
                            + ": sudo: no -- (it takes root, or sudo without a password)");
        }

        @Test
        void accountThatIsNotThere_isNoWay() {
            shell.statedUid(0);
            shell.broken("su");
            assertNoPrivilege(() -> open("keywright-nobody-has-this"), "root for keywright-nobody-has-this");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "-x", "a b", "a;b", "DOMAIN\\deploy", "\u00fc", "$(id)", ".."})
        void nameThatFitsNoCommandLine_isGivenToNone(String name) {
            shell.statedUid(0);
            assertNoPrivilege(() -> open(name), "letters, digits");
            assertThat(shell.runs()).isEqualTo(1);
        }

        @Test
        void noShell_isNoWay() {
            shell.tool("sh", "echo 'Welcome to the router'");
            assertNoPrivilege(() -> open(ACCOUNT), "no POSIX shell");
        }
    }

    /** The next way, where one is not enough. */
    @Nested
    class Edit {
        /** What becoming the account is not enough for. */
        private FileEditor accountThatMayNot(String... tool) {
            shell.statedUid(0);
            Path weak = shell.program("weak", tool[0], tool[1]);
            noting("su", "PATH=\"" + weak + ":$PATH\"", "exec sh -c \"$last\"");
            return open(ACCOUNT);
        }

        @Test
        void accountThatMayNotWrite_isHelpedByRoot() throws IOException {
            try (FileEditor editor = accountThatMayNot("mv", "exit 1")) {
                RemoteEdit done = edit(editor);
                assertThat(done.changed()).isTrue();
                assertThat(done.path()).isEqualTo(file.toString());
            }
            assertThat(file).hasContent("new\n");
            assertThat(Files.readAllLines(calls)).hasSize(3); // hello, look, commit
        }

        @Test
        void fileOfAnother_isRootsToReplace() throws IOException {
            Files.writeString(file, "old\n");
            String listsAnother = "echo \"-rw------- 1 99 99 4 Nov 1 2023 $2\"";
            try (FileEditor editor = accountThatMayNot("ls", listsAnother)) {
                assertThat(edit(editor).changed()).isTrue();
            }
            assertThat(file).hasContent("new\n");
        }

        @Test
        void accountThatMayNotRead_isHelpedByRoot() throws IOException {
            Files.createSymbolicLink(file, Files.writeString(shell.elsewhere().resolve("real"), "old\n"));
            try (FileEditor editor = accountThatMayNot("ls", "exit 1")) {
                assertThat(editor.read(file.toString()).path()).endsWith("/real");
            }
        }

        @Test
        void whatRootCouldNotDoEither_isToldAtOnce() throws IOException {
            Files.createDirectory(file);
            try (FileEditor editor = accountThatMayNot("mv", "exit 1")) {
                int before = shell.runs();
                assertThatThrownBy(() -> edit(editor))
                        .isInstanceOfSatisfying(
                                RemoteFileException.class,
                                e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NOT_REGULAR));
                assertThat(shell.runs()).isEqualTo(before + 1);
            }
        }

        @Test
        void rootThatMayNotEither_isRefused() {
            try (FileEditor editor = accountThatMayNot("mv", "exit 1")) {
                shell.broken("mv");
                assertThatThrownBy(() -> edit(editor))
                        .isInstanceOfSatisfying(
                                RemoteFileException.class,
                                e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NOT_WRITABLE));
            }
        }

        /** The owner of what root makes, where the file is missing, is the account. */
        @Test
        void newFileByRoot_isGivenToTheAccount() throws IOException {
            shell.statedUid(0);
            shell.broken("su");
            Path given = shell.elsewhere().resolve("given");
            shell.tool("chown", "echo \"$@\" >>\"" + given + "\"");
            shell.tool(
                    "id",
                    "case \"$*\" in",
                    "    '-u " + ACCOUNT + "') echo 4321 ;;",
                    "    '-g " + ACCOUNT + "') echo 4322 ;;",
                    "    *) PATH=/usr/bin:/bin; exec id \"$@\" ;;",
                    "esac");
            file = shell.elsewhere().resolve("made/keys");
            try (FileEditor editor = open(ACCOUNT)) {
                edit(editor);
            }
            assertThat(given)
                    .hasContent("-h 4321:4322 " + file.getParent() + "\n4321:4322 ./.keywright-wait-" + LocalShell.NONCE
                            + "\n");
        }
    }
}
