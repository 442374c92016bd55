package io.keywright.rotation;

import static io.keywright.rotation.SimulatedServer.FILE;
import static io.keywright.rotation.SimulatedServer.HOME;
import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of write access without trying. */
class WriteAccessTest {
    private static final int SOMEBODY = 4321;

    private SimulatedServer server;

    @BeforeEach
    void start() {
        server = new SimulatedServer();
    }

    private Optional<String> obstacle(String user, String path) {
        try (SshConnection connection = server.connect(user);
                SftpSession sftp = connection.openSftp()) {
            return new WriteAccess(sftp).obstacle(path);
        }
    }

    @Nested
    class Obstacle {
        @ParameterizedTest
        @CsvSource({"0700, true", "0300, true", "0500, false", "0577, false"})
        void directoryOfTheAccount_asItsModeAllows(String mode, boolean may) {
            server.account.files().makeDirectory(HOME + "/own", 0700);
            server.files.setPermissions(HOME + "/own", Integer.parseInt(mode, 8));
            assertThat(obstacle("deploy", HOME + "/own/new").isEmpty()).isEqualTo(may);
        }

        @ParameterizedTest
        @CsvSource({"0713, true", "0731, true", "0711, false", "0755, false", "0754, false"})
        void directoryOfAnother_asItsModeAllowsOthers(String mode, boolean may) {
            server.account.addGroup(SOMEBODY);
            server.files.makeDirectory("/srv", 0755);
            server.files.setOwner("/srv", SOMEBODY, SOMEBODY);
            server.files.setPermissions("/srv", Integer.parseInt(mode, 8));
            assertThat(obstacle("deploy", "/srv/keys").isEmpty()).isEqualTo(may);
            if (!may) {
                assertThat(obstacle("deploy", "/srv/keys"))
                        .hasValueSatisfying(told -> assertThat(told)
                                .contains(
                                        "may not write in /srv, which has mode " + mode + " and belongs to uid 4321"));
            }
        }

        @Test
        void missingDirectories_areMadeInTheNextAbove() {
            assertThat(obstacle("deploy", HOME + "/a/b/c")).isEmpty();
            server.files.setPermissions(HOME, 0555);
            assertThat(obstacle("deploy", HOME + "/a/b/c"))
                    .hasValueSatisfying(told -> assertThat(told).contains("in " + HOME + ","));
        }

        @Test
        void fileOfAnother_isInTheWay() {
            server.write(FILE, "");
            server.files.setOwner(FILE, SOMEBODY, SOMEBODY);
            assertThat(obstacle("deploy", FILE))
                    .hasValueSatisfying(told -> assertThat(told)
                            .isEqualTo(FILE + " belongs to uid 4321, and the account" + " is uid "
                                    + server.account.uid()));
        }

        @Test
        void root_mayEverything() {
            server.addRoot();
            server.files.setPermissions(HOME, 0);
            assertThat(obstacle("root", FILE)).isEmpty();
        }
    }
}
