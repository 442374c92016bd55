package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keywright audit}, against SSH servers in this process. */
@Tag("once")
class AuditCommandTest {
    @TempDir
    Path folder;

    private TestFleet fleet;

    @BeforeEach
    void start() throws IOException {
        fleet = new TestFleet(folder, 2);
        fleet.makeCheapStore();
        fleet.keywright("install", "--password-file", fleet.password).quietly();
    }

    @AfterEach
    void stop() {
        fleet.close();
    }

    /** Makes a key and adds it to a server, and returns its line. */
    private String contractor(int server, String... type) throws IOException {
        Path file = folder.resolve("contractor-" + server);
        Cli.run(Cli.arguments(java.util.List.of("generate", "--out", file), (Object[]) type))
                .done();
        String line = Files.readString(folder.resolve("contractor-" + server + ".pub"));
        Files.writeString(fleet.server(server).authorizedKeysFile(), line, StandardOpenOption.APPEND);
        return line;
    }

    @Nested
    class Text {
        @Test
        void audit_knownAndUnknownKeys_areInATable() throws IOException {
            contractor(2);
            Cli.Result result = fleet.keywright("audit").quietly();
            assertThat(result.out())
                    .contains("deploy-prod v1 current", "unknown unrestricted")
                    .contains("3 keys on 2 accounts; not read: 0\n");
        }

        @Test
        void audit_weakKeyOnTheList_fails() throws IOException {
            contractor(1);
            String md5 = Cli.run("fingerprint", "--hash", "md5", folder.resolve("contractor-1.pub"))
                    .quietly()
                    .out();
            String digits = md5.replaceAll(".*MD5:([0-9a-f:]+).*\\n", "$1").replace(":", "");
            Path list = Files.writeString(folder.resolve("blacklist"), "# weak\n" + digits.substring(12) + "\n");
            Cli.Result result = fleet.keywright("audit", "--weak-keys", list);
            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.out()).contains("listed");
        }

        @Test
        void audit_shortRsaKey_failsAtAHigherLevelOnly() throws IOException {
            contractor(1, "--type", "rsa", "--bits", "2048");
            fleet.keywright("audit").quietly();
            Cli.Result result = fleet.keywright("audit", "--rsa-bits", "3072");
            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.out()).contains("rsa-too-short");
        }
    }

    @Nested
    class JsonForm {
        @Test
        void audit_deviceThatCannotBeAsked_isAResultAndAFailure() throws IOException {
            fleet.server(2).stop();
            Cli.Result result = fleet.keywright("audit", "--json");
            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            JsonNode report = result.json();
            assertThat(report.at("/summary/unread").asInt()).isEqualTo(1);
            assertThat(report.at("/summary/clean").asBoolean()).isFalse();
            assertThat(report.at("/results/0/result").asText()).isEqualTo("account");
            assertThat(report.at("/results/1/result").asText()).isEqualTo("unread");
            assertThat(report.at("/results/1/failure/kind").asText()).isEqualTo("unreachable");
        }

        @Test
        void audit_commentThatTurnsTheReadingDirection_isStillJson() throws IOException {
            Files.writeString(
                    fleet.server(1).authorizedKeysFile(),
                    fleet.authorizedKeys(1).strip() + " \u202e\u001b[2J\n");
            JsonNode report = fleet.keywright("audit", "--json").quietly().json();
            assertThat(report.at("/results/0/keys/0/comment").asText()).endsWith("\u202e\u001b[2J");
        }
    }

    @Nested
    class Usage {
        @Test
        void audit_credentialTwice_isRefused() {
            assertThat(fleet.keywright("audit", "--credential", fleet.credential)
                            .failure())
                    .contains("both of the credential deploy-prod");
        }

        @Test
        void audit_noDeviceAtOnce_isRefused() {
            assertThat(fleet.keywright("audit", "--parallel", "0").usageError()).contains("--parallel");
        }

        @Test
        void audit_severalCredentials_areOneFleet() throws IOException {
            Path second = fleet.credential("second", "policy: { attempts: 1 }");
            Cli.run(
                            "install",
                            "--credential",
                            second,
                            "--store",
                            fleet.store,
                            "--secret-file",
                            fleet.secret,
                            "--password-file",
                            fleet.password)
                    .quietly();
            assertThat(fleet.keywright("audit", "--credential", second)
                            .quietly()
                            .out())
                    .contains("second v1 current", "4 keys on 2 accounts");
        }
    }
}
