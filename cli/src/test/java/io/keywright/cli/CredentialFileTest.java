package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.rotation.Credential;
import io.keywright.rotation.Device;
import io.keywright.rotation.KeySpec;
import io.keywright.rotation.RotationPolicy;
import io.keywright.rotation.schedule.MaintenanceWindow;
import io.keywright.rotation.schedule.SchedulePolicy;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialFileTest {

    /** Files with errors; each begins with what is expected to be said about it. */
    static Stream<Path> bad() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(vector("bad"))) {
            files = found.sorted().toList();
        }
        assertThat(files).hasSizeGreaterThan(15);
        return files.stream();
    }

    private static Path vector(String name) {
        try {
            return Path.of(
                    CredentialFileTest.class.getResource("/credentials/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> errors(Path file) {
        return catchThrowableOfType(FileErrorsException.class, () -> CredentialFile.read(file))
                .lines();
    }

    @Nested
    class Reading {
        @Test
        void read_everything_isThere() throws IOException {
            CredentialFile file = CredentialFile.read(vector("good/everything.yaml"));

            assertThat(file.knownHosts()).contains(vector("good").resolve("hosts/known_hosts"));
            assertThat(file.schedule())
                    .isEqualTo(new SchedulePolicy(
                            Duration.ofHours(36),
                            Optional.of(Duration.ofDays(40)),
                            List.of(
                                    MaintenanceWindow.parse("mon-thu 22:00-04:00 Europe/Berlin"),
                                    MaintenanceWindow.parse("sat 00:00-00:00 UTC")),
                            Duration.ofHours(1)));
            assertThat(file.credential())
                    .isEqualTo(new Credential(
                            "deploy-prod",
                            "platform-team",
                            "deploy",
                            Optional.of("bootstrap"),
                            new KeySpec(KeySpec.Type.RSA, OptionalInt.of(4096), "deploy-prod"),
                            new RotationPolicy(
                                    true,
                                    Duration.ofDays(30),
                                    2,
                                    50,
                                    4,
                                    RotationPolicy.Order.AS_LISTED,
                                    RotationPolicy.OnFailure.QUARANTINE,
                                    2,
                                    Duration.ofHours(6),
                                    Duration.ofDays(2),
                                    5,
                                    Optional.of(Duration.ofHours(12))),
                            List.of(
                                    Device.of("web-1", "127.0.0.1", 2201).asOriginal(),
                                    Device.of("web-2", "127.0.0.1", 2202)
                                            .withUser("other")
                                            .withAuthorizedKeysFiles(List.of("%h/.ssh/authorized_keys")),
                                    Device.of("web.3", "::1", 22)
                                            .withAuthorizedKeysFiles(
                                                    List.of("/etc/ssh/keys/%u", "%h/.ssh/authorized_keys")),
                                    Device.of("web-4", "127.0.0.1", 2204).withAdministrator("root"))));
        }

        @Test
        void read_least_hasTheLibrarysDefaults() throws IOException {
            CredentialFile file = CredentialFile.read(vector("good/least.yaml"));

            assertThat(file.knownHosts()).isEmpty();
            assertThat(file.credential())
                    .isEqualTo(Credential.of("least", "deploy", List.of(Device.of("one", "example.net", 22))));
        }

        @Test
        void read_knownHosts_isRelativeToTheFile(@TempDir Path folder) throws IOException {
            Path file = Cli.file(folder, "c.yaml", "name: a\nuser: u\ndevices: []\nknown-hosts: ../hosts\n");

            assertThat(CredentialFile.read(file).knownHosts())
                    .contains(folder.getParent().resolve("hosts"));
        }
    }

    @Nested
    class Refusing {
        @ParameterizedTest
        @MethodSource("io.keywright.cli.CredentialFileTest#bad")
        void read_error_isNamedWithItsPlace(Path file) throws IOException {
            List<String> expected = Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("# expect: "))
                    .map(line -> file + ":" + line.substring(10))
                    .toList();
            assertThat(expected).isNotEmpty();

            List<String> errors = errors(file);

            if (expected.get(0).endsWith("this is no YAML: ")) {
                // What comes then is the parser's own.
                assertThat(errors).singleElement().asString().startsWith(expected.get(0));
            } else {
                assertThat(errors).containsExactlyElementsOf(expected);
            }
        }

        @Test
        void read_notUtf8_isRefused(@TempDir Path folder) throws IOException {
            Path file = folder.resolve("latin");
            Files.write(file, "owner: M\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1));

            assertThat(errors(file)).containsExactly(file + ":1:1: the file is not UTF-8");
        }

        @Test
        void read_tooLong_isRefused(@TempDir Path folder) throws IOException {
            Path file = Cli.file(folder, "long", "#".repeat(YamlFile.MAX_BYTES + 1));

            assertThat(errors(file)).containsExactly(file + ":1:1: the file has more than 1048576 bytes");
        }

        @Test
        void read_tooDeep_isRefused(@TempDir Path folder) throws IOException {
            Path file = Cli.file(folder, "deep", "a: " + "[".repeat(5000));

            assertThat(errors(file)).singleElement().asString().contains("this is no YAML");
        }

        @Test
        void read_manyErrors_areCutOff(@TempDir Path folder) throws IOException {
            StringBuilder text = new StringBuilder("name: a\nuser: u\ndevices: []\n");
            for (int i = 0; i < 30; i++) {
                text.append("wrong-key-number-").append(i).append(": 1\n");
            }
            Path file = Cli.file(folder, "many", text.toString());

            assertThat(errors(file)).hasSize(21).last().isEqualTo(file + ": and 10 errors more");
        }
    }

    @Nested
    class OnTheCommandLine {
        @Test
        void status_badFile_printsEachErrorOnALineAndFails(@TempDir Path folder) {
            Path file = vector("bad/two-alike.yaml");

            Cli.Result result = Cli.run(
                    "status", "--credential", file, "--store", folder.resolve("store"), "--secret-env", "NOT_ASKED");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.err().lines()).hasSize(2).allMatch(line -> line.startsWith("keywright: " + file + ":"));
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void status_missingFile_fails(@TempDir Path folder) {
            Path file = folder.resolve("nope.yaml");

            assertThat(Cli.run("status", "--credential", file, "--store", folder, "--secret-env", "X")
                            .failure())
                    .contains(file + ": no such file");
        }
    }
}
