package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.format.KeyFormat;
import io.keywright.format.KeyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once")
class ConvertCommandTest {
    @TempDir
    Path folder;

    private Path key;
    private Path encrypted;
    private Path secret;

    @BeforeEach
    void makeKeys() throws IOException {
        key = folder.resolve("key");
        encrypted = folder.resolve("encrypted");
        secret = Cli.secret(folder, "secret", "old secret\n");
        Cli.run("generate", "--comment", "c", "--out", key).quietly();
        Cli.run("generate", "--comment", "e", "--out", encrypted, "--new-passphrase-file", secret)
                .quietly();
    }

    private static boolean isEncrypted(byte[] content) {
        return KeyReader.inspect(content).encrypted();
    }

    @Nested
    class Private {
        @Test
        void convert_plainKey_staysPlainAndTheSame() throws IOException {
            Cli.Result result = Cli.run("convert", "--to", "openssh", key).quietly();

            try (SshKeyPair pair = KeyReader.of().read(result.bytes())) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(key));
                assertThat(pair.comment()).hasToString("c");
            }
        }

        @Test
        void convert_newPassphrase_encrypts() throws IOException {
            Path out = folder.resolve("out");

            Cli.run("convert", "--to", "openssh", "--new-passphrase-file", secret, "--out", out, key)
                    .quietly();

            assertThat(KeyReader.inspect(out).encrypted()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                    .isEqualTo("rw-------");
            try (Passphrase passphrase = Passphrase.of("old secret".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(out)) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(key));
            }
        }

        @Test
        void convert_encryptedKey_keepsItsPassphrase() throws IOException {
            Cli.Result result = Cli.run("convert", "--to", "openssh", "--passphrase-file", secret, encrypted)
                    .quietly();

            assertThat(isEncrypted(result.bytes())).isTrue();
            try (Passphrase passphrase = Passphrase.of("old secret".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(result.bytes())) {
                assertThat(pair.comment()).hasToString("e");
            }
        }

        @Test
        void convert_encryptedKeyWithNewPassphrase_changesIt() throws IOException {
            Path fresh = Cli.secret(folder, "fresh", "new secret");

            Cli.Result result = Cli.run(
                            "convert",
                            "--to",
                            "openssh",
                            "--passphrase-file",
                            secret,
                            "--new-passphrase-file",
                            fresh,
                            encrypted)
                    .quietly();

            try (Passphrase passphrase = Passphrase.of("new secret".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(result.bytes())) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(encrypted));
            }
        }

        @Test
        void convert_plain_dropsTheEncryption() {
            Cli.Result result = Cli.run("convert", "--to", "openssh", "--plain", "--passphrase-file", secret, encrypted)
                    .quietly();

            assertThat(isEncrypted(result.bytes())).isFalse();
        }

        @Test
        void convert_toSshcom_holdsRsaAndRefusesTheRest() throws IOException {
            Path rsa = folder.resolve("rsa");
            Path out = folder.resolve("out");
            Cli.run("generate", "--type", "rsa", "--comment", "two words", "--out", rsa)
                    .quietly();
            Cli.run("convert", "--to", "sshcom", "--new-passphrase-file", secret, "--out", out, rsa)
                    .quietly();

            assertThat(KeyReader.inspect(out).format()).isEqualTo(KeyFormat.SSHCOM);
            try (Passphrase passphrase = Passphrase.of("old secret".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(out)) {
                assertThat(pair.publicKey().toLine())
                        .isEqualTo(KeyReader.of()
                                .readPublic(rsa)
                                .withComment("two words")
                                .toLine());
            }
            assertThat(Cli.run("convert", "--to", "sshcom", key).failure()).contains("ssh.com", "ssh-ed25519");
        }

        @Test
        void convert_toPem_opensslDecryptsIt() throws IOException, InterruptedException {
            Path out = folder.resolve("out.pem");
            Cli.run("generate", "--type", "ecdsa-p256", "--format", "pem", "--out", folder.resolve("ec"))
                    .quietly();

            Cli.run("convert", "--to", "pem", "--new-passphrase-file", secret, "--out", out, folder.resolve("ec"))
                    .quietly();

            assertThat(Files.readString(out)).contains("DEK-Info: AES-256-CBC,");
            assertThat(Tool.find("openssl", "openssl")
                            .run(folder, "ec", "-passin", "pass:old secret", "-in", "out.pem")
                            .orFail())
                    .isEqualTo(Files.readString(folder.resolve("ec")));
        }

        @Test
        void convert_standardInput_isRead() throws IOException {
            Cli.Result result = Cli.shell()
                    .withInput(Files.readAllBytes(key))
                    .keywright("convert", "--to", "openssh", "-")
                    .quietly();

            try (SshKeyPair pair = KeyReader.of().read(result.bytes())) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(key));
            }
        }

        @Test
        void convert_keyReadableByEverybody_warns() throws IOException {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

            Cli.Result result = Cli.run("convert", "--to", "openssh", key);

            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).contains("warning: " + key, "chmod 600");
        }
    }

    @Nested
    class Public {
        @Test
        void convert_privateKey_givesThePublicLine() throws IOException {
            assertThat(Cli.run("convert", "--to", "public", key).quietly().out())
                    .isEqualTo(Files.readString(folder.resolve("key.pub")));
        }

        @Test
        void convert_publicKey_givesItself() throws IOException {
            assertThat(Cli.run("convert", "--to", "public", folder.resolve("key.pub"))
                            .quietly()
                            .out())
                    .isEqualTo(Files.readString(folder.resolve("key.pub")));
        }

        @Test
        void convert_toFile_hasThePublicMode() throws IOException {
            Path out = folder.resolve("out.pub");

            Cli.run("convert", "--to", "public", "--out", out, key).quietly();

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
                    .isEqualTo("rw-r--r--");
        }
    }

    @Nested
    class Refusals {
        @ParameterizedTest
        @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SSHFP")
        void convert_anyTarget_isDoneOrFailsInOneLine(KeyTarget target) {
            Cli.Result result = Cli.run("convert", "--to", target.label(), key);

            if (result.exitCode() != Keywright.DONE) {
                assertThat(result.failure()).contains("not written");
                assertThat(result.out()).isEmpty();
            } else {
                assertThat(result.out()).isNotEmpty();
            }
        }

        @Test
        void convert_publicKeyToPrivateFormat_fails() {
            assertThat(Cli.run("convert", "--to", "openssh", folder.resolve("key.pub"))
                            .failure())
                    .contains("public key");
        }

        @Test
        void convert_wrongPassphrase_failsWithoutShowingIt() throws IOException {
            Path wrong = Cli.secret(folder, "wrong", "hunter2hunter2");

            Cli.Result result = Cli.run("convert", "--to", "openssh", "--passphrase-file", wrong, encrypted);

            assertThat(result.failure()).contains("wrong passphrase").doesNotContain("hunter2");
            assertThat(result.out()).isEmpty();
        }

        @Test
        void convert_outExists_failsAndKeepsIt() throws IOException {
            Path out = Cli.file(folder, "out", "mine");

            assertThat(Cli.run("convert", "--to", "openssh", "--out", out, key).failure())
                    .contains("exists already", "--force");
            assertThat(out).hasContent("mine");
        }

        @Test
        void convert_outExistsForced_overwrites() throws IOException {
            Cli.run(
                            "convert",
                            "--to",
                            "openssh",
                            "--plain",
                            "--passphrase-file",
                            secret,
                            "--force",
                            "--out",
                            encrypted,
                            encrypted)
                    .quietly();

            assertThat(KeyReader.inspect(encrypted).encrypted()).isFalse();
        }

        @Test
        void convert_truncatedKey_fails() throws IOException {
            String text = Files.readString(key);
            Path cut = Cli.secret(folder, "cut", text.substring(0, text.length() / 2));

            assertThat(Cli.run("convert", "--to", "openssh", cut).failure()).isNotEmpty();
        }

        @Test
        void convert_noKey_fails() throws IOException {
            Path none = Cli.file(folder, "none", "hello\n");

            assertThat(Cli.run("convert", "--to", "public", none).failure()).isNotEmpty();
        }

        @Test
        void convert_missingTo_isWrongUsage() {
            assertThat(Cli.run("convert", key).usageError()).contains("--to");
        }

        @Test
        void convert_unknownTarget_isWrongUsage() {
            assertThat(Cli.run("convert", "--to", "der", key).usageError()).contains("'der' is none of", "pkcs8");
        }

        @Test
        void convert_plainAndNewPassphrase_isWrongUsage() {
            assertThat(Cli.run("convert", "--to", "openssh", "--plain", "--new-passphrase-file", secret, key)
                            .usageError())
                    .contains("--plain excludes");
        }

        @Test
        void convert_publicWithPassphrase_isWrongUsage() {
            assertThat(Cli.run("convert", "--to", "public", "--new-passphrase-file", secret, key)
                            .usageError())
                    .contains("never encrypted");
        }
    }
}
