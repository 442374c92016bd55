package io.keywright.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check must see everything that can be wrong: each test is one thing that a rotation must not leave. */
class FleetCheckTest {
    @TempDir
    Path directory;

    private final SshKeyPair oldPair = SshKeyPairGenerator.ed25519().generate();
    private final SshKeyPair newPair = SshKeyPairGenerator.ed25519().generate();
    private final EmbeddedFleet fleet = EmbeddedFleet.start();
    private final String oldLine = oldPair.publicKey().toLine();
    private final String newLine = newPair.publicKey().toLine();
    private EmbeddedServer server;
    private FleetCheck check;

    @BeforeEach
    void begin() throws IOException {
        try (Passphrase password = Passphrase.ofBytes("password".getBytes(UTF_8))) {
            server = fleet.add(FleetMember.USER, password, directory.resolve("server-01"));
        }
        write("# theirs\r\nrestrict,pty " + oldLine + "\n");
        check = FleetCheck.remembering(
                List.of(new FleetMember("server-01", server.port(), server.hostKey(), server.authorizedKeysFile())));
    }

    @AfterEach
    void end() {
        check.close();
        fleet.close();
        oldPair.close();
        newPair.close();
    }

    @Nested
    class ProblemsAfter {
        @Test
        void problemsAfter_rotatedWell_areNone() throws IOException {
            write("# theirs\r\nrestrict,pty " + newLine + "\n");

            assertThat(check.problemsAfter(oldPair, newPair)).isEmpty();
            assertThat(check.foreignLines(oldPair.publicKey())).isEqualTo(1);
        }

        @Test
        void problemsAfter_nothingDone_nameBothKeys() {
            assertThat(check.problemsAfter(oldPair, newPair))
                    .anyMatch(problem -> problem.startsWith("server-01: the old key is still accepted"))
                    .anyMatch(problem -> problem.contains("does not log in"));
        }

        @Test
        void problemsAfter_sameKey_areThatItIsTheSame() {
            assertThat(check.problemsAfter(oldPair, oldPair))
                    .containsExactly("the store's current key is still the old one");
        }

        @Test
        void problemsAfter_oldKeyStillThere_nameIt() throws IOException {
            write("# theirs\r\nrestrict,pty " + newLine + "\nfrom=\"127.0.0.1\" " + oldLine + "\n");

            assertThat(check.problemsAfter(oldPair, newPair)).contains("server-01: the old key is still accepted");
        }

        @Test
        void problemsAfter_foreignLineEndChanged_nameIt() throws IOException {
            write("# theirs\nrestrict,pty " + newLine + "\n");

            assertThat(check.problemsAfter(oldPair, newPair))
                    .containsExactly("server-01: lines that are not ours have changed");
        }

        @Test
        void problemsAfter_optionLost_nameIt() throws IOException {
            write("# theirs\r\npty " + newLine + "\n");

            assertThat(check.problemsAfter(oldPair, newPair))
                    .containsExactly(
                            "server-01: the new key does not stand where the old one stood, with the same options");
        }

        @Test
        void problemsAfter_leftOvers_nameThem() throws IOException {
            write("# theirs\r\nrestrict,pty " + newLine + "\n");
            Files.createFile(server.authorizedKeysFile().resolveSibling(".keywright-0123456789abcdef"));

            assertThat(check.problemsAfter(oldPair, newPair))
                    .containsExactly("server-01: something was left behind: [.keywright-0123456789abcdef]");
        }

        @Test
        void problemsAfter_serverGone_areThatItCannotBeAsked() {
            server.stop();

            assertThat(check.problemsAfter(oldPair, newPair))
                    .anyMatch(problem -> problem.startsWith("server-01: it could not be asked about the old key"));
        }
    }

    @Nested
    class LockedOut {
        @Test
        void lockedOut_keyInFile_isNobody() {
            assertThat(check.lockedOut(oldPair)).isEmpty();
        }

        @Test
        void lockedOut_keyNotInFile_namesTheServer() {
            assertThat(check.lockedOut(newPair)).singleElement().asString().startsWith("server-01: the key SHA256:");
        }
    }

    @Nested
    class Changed {
        @Test
        void changed_untouched_isEmpty() throws IOException {
            assertThat(check.changed()).isEmpty();
        }

        @Test
        void changed_oneByte_namesTheServer() throws IOException {
            write("# theirs\nrestrict,pty " + oldLine + "\n");

            assertThat(check.changed()).extracting(FleetMember::id).containsExactly("server-01");
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(server.authorizedKeysFile(), text);
        Files.setPosixFilePermissions(server.authorizedKeysFile(), PosixFilePermissions.fromString("rw-------"));
    }
}
