package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.rotation.RemoteEdit;
import io.keywright.testkit.transport.ContractServer.Account;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.SshConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Editing over SFTP where SELinux is on, as MINA's server presents it: what the policy wants is told by a command alone. */
class EditingUnderSelinuxTest {
    private final MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
    private final LogInHere logIn = new LogInHere(server.host(), server.port(), server.hostKeys());
    private final Account account = server.addAccount();
    private final SshPublicKey key = LogInHere.newKey("new");
    private final List<String> commands = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        account.authorize(List.of(logIn.pair().publicKey()));
        Files.createDirectory(account.home().resolve(".ssh"));
        commandsAre("exit 0");
    }

    @AfterEach
    void stop() {
        logIn.close();
        server.close();
    }

    private void turnOn() throws IOException {
        Path mark = account.home().resolve("sys/fs/selinux/enforce");
        Files.createDirectories(mark.getParent());
        Files.writeString(mark, "1");
    }

    private void commandsAre(String run) {
        server.mina().setCommandFactory((channel, command) -> {
            commands.add(command);
            return new ShellCommand(run, account.home());
        });
    }

    private RemoteEdit add(String file) {
        try (SshConnection connection = logIn.as(account.name());
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
            RemoteEdit done = remote.edit(file, keys -> keys.add(key));
            assertThat(done.method()).isEqualTo(EditMethod.SFTP);
            assertThat(done.changed()).isTrue();
            return done;
        }
    }

    @Test
    void context_isRestoredByTheServersTool() throws IOException {
        turnOn();

        assertThat(add("%h/.ssh/authorized_keys").warnings()).isEmpty();
        assertThat(commands).containsExactly("restorecon /.ssh/authorized_keys");
    }

    @Test
    void toolThatIsNotOnThePath_isFound() throws IOException {
        turnOn();
        server.mina().setCommandFactory((channel, command) -> {
            commands.add(command);
            return new ShellCommand(command.startsWith("/") ? "exit 0" : "exit 127", account.home());
        });

        assertThat(add("%h/.ssh/it's one").warnings()).isEmpty();
        assertThat(commands)
                .containsExactly("restorecon '/.ssh/it'\\''s one'", "/usr/sbin/restorecon '/.ssh/it'\\''s one'");
    }

    @Test
    void toolThatFails_isAWarning() throws IOException {
        turnOn();
        commandsAre("exit 1");

        assertThat(add("%h/.ssh/authorized_keys").warnings())
                .singleElement()
                .asString()
                .contains("SELinux", "restorecon");
    }

    @Test
    void noCommands_isAWarningAndTheEditStands() throws IOException {
        turnOn();
        server.mina().setCommandFactory(null);

        assertThat(add("%h/.ssh/authorized_keys").warnings())
                .singleElement()
                .asString()
                .contains("SELinux", "ls -Z");
        assertThat(account.home().resolve(".ssh/authorized_keys")).hasContent(key.toLine() + "\n");
    }

    @Test
    void withoutSelinux_noCommandIsRun() {
        assertThat(add("%h/.ssh/authorized_keys").warnings()).isEmpty();
        assertThat(commands).isEmpty();
    }
}
