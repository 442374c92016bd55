package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.keywright.format.KeyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @TempDir
    Path folder;

    private Path key;

    @BeforeEach
    void makeKey() {
        key = folder.resolve("key");
        Cli.run("generate", "--comment", "deploy", "--out", key).quietly();
    }

    private Path encrypted() throws IOException {
        Path encrypted = folder.resolve("encrypted");
        Path secret = Cli.secret(folder, "secret", "s3cret passphrase");
        Cli.run("generate", "--comment", "deploy", "--out", encrypted, "--new-passphrase-file", secret)
                .quietly();
        return encrypted;
    }

    @Nested
    class Text {
        @Test
        void inspect_plainKey_saysAll() throws IOException {
            String fingerprint = KeyReader.of().readPublic(key).fingerprint().toString();
            String line = Files.readString(folder.resolve("key.pub")).strip();

            assertThat(Cli.run("inspect", key).quietly().out())
                    .isEqualTo(String.join(
                            "\n",
                            "format       openssh-key-v1",
                            "holds        a private key",
                            "type         ssh-ed25519",
                            "bits         256",
                            "fingerprint  " + fingerprint,
                            "encrypted    no",
                            "comment      deploy",
                            "public key   " + line,
                            ""));
        }

        @Test
        void inspect_encryptedKey_needsNoPassphrase() throws IOException {
            assertThat(Cli.run("inspect", encrypted()).quietly().out())
                    .contains("encrypted    yes\n", "cipher       aes256-ctr\n", "kdf          bcrypt (rounds 24)\n");
        }

        @Test
        void inspect_publicKey_saysSo() {
            assertThat(Cli.run("inspect", folder.resolve("key.pub")).quietly().out())
                    .contains("holds        a public key\n")
                    .doesNotContain("encrypted ");
        }

        @Test
        void inspect_standardInput_isRead() throws IOException {
            assertThat(Cli.shell()
                            .withInput(Files.readAllBytes(key))
                            .keywright("inspect", "-")
                            .quietly()
                            .out())
                    .contains("holds        a private key\n");
        }

        @Test
        void inspect_readableByOthers_warnsInItsAnswer() throws IOException {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

            assertThat(Cli.run("inspect", key).quietly().out()).contains("warning      the file can be read by others");
        }

        @Test
        void inspect_escapeSequenceInComment_isShownNotSent() throws IOException {
            String line = Files.readString(folder.resolve("key.pub")).strip();
            Path hostile = Cli.file(folder, "hostile.pub", line + "\u001b[2Jgone\n");

            Cli.Result result = Cli.run("inspect", hostile);

            assertThat(result.out() + result.err()).doesNotContain("\u001b");
        }
    }

    @Nested
    class AsJson {
        @Test
        void inspect_encryptedKey_saysAll() throws IOException {
            JsonNode json = Cli.run("inspect", "--json", encrypted()).quietly().json();

            assertThat(json.get("format").asText()).isEqualTo("openssh-key-v1");
            assertThat(json.get("private").asBoolean()).isTrue();
            assertThat(json.get("type").asText()).isEqualTo("ssh-ed25519");
            assertThat(json.get("bits").asInt()).isEqualTo(256);
            assertThat(json.get("fingerprint").asText()).startsWith("SHA256:");
            assertThat(json.get("encrypted").asBoolean()).isTrue();
            assertThat(json.get("cipher").asText()).isEqualTo("aes256-ctr");
            assertThat(json.get("kdf").get("name").asText()).isEqualTo("bcrypt");
            assertThat(json.get("kdf").get("rounds").asInt()).isEqualTo(24);
            assertThat(json.get("publicKey").asText()).startsWith("ssh-ed25519 ");
            assertThat(json.get("warnings")).isEmpty();
        }

        @Test
        void inspect_plainKey_hasNulls() throws IOException {
            JsonNode json = Cli.run("inspect", "--json", key).quietly().json();

            assertThat(json.get("cipher").isNull()).isTrue();
            assertThat(json.get("kdf").isNull()).isTrue();
            assertThat(json.get("comment").asText()).isEqualTo("deploy");
        }

        @Test
        void inspect_readableByOthers_hasAWarning() throws IOException {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

            JsonNode warnings =
                    Cli.run("inspect", "--json", key).quietly().json().get("warnings");

            assertThat(warnings).hasSize(1);
            assertThat(warnings.get(0).get("code").asText()).isEqualTo("file-readable-by-others");
        }
    }

    @Nested
    class Refusals {
        @Test
        void inspect_noKey_fails() throws IOException {
            assertThat(Cli.run("inspect", Cli.file(folder, "none", "hello")).failure())
                    .isNotEmpty();
        }

        @Test
        void inspect_missingFile_failsAndNamesIt() {
            assertThat(Cli.run("inspect", folder.resolve("nope")).failure())
                    .isEqualTo("keywright: " + folder.resolve("nope") + ": no such file or folder");
        }

        @Test
        void inspect_folder_fails() {
            assertThat(Cli.run("inspect", folder).failure()).isNotEmpty();
        }

        @Test
        void inspect_noFile_isWrongUsage() {
            assertThat(Cli.run("inspect").usageError()).contains("FILE");
        }
    }
}
