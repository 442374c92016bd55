package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where secrets come from, seen through the commands that want them. */
class SecretSourceTest {
    private static final String SECRET = "correct horse battery";

    @TempDir
    Path folder;

    private Path encryptedKey() throws IOException {
        Path secret = Cli.secret(folder, "made-with", SECRET);
        Path key = folder.resolve("key");
        Cli.run("generate", "--out", key, "--new-passphrase-file", secret).quietly();
        return key;
    }

    @Nested
    class FromFile {
        @ParameterizedTest
        @ValueSource(strings = {"", "\n", "\r\n"})
        void read_oneLineEnd_isStripped(String lineEnd) throws IOException {
            Path key = encryptedKey();
            Path secret = Cli.secret(folder, "secret", SECRET + lineEnd);

            Cli.run("convert", "--to", "openssh", "--plain", "--passphrase-file", secret, key)
                    .quietly();
        }

        @ParameterizedTest
        @ValueSource(strings = {"\n\n", "\r", " ", " \n"})
        void read_moreThanOneLineEnd_belongsToTheSecret(String more) throws IOException {
            Path key = encryptedKey();
            Path secret = Cli.secret(folder, "secret", SECRET + more);

            assertThat(Cli.run("convert", "--to", "openssh", "--plain", "--passphrase-file", secret, key)
                            .failure())
                    .contains("wrong passphrase")
                    .doesNotContain(SECRET);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "\n", "\r\n"})
        void read_nothingInIt_fails(String content) throws IOException {
            Path secret = Cli.secret(folder, "secret", content);

            assertThat(Cli.run("generate", "--new-passphrase-file", secret).failure())
                    .contains(secret + " is empty");
        }

        @Test
        void read_tooLong_failsWithoutShowingIt() throws IOException {
            Path secret = Cli.secret(folder, "secret", "x".repeat(SecretSource.MAX_BYTES + 1));

            assertThat(Cli.run("generate", "--new-passphrase-file", secret).failure())
                    .contains("more than 4096 bytes")
                    .doesNotContain("xxx");
        }

        @Test
        void read_longestAllowed_isTaken() throws IOException {
            Path secret = Cli.secret(folder, "secret", "x".repeat(SecretSource.MAX_BYTES));

            Cli.run("generate", "--new-passphrase-file", secret).quietly();
        }

        @Test
        void read_missing_failsAndNamesIt() {
            Path secret = folder.resolve("secret");

            assertThat(Cli.run("generate", "--new-passphrase-file", secret).failure())
                    .contains(secret + ": no such file");
        }

        @Test
        void read_worldReadable_warnsAndGoesOn() throws IOException {
            Path secret = Cli.secret(folder, "secret", SECRET);
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));

            Cli.Result result = Cli.run("generate", "--out", folder.resolve("key"), "--new-passphrase-file", secret);

            assertThat(result.exitCode()).isZero();
            assertThat(result.err())
                    .isEqualTo("keywright: warning: " + secret
                            + " holds a secret and everybody on this machine can read it: chmod 600 it\n");
        }
    }

    @Nested
    class FromEnvironment {
        @Test
        void read_variable_isTakenAsItIs() throws IOException {
            Path key = encryptedKey();

            Cli.shell()
                    .withVariable("KEY_PASSPHRASE", SECRET)
                    .keywright("convert", "--to", "openssh", "--plain", "--passphrase-env", "KEY_PASSPHRASE", key)
                    .quietly();
            Cli.Result withLineEnd = Cli.shell()
                    .withVariable("KEY_PASSPHRASE", SECRET + "\n")
                    .keywright("convert", "--to", "openssh", "--plain", "--passphrase-env", "KEY_PASSPHRASE", key);

            assertThat(withLineEnd.failure()).contains("wrong passphrase");
        }

        @Test
        void read_notSet_failsAndNamesIt() {
            assertThat(Cli.run("generate", "--new-passphrase-env", "NOT_SET").failure())
                    .contains("NOT_SET is not set");
        }

        @Test
        void read_empty_fails() {
            assertThat(Cli.shell()
                            .withVariable("EMPTY", "")
                            .keywright("generate", "--new-passphrase-env", "EMPTY")
                            .failure())
                    .contains("EMPTY is not set");
        }

        @Test
        void read_fileAsWell_isWrongUsage() {
            assertThat(Cli.run("generate", "--new-passphrase-env", "A", "--new-passphrase-file", "b")
                            .usageError())
                    .contains("--new-passphrase-file and --new-passphrase-env exclude each other");
        }
    }

    @Nested
    class FromPerson {
        @Test
        void read_encryptedKey_isAskedForOnce() throws IOException {
            Path key = encryptedKey();
            Cli cli = Cli.shell().withPerson(SECRET);

            cli.keywright("convert", "--to", "openssh", "--plain", key).quietly();

            assertThat(cli.questions()).containsExactly("passphrase of the key");
        }

        @Test
        void read_noTerminal_failsAndNamesTheOptions() throws IOException {
            Path key = encryptedKey();

            assertThat(Cli.run("convert", "--to", "openssh", key).failure())
                    .contains("a passphrase is needed: give --passphrase-file or --passphrase-env");
        }

        @Test
        void read_inputEnds_fails() throws IOException {
            Path key = encryptedKey();

            assertThat(Cli.shell()
                            .withPerson()
                            .keywright("convert", "--to", "openssh", key)
                            .failure())
                    .contains("no passphrase of the key was typed");
        }

        @Test
        void read_plainKey_isNotAskedFor() throws IOException {
            Path key = folder.resolve("plain");
            Cli.run("generate", "--out", key).quietly();
            Cli cli = Cli.shell().withPerson("never");

            cli.keywright("convert", "--to", "openssh", key).quietly();

            assertThat(cli.questions()).isEmpty();
        }

        @Test
        void read_publicHalfInTheClear_isNotAskedFor() throws IOException {
            Cli cli = Cli.shell().withPerson("never");

            cli.keywright("fingerprint", encryptedKey()).quietly();

            assertThat(cli.questions()).isEmpty();
        }
    }
}
