package io.keywright.rotation;

import static io.keywright.rotation.SimulatedServer.EDITOR;
import static io.keywright.rotation.SimulatedServer.HOME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.testkit.fleet.CommandHandler;
import io.keywright.testkit.fleet.Verb;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.SshConnection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which way is taken, by what the server can do, and how a file's name is read. */
class EditorChoiceTest {
    private static final String A_SHELL = "hash cksum\nuid 1000\naccount 1000 1000\nhome " + HOME + "\nstate ready\n";

    private SimulatedServer server;

    @BeforeEach
    void start() {
        server = new SimulatedServer();
    }

    private void hasAShell() {
        server.device.onExec(call -> Optional.of(CommandHandler.exit(0, A_SHELL, "")));
    }

    private long count(Verb verb) {
        return server.fleet.trace().stream()
                .filter(entry -> entry.step().verb() == verb)
                .count();
    }

    @Nested
    class ForOwnAccount {
        private EditMethod method() {
            try (SshConnection connection = server.connect();
                    FileEditor editor = server.editor(connection, EDITOR)) {
                assertThat(editor.home()).isEqualTo(HOME);
                return editor.method();
            }
        }

        @Test
        void sftpWithARename_comesFirst() {
            hasAShell();
            assertThat(method()).isEqualTo(EditMethod.SFTP);
            assertThat(count(Verb.EXEC)).isZero();
        }

        @Test
        void sftpWithoutARename_leavesItToTheShell() {
            server.device.configure(config -> config.withPosixRename(false));
            hasAShell();
            assertThat(method()).isEqualTo(EditMethod.SHELL);
            assertThat(count(Verb.CLOSE_SFTP)).isEqualTo(1);
        }

        @Test
        void sftpWithoutARename_andNoShell_isWrittenIntoTheFile() {
            server.device.configure(config -> config.withPosixRename(false));
            assertThat(method()).isEqualTo(EditMethod.SFTP_IN_PLACE);
            assertThat(count(Verb.CLOSE_SFTP)).isEqualTo(1);
        }

        @Test
        void noSftp_leavesItToTheShell() {
            server.device.configure(config -> config.withSftp(false));
            hasAShell();
            assertThat(method()).isEqualTo(EditMethod.SHELL);
        }

        @Test
        void neither_isRefused() {
            server.device.configure(config -> config.withSftp(false));
            assertThatThrownBy(() -> method())
                    .isInstanceOf(ChannelRefusedException.class)
                    .hasMessageContaining("neither SFTP nor a POSIX shell");
        }

        @Test
        void answerThatIsNoSense_closesTheSession() {
            server.device.configure(config -> config.withPosixRename(false));
            server.device.onExec(call -> Optional.of(CommandHandler.exit(0, "hash cksum\nstate ready\n", "")));
            assertThatThrownBy(() -> method()).isInstanceOf(RemoteFileException.class);
            assertThat(count(Verb.CLOSE_SFTP)).isEqualTo(1);
        }

        @Test
        void windows_isWrittenIntoTheFileWhateverItCanRename() {
            server.device.configure(config -> config.withVersion("SSH-2.0-OpenSSH_for_Windows_9.5"));
            assertThat(method()).isEqualTo(EditMethod.WINDOWS);
        }
    }

    /** Whoever the connection is logged in as. */
    @Nested
    class Open {
        private EditMethod method(SshConnection connection, String account) {
            EditorChoice choice = new EditorChoice(
                    connection, () -> connection, EDITOR, new SimulatedServer.FixedRandom(), server::pause, List.of());
            try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(choice, connection, account)) {
                return remote.method();
            }
        }

        @Test
        void ownAccount_needsNoPrivilege() {
            hasAShell();
            try (SshConnection connection = server.connect()) {
                assertThat(method(connection, "deploy")).isEqualTo(EditMethod.SFTP);
            }
            assertThat(count(Verb.CLOSE_SFTP)).isEqualTo(1);
        }

        @Test
        void otherAccount_isEditedAsThatOne() {
            hasAShell();
            try (SshConnection connection = server.connect()) {
                assertThat(method(connection, "other")).isEqualTo(EditMethod.PRIVILEGED_SHELL);
                try (RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.openFor(connection, "other", "test")) {
                    assertThat(remote.method()).isEqualTo(EditMethod.PRIVILEGED_SHELL);
                }
            }
        }
    }

    /** What holds for every edit on a kind of server. */
    @Nested
    class Edit {
        @Test
        void lineThatDropbearWouldDrop_isRefused() {
            server.device.configure(config -> config.withVersion("SSH-2.0-dropbear_2022.83"));
            String key = SimulatedServer.KEY.toLine() + "\n";
            try (SshConnection connection = server.connect();
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                assertThatThrownBy(() ->
                                remote.edit("keys", keys -> SimulatedServer.text("expiry-time=\"20300101\" " + key)))
                        .isInstanceOfSatisfying(
                                RemoteFileException.class,
                                e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.SERVER_LIMIT));
                assertThat(remote.edit("keys", keys -> SimulatedServer.text(key))
                                .changed())
                        .isTrue();
            }
            assertThat(server.files.readText(HOME + "/keys")).isEqualTo(key);
        }
    }

    @Nested
    class StandardFiles {
        private List<String> files(String user) {
            try (SshConnection connection = server.connect(user);
                    FileEditor editor = server.editor(connection, EDITOR)) {
                return editor.standardFiles();
            }
        }

        @ParameterizedTest
        @CsvSource({
            "SSH-2.0-dropbear_2022.83, root, true, /etc/dropbear/authorized_keys, 2",
            "SSH-2.0-dropbear_2022.83, root, false, %h/.ssh/authorized_keys, 1",
            "SSH-2.0-dropbear_2022.83, deploy, true, %h/.ssh/authorized_keys, 1",
            "SSH-2.0-OpenSSH_9.2, root, true, %h/.ssh/authorized_keys, 2"
        })
        void first_isTheOneThatTheServerReads(String version, String user, boolean openWrt, String first, int count) {
            server.addRoot();
            server.device.configure(config -> config.withVersion(version));
            if (openWrt) {
                server.files.makeDirectory("/etc", 0755);
                server.files.writeText("/etc/openwrt_release", "");
            }
            assertThat(files(user)).startsWith(first).hasSize(count);
        }
    }

    /** Names of files, as in sshd_config. */
    @Nested
    class Names {
        private String path(String name) {
            try (SshConnection connection = server.connect();
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                assertThat(remote.method()).isEqualTo(EditMethod.SFTP);
                assertThat(remote.standardFiles()).isEqualTo(Device.DEFAULT_AUTHORIZED_KEYS_FILES);
                assertThat(remote.keys(name).toBytes()).isEmpty();
                return remote.read(name).path();
            }
        }

        @ParameterizedTest
        @CsvSource({
            ".ssh/keys, /home/deploy/.ssh/keys",
            "%h/keys, /home/deploy/keys",
            "/keys, /keys",
            "/keys-of-%u, /keys-of-deploy",
            "a%%b, /home/deploy/a%b",
            "%%%u, /home/deploy/%deploy",
            "__PROGRAMDATA__/x, /C:/ProgramData/x",
            "a%, /home/deploy/a%"
        })
        void tokens_areExpanded(String name, String path) {
            assertThat(path(name)).isEqualTo(path);
        }

        @Test
        void homeThatIsTheRoot_isNoDoubledSlash() {
            server.device.addAccount("top", 1234, "/");
            server.files.setOwner("/", 1234, 1234);
            server.letIn("top");
            try (SshConnection connection = server.connect("top");
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                assertThat(remote.read("keys").path()).isEqualTo("/keys");
                assertThat(remote.read("%h/keys").path()).isEqualTo("/keys");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"%i/keys", "%x"})
        void otherTokens_areRefused(String name) {
            assertThatThrownBy(() -> path(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("only %h, %u and %%");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a\n", "\u00fc"})
        void editorsName_isOneWord(String editor) {
            try (SshConnection connection = server.connect()) {
                assertThatThrownBy(() -> RemoteAuthorizedKeys.open(connection, editor))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void otherAccount_isNoneWithoutAShell() {
            try (SshConnection connection = server.connect()) {
                assertThatThrownBy(() -> RemoteAuthorizedKeys.openFor(connection, "other", "test"))
                        .isInstanceOfSatisfying(
                                RemoteFileException.class,
                                e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.NO_PRIVILEGE))
                        .hasMessageContaining("other");
            }
        }
    }
}
