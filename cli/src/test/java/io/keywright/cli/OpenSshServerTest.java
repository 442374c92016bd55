package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole life of a credential on a real sshd, checked with the {@code ssh} client at each step. */
class OpenSshServerTest {
    @TempDir
    Path folder;

    private OpenSshServer server;
    private ServerAccount account;
    private Path admin;
    private Path credential;
    private Path secret;

    @BeforeEach
    void start() throws IOException {
        server = OpenSshServer.start();
        account = server.addAccount();
        admin = folder.resolve("admin");
        Cli.run("generate", "--comment", "admin", "--out", admin).quietly();
        // Another hand's key, a comment, an option and a missing last line end: all of it is to stay.
        account.writeAuthorizedKeys("# by hand\nrestrict "
                + Files.readString(folder.resolve("admin.pub")).strip());
        Files.writeString(folder.resolve("known_hosts"), server.knownHosts());
        secret = Cli.secret(folder, "secret", "of the store\n");
        credential = Cli.file(folder, "prod.yaml", """
                name: prod
                user: %s
                authenticate-with: admin
                known-hosts: known_hosts
                devices:
                  - { id: one, host: %s, port: %d, authorized-keys: "%s" }
                """.formatted(
                        account.name(), server.host(), server.port(), account.authorizedKeys()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Cli.Result keywright(String command, Path about, Object... more) {
        return Cli.run(Cli.arguments(
                List.of(command, "--credential", about, "--store", folder.resolve("store"), "--secret-file", secret),
                more));
    }

    private boolean logsIn(String key) throws Exception {
        Tool.Result result = Tool.find("ssh", "openssh-client")
                .run(
                        folder,
                        "-F",
                        "none",
                        "-i",
                        folder.resolve(key).toString(),
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "IdentityAgent=none",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "UserKnownHostsFile=" + folder.resolve("known_hosts"),
                        "-p",
                        String.valueOf(server.port()),
                        account.name() + "@" + server.host(),
                        "true");
        if (result.exitCode() != 0) {
            assertThat(result.errors()).contains("Permission denied (publickey)");
        }
        return result.exitCode() == 0;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Takes the current key out of the store, without a passphrase for the ssh client. */
    private void export(String name) throws IOException {
        Path passphrase = Cli.secret(folder, name + "-passphrase", "for the way out");
        Path encrypted = folder.resolve(name + "-encrypted");
        keywright("export-private", credential, "--new-passphrase-file", passphrase, "--out", encrypted)
                .quietly();
        Cli.run(
                        "convert",
                        "--to",
                        "openssh",
                        "--plain",
                        "--passphrase-file",
                        passphrase,
                        "--out",
                        folder.resolve(name),
                        encrypted)
                .quietly();
    }

    @Test
    @Timeout(300)
    void wholeLife_realServer_provesEachStep() throws Exception {
        String before = text(account.readAuthorizedKeys());
        Path adminFile = Cli.file(
                folder,
                "admin.yaml",
                "name: admin\nuser: " + account.name() + "\ndevices: [ { id: one, host: " + server.host() + " } ]\n");
        keywright("import", adminFile, admin).quietly();

        keywright("install", credential).quietly();

        export("first");
        assertThat(logsIn("first")).isTrue();
        assertThat(text(account.readAuthorizedKeys()))
                .isEqualTo(before + "\n"
                        + Cli.run("convert", "--to", "public", folder.resolve("first"))
                                .out());
        keywright("verify", credential).quietly();

        JsonNode report = keywright("rotate", credential, "--json").done().json();

        assertThat(report.get("success").asBoolean()).isTrue();
        assertThat(report.get("devices").get(0).get("outcome").asText()).isEqualTo("done");
        export("second");
        assertThat(logsIn("second")).isTrue();
        assertThat(logsIn("first")).isFalse();
        assertThat(keywright("status", credential, "--json").quietly().json().get("versions"))
                .hasSize(2);

        keywright("remove", credential).quietly();

        assertThat(logsIn("second")).isFalse();
        assertThat(logsIn("admin")).isTrue();
        assertThat(text(account.readAuthorizedKeys())).isEqualTo(before + "\n");
    }
}
