package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.KeyOption;
import io.keywright.authorizedkeys.KeyOptions;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.rotation.RemoteFileException;
import io.keywright.testkit.server.DropbearServer;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.SshConnection;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real dropbear: with SFTP where sftp-server is installed, without it by busybox's shell, as on a router. */
@Tag("once")
class EditingOnDropbearTest {
    private static final String FILE = "%h/.ssh/authorized_keys";

    @BeforeAll
    static void accountsAreRoots() {
        assumeThat(OpenSshServer.isRoot()).isTrue();
    }

    private interface Use {
        void on(RemoteAuthorizedKeys remote, ServerAccount account, LogInHere logIn);
    }

    private static void use(DropbearServer running, Use use) {
        try (DropbearServer server = running;
                LogInHere logIn = new LogInHere(server.host(), server.port(), server.hostKeys())) {
            ServerAccount account = server.addAccount();
            account.writeAuthorizedKeys(logIn.line());
            try (SshConnection connection = logIn.as(account.name());
                    RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
                use.on(remote, account, logIn);
            }
        }
    }

    private static void addAndRemove(RemoteAuthorizedKeys remote, ServerAccount account, LogInHere logIn) {
        SshPublicKey key = LogInHere.newKey("new");
        RemoteEdit added = remote.edit(FILE, keys -> keys.add(key));
        assertThat(added.method()).isEqualTo(remote.method());
        assertThat(added.atomic() && added.durable()).isTrue();
        assertThat(logIn.accepts(account.name(), key)).isTrue();
        remote.edit(FILE, keys -> keys.remove(key));
        assertThat(logIn.accepts(account.name(), key)).isFalse();
        assertThat(new String(account.readAuthorizedKeys(), StandardCharsets.UTF_8))
                .isEqualTo(logIn.line());
        assertThat(remote.standardFiles()).containsExactly(FILE);
    }

    @Test
    void withSftpServer_isEditedOverSftp() {
        use(DropbearServer.start(), (remote, account, logIn) -> {
            assertThat(remote.method()).isEqualTo(EditMethod.SFTP);
            addAndRemove(remote, account, logIn);
        });
    }

    @Test
    void withoutSftpServer_isEditedByTheShell() {
        use(DropbearServer.builder().withoutSftp("exec busybox sh").start(), (remote, account, logIn) -> {
            assertThat(remote.method()).isEqualTo(EditMethod.SHELL);
            addAndRemove(remote, account, logIn);
        });
    }

    @Test
    void lineThatItWouldDrop_isRefusedBeforeAnythingIsWritten() {
        use(DropbearServer.start(), (remote, account, logIn) -> {
            byte[] before = account.readAuthorizedKeys();
            SshPublicKey key = LogInHere.newKey("new");
            assertThatThrownBy(() ->
                            remote.edit(FILE, keys -> keys.add(key, KeyOptions.of(KeyOption.of("from", "127.0.0.1")))))
                    .isInstanceOfSatisfying(
                            RemoteFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(RemoteFileException.Reason.SERVER_LIMIT))
                    .hasMessageContaining("option from");
            SshPublicKey longComment = LogInHere.newKey("c".repeat(3000));
            assertThatThrownBy(() -> remote.edit(FILE, keys -> keys.add(longComment)))
                    .isInstanceOf(RemoteFileException.class)
                    .hasMessageContaining("of which it reads 3000");
            assertThat(account.readAuthorizedKeys()).isEqualTo(before);

            // That the first would really have been dropped is the server's own word.
            account.writeAuthorizedKeys(logIn.line() + "from=\"127.0.0.1\" " + key.toLine() + "\n");
            assertThat(logIn.accepts(account.name(), key)).isFalse();
        });
    }

    @Test
    void lineBelowTheLastThatItReads_isRefused() {
        use(DropbearServer.start(), (remote, account, logIn) -> {
            account.writeAuthorizedKeys(logIn.line() + String.join("", Collections.nCopies(299, "# filler\n")));
            SshPublicKey key = LogInHere.newKey("new");
            assertThatThrownBy(() -> remote.edit(FILE, keys -> keys.add(key)))
                    .isInstanceOf(RemoteFileException.class)
                    .hasMessageContaining("301 lines, of which it reads 300");
        });
    }

    @Test
    void optionsThatItKnows_arriveAndWork() {
        use(DropbearServer.builder().withoutSftp("exec busybox sh").start(), (remote, account, logIn) -> {
            SshPublicKey key = LogInHere.newKey("new");
            remote.edit(
                    FILE,
                    keys -> keys.add(key, KeyOptions.of(KeyOption.flag("no-pty"), KeyOption.of("command", "echo hi"))));
            assertThat(logIn.accepts(account.name(), key)).isTrue();
        });
    }
}
