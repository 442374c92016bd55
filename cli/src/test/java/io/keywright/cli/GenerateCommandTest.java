package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.keywright.SshKeyPair;
import io.keywright.format.KeyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateCommandTest {
    @TempDir
    Path folder;

    private String mode(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
    }

    @Nested
    class Output {
        @ParameterizedTest
        @CsvSource({
            "ed25519, ssh-ed25519, 256, ED25519",
            "ecdsa-p256, ecdsa-sha2-nistp256, 256, ECDSA",
            "ecdsa-p384, ecdsa-sha2-nistp384, 384, ECDSA",
            "ecdsa-p521, ecdsa-sha2-nistp521, 521, ECDSA",
            "rsa, ssh-rsa, 3072, RSA"
        })
        void generate_type_isReadBySshKeygen(String type, String algorithm, int bits, String shortName)
                throws Exception {
            Path key = folder.resolve("key");

            Cli.Result result = Cli.run("generate", "--type", type, "--comment", "deploy@prod", "--out", key)
                    .quietly();

            assertThat(result.out()).matches(bits + " SHA256:\\S+ deploy@prod \\(" + shortName + "\\)\n");
            assertThat(Tool.sshKeygen().run(folder, "-l", "-f", "key").orFail()).isEqualTo(result.out());
            assertThat(Tool.sshKeygen().run(folder, "-l", "-f", "key.pub").orFail())
                    .isEqualTo(result.out());
            String line = Tool.sshKeygen().run(folder, "-y", "-f", "key").orFail();
            assertThat(Files.readString(folder.resolve("key.pub")))
                    .isEqualTo(line)
                    .startsWith(algorithm + " ");
            assertThat(mode("key")).isEqualTo("rw-------");
            assertThat(mode("key.pub")).isEqualTo("rw-r--r--");
        }

        @Test
        void generate_ed448_isReadBack() throws IOException {
            Path key = folder.resolve("key");

            Cli.run("generate", "--type", "ed448", "--out", key).quietly();

            try (SshKeyPair pair = KeyReader.of().read(key)) {
                assertThat(pair.publicKey().algorithm()).isEqualTo("ssh-ed448");
                assertThat(KeyReader.of().readPublic(folder.resolve("key.pub"))).isEqualTo(pair.publicKey());
            }
        }

        @Test
        void generate_noType_isEd25519WithoutComment() {
            assertThat(Cli.run("generate", "--out", folder.resolve("key"))
                            .quietly()
                            .out())
                    .startsWith("256 SHA256:")
                    .endsWith(" no comment (ED25519)\n");
        }

        @Test
        void generate_bits_areTheModulus() {
            assertThat(Cli.run("generate", "--type", "rsa", "--bits", "2048", "--out", folder.resolve("key"))
                            .quietly()
                            .out())
                    .startsWith("2048 ");
        }

        @Test
        void generate_noOut_writesTheKeyToStandardOutput() {
            Cli.Result result = Cli.run("generate", "--comment", "c").quietly();

            try (SshKeyPair pair = KeyReader.of().read(result.bytes())) {
                assertThat(pair.comment()).hasToString("c");
            }
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void generate_json_saysWhatWasMade() throws IOException {
            Path key = folder.resolve("key");

            JsonNode json = Cli.run("generate", "--comment", "c", "--out", key, "--json")
                    .quietly()
                    .json();

            assertThat(json.get("file").asText()).isEqualTo(key.toString());
            assertThat(json.get("publicFile").asText()).isEqualTo(key + ".pub");
            assertThat(json.get("format").asText()).isEqualTo("openssh-key-v1");
            assertThat(json.get("encrypted").asBoolean()).isFalse();
            assertThat(json.get("algorithm").asText()).isEqualTo("ssh-ed25519");
            assertThat(json.get("publicKey").asText() + "\n").isEqualTo(Files.readString(folder.resolve("key.pub")));
            assertThat(json.get("fingerprint").asText())
                    .isEqualTo(KeyReader.of().readPublic(key).fingerprint().toString());
        }
    }

    @Nested
    class Passphrases {
        @Test
        void generate_passphraseFile_encryptsSoThatSshKeygenOpensIt() throws Exception {
            Path secret = Cli.secret(folder, "secret", "correct horse\n");

            Cli.run("generate", "--out", folder.resolve("key"), "--new-passphrase-file", secret)
                    .quietly();

            assertThat(Tool.sshKeygen()
                            .run(folder, "-y", "-P", "correct horse", "-f", "key")
                            .orFail())
                    .isEqualTo(Files.readString(folder.resolve("key.pub")));
            assertThat(Tool.sshKeygen()
                            .run(folder, "-y", "-P", "wrong", "-f", "key")
                            .exitCode())
                    .isNotZero();
        }

        @Test
        void generate_terminalAndNoPassphraseOption_asksNothing() {
            Cli cli = Cli.shell().withPerson("never asked for");

            cli.keywright("generate", "--out", folder.resolve("key")).quietly();

            assertThat(cli.questions()).isEmpty();
        }

        @Test
        void generate_prompt_asksTwiceUntilBothAreTheSame() throws Exception {
            Cli cli = Cli.shell().withPerson("one", "two", "good one", "good one");

            Cli.Result result = cli.keywright("generate", "--out", folder.resolve("key"), "--new-passphrase-prompt");

            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).isEqualTo("These two are not the same.\n");
            assertThat(cli.questions())
                    .containsExactly(
                            "new passphrase", "new passphrase again", "new passphrase", "new passphrase again");
            Tool.sshKeygen().run(folder, "-y", "-P", "good one", "-f", "key").orFail();
        }

        @Test
        void generate_promptNeverTheSame_failsAndWritesNothing() {
            Cli cli = Cli.shell().withPerson("1", "2", "3", "4", "5", "6", "7", "7");

            Cli.Result result = cli.keywright("generate", "--out", folder.resolve("key"), "--new-passphrase-prompt");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.err()).contains("not typed twice alike");
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void generate_promptAnsweredWithNothing_fails() {
            assertThat(Cli.shell()
                            .withPerson("")
                            .keywright("generate", "--out", folder.resolve("key"), "--new-passphrase-prompt")
                            .failure())
                    .contains("no new passphrase was typed");
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void generate_promptWithoutTerminal_isWrongUsageThatNamesTheOptions() {
            assertThat(Cli.run("generate", "--new-passphrase-prompt").usageError())
                    .contains("--new-passphrase-file", "--new-passphrase-env");
        }
    }

    @Nested
    class Refusals {
        @Test
        void generate_fileExists_failsAndKeepsIt() throws IOException {
            Path key = Cli.file(folder, "key", "mine");

            assertThat(Cli.run("generate", "--out", key).failure()).contains(key.toString(), "exists", "--force");

            assertThat(key).hasContent("mine");
            assertThat(folder.resolve("key.pub")).doesNotExist();
        }

        @Test
        void generate_publicFileExists_failsBeforeThePrivateOneIsWritten() throws IOException {
            Cli.file(folder, "key.pub", "mine");

            assertThat(Cli.run("generate", "--out", folder.resolve("key")).failure())
                    .contains("key.pub exists");

            assertThat(folder.resolve("key")).doesNotExist();
            assertThat(folder.resolve("key.pub")).hasContent("mine");
        }

        @Test
        void generate_forced_overwritesBothWithTheirModes() throws IOException {
            Path key = Cli.file(folder, "key", "mine");
            Cli.file(folder, "key.pub", "mine");
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-rw-rw-"));

            Cli.run("generate", "--out", key, "--force").quietly();

            assertThat(mode("key")).isEqualTo("rw-------");
            assertThat(KeyReader.of().readPublic(folder.resolve("key.pub")))
                    .isEqualTo(KeyReader.of().readPublic(key));
            assertThat(folder.toFile().list()).containsExactlyInAnyOrder("key", "key.pub");
        }

        @Test
        void generate_folderMissing_failsAndNamesIt() {
            assertThat(Cli.run("generate", "--out", folder.resolve("no").resolve("key"))
                            .failure())
                    .contains(folder.resolve("no") + ": no such file or folder");
        }

        @Test
        void generate_bitsForEd25519_isWrongUsage() {
            assertThat(Cli.run("generate", "--bits", "2048").usageError())
                    .contains("only an RSA key has a choice of bits");
        }

        @Test
        void generate_tooFewBits_isWrongUsage() {
            assertThat(Cli.run("generate", "--type", "rsa", "--bits", "1024").usageError())
                    .contains("2048", "1024");
        }

        @Test
        void generate_unknownType_isWrongUsageThatListsAll() {
            assertThat(Cli.run("generate", "--type", "dsa").usageError())
                    .contains("'dsa' is none of ed25519, ed448, ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa");
        }

        @Test
        void generate_publicFormat_isWrongUsage() {
            assertThat(Cli.run("generate", "--format", "public").usageError()).contains("no place for a private key");
        }

        @Test
        void generate_lineBreakInComment_isWrongUsage() {
            assertThat(Cli.run("generate", "--comment", "a\nssh-rsa AAAA").usageError())
                    .contains("control characters");
        }

        @Test
        void generate_jsonWithoutOut_isWrongUsage() {
            assertThat(Cli.run("generate", "--json").usageError()).contains("--out");
        }
    }
}
