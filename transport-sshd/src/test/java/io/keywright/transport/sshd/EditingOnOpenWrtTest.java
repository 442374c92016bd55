package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshPublicKey;
import io.keywright.rotation.EditMethod;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.testkit.transport.ContractServer.Account;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.SshConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.core.CoreModuleProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenWrt, whose dropbear has root's keys in a place of their own: MINA's server, which presents it. */
class EditingOnOpenWrtTest {
    private static final String OF_ROOT = "/etc/dropbear/authorized_keys";
    private static final String OF_ANYBODY = "%h/.ssh/authorized_keys";

    private final MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
    private final LogInHere logIn = new LogInHere(server.host(), server.port(), server.hostKeys());
    private final SshPublicKey key = LogInHere.newKey("new");

    @BeforeEach
    void present() {
        CoreModuleProperties.SERVER_IDENTIFICATION.set(server.mina(), "dropbear_2022.83");
    }

    @AfterEach
    void stop() {
        logIn.close();
        server.close();
    }

    private Account account(String name, boolean openWrt) throws IOException {
        Account account = server.addAccount(name);
        account.authorize(List.of(logIn.pair().publicKey()));
        Path etc = Files.createDirectories(account.home().resolve("etc/dropbear"));
        Files.createDirectory(account.home().resolve(".ssh"));
        if (openWrt) {
            Files.writeString(etc.resolveSibling("openwrt_release"), "DISTRIB_ID='OpenWrt'\n");
        }
        return account;
    }

    private List<String> standardFiles(Account account) {
        try (SshConnection connection = logIn.as(account.name());
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
            return remote.standardFiles();
        }
    }

    @Test
    void rootsKeys_areBesideDropbearsOwnFiles() throws IOException {
        Account root = account("root", true);
        Path file = root.home().resolve("etc/dropbear/authorized_keys");
        Files.writeString(file, "# by hand\n");
        try (SshConnection connection = logIn.as("root");
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "test")) {
            assertThat(remote.method()).isEqualTo(EditMethod.SFTP);
            assertThat(remote.standardFiles()).containsExactly(OF_ROOT, OF_ANYBODY);
            remote.edit(remote.standardFiles().get(0), keys -> keys.add(key));
        }

        assertThat(file).hasContent("# by hand\n" + key.toLine() + "\n");
        assertThat(root.home().resolve(".ssh")).isEmptyDirectory();
    }

    @Test
    void anybodyElsesKeys_areInTheHome() throws IOException {
        assertThat(standardFiles(account("guest", true))).containsExactly(OF_ANYBODY);
    }

    @Test
    void rootsKeys_whereDropbearIsNotOpenWrts_areInTheHome() throws IOException {
        assertThat(standardFiles(account("root", false))).containsExactly(OF_ANYBODY);
    }
}
