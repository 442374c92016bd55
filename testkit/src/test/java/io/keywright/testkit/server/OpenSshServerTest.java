package io.keywright.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywright.Passphrase;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenSshServerTest {
    @TempDir
    Path directory;

    private Path newKey() {
        Path key = directory.resolve("key");
        Tools.run(new byte[0], List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));
        return key;
    }

    private static String publicLine(Path key) throws IOException {
        return Files.readString(Path.of(key + ".pub"));
    }

    /** What the real client says; its output, or its failure. */
    private String ssh(OpenSshServer server, ServerAccount account, Path key, String command) throws IOException {
        Path knownHosts = Files.writeString(directory.resolve("known_hosts"), server.knownHosts());
        return Tools.run(
                new byte[0],
                List.of(
                        "ssh",
                        "-F",
                        "none",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "UserKnownHostsFile=" + knownHosts,
                        "-o",
                        "StrictHostKeyChecking=yes",
                        "-i",
                        key.toString(),
                        "-p",
                        Integer.toString(server.port()),
                        account.name() + "@" + server.host(),
                        command));
    }

    private static boolean exists(ServerAccount account) throws IOException {
        return Files.readString(Path.of("/etc/passwd")).contains(account.name() + ":");
    }

    private static void assertNobodyListens(int port) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(IOException.class);
    }

    @Nested
    class LogIn {
        @Test
        void authorizedKey_logsInWithTheRealClient() throws IOException {
            Path key = newKey();
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(publicLine(key));

                assertThat(ssh(server, account, key, "id -un")).isEqualTo(account.name() + "\n");
                assertThat(server.awaitLog(log -> log.contains("Accepted publickey for " + account.name())))
                        .contains("debug3:");
            }
        }

        @Test
        void otherKey_isRefused() throws IOException {
            Path key = newKey();
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys("# nobody\n");

                assertThatThrownBy(() -> ssh(server, account, key, "true")).hasMessageContaining("Permission denied");
            }
        }

        @Test
        void fileThatOthersMayWrite_isIgnoredByStrictModes() throws IOException {
            Path key = newKey();
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(publicLine(key));
                account.setMode(account.authorizedKeys(), 0666); // 0664 alone is fine for Debian: a group of one

                assertThatThrownBy(() -> ssh(server, account, key, "true")).hasMessageContaining("Permission denied");
                assertThat(server.awaitLog(log -> log.contains("Authentication refused")))
                        .contains("bad ownership or modes");
            }
        }

        @Test
        void configLine_winsOverTheDefault() throws IOException {
            Path key = newKey();
            try (OpenSshServer server = OpenSshServer.builder()
                    .withConfigLine("PubkeyAuthentication no")
                    .start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(publicLine(key));

                assertThatThrownBy(() -> ssh(server, account, key, "true")).hasMessageContaining("Permission denied");
            }
        }

        @Test
        void hostKeysOfEveryType_areOffered() {
            try (OpenSshServer server = OpenSshServer.builder()
                    .withHostKeys("ed25519", "ecdsa", "rsa")
                    .start()) {
                assertThat(server.hostKeys())
                        .extracting(io.keywright.SshPublicKey::algorithm)
                        .containsExactly("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa");
                String scanned = Tools.run(
                        new byte[0], List.of("ssh-keyscan", "-p", Integer.toString(server.port()), server.host()));
                server.hostKeys().forEach(hostKey -> assertThat(scanned).contains(hostKey.toLine()));
            }
        }
    }

    @Nested
    class Accounts {
        @Test
        void files_areTheAccountsOwnWithTheModesOfSshd() throws IOException {
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys("# empty\n");

                Path file = account.authorizedKeys();
                assertThat(Files.getOwner(file).getName()).isEqualTo(account.name());
                assertThat(Files.getOwner(file.getParent()).getName()).isEqualTo(account.name());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                        .isEqualTo("rwx------");
                assertThat(account.readAuthorizedKeys()).isEqualTo("# empty\n".getBytes(StandardCharsets.UTF_8));
            }
        }

        @Test
        void severalAccounts_areThereAndGoneWithTheServer() throws IOException {
            assumeTrue(OpenSshServer.isRoot(), "only root makes accounts");
            List<ServerAccount> accounts;
            try (OpenSshServer server = OpenSshServer.start()) {
                accounts = List.of(server.addAccount(), server.addAccount(), server.addAccount());
                Map<String, ServerAccount> byName =
                        accounts.stream().collect(Collectors.toMap(ServerAccount::name, Function.identity()));
                assertThat(byName).hasSize(3);
                for (ServerAccount account : accounts) {
                    assertThat(exists(account)).isTrue();
                    assertThat(account.isThrowAway()).isTrue();
                    assertThat(account.home()).isDirectory();
                }
            }
            for (ServerAccount account : accounts) {
                assertThat(exists(account)).isFalse();
                assertThat(account.home()).doesNotExist();
            }
        }

        @Test
        void password_isSetWithoutBeingAnArgument() throws IOException {
            assumeTrue(OpenSshServer.isRoot(), "only root sets passwords");
            try (OpenSshServer server =
                            OpenSshServer.builder().withPasswordAuthentication().start();
                    Passphrase password = Passphrase.of("a pass:word".toCharArray())) {
                ServerAccount account = server.addAccount();
                account.setPassword(password);

                // The transport's contract logs in with it; here it is enough that it is a usable one.
                String entry = Files.readAllLines(Path.of("/etc/shadow")).stream()
                        .filter(line -> line.startsWith(account.name() + ":"))
                        .findFirst()
                        .orElseThrow();
                assertThat(entry).startsWith(account.name() + ":$");
            }
        }
    }

    @Nested
    class End {
        @Test
        void kill_endsTheSessionsToo() throws Exception {
            Path key = newKey();
            try (OpenSshServer server = OpenSshServer.start()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(publicLine(key));
                Thread killer = new Thread(() -> {
                    server.awaitLog(log -> log.contains("Starting session: command"));
                    server.kill();
                });
                killer.start();

                assertThatThrownBy(() -> ssh(server, account, key, "sleep 60")).hasMessageContaining("failed with 255");
                killer.join();
                assertNobodyListens(server.port());
            }
        }

        @Test
        void closeTwice_isFine() {
            OpenSshServer server = OpenSshServer.start();
            server.close();
            server.close();

            assertNobodyListens(server.port());
        }

        @Test
        void jvmThatForgetsToClose_leavesNothing() throws Exception {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Forgetful.class.getName())
                    .redirectErrorStream(true)
                    .start();
            String output;
            try (InputStream stream = process.getInputStream()) {
                output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            String[] facts = output.strip().split(" ", -1);
            assertThat(facts).as(output).hasSize(3);

            assertNobodyListens(Integer.parseInt(facts[0]));
            if (OpenSshServer.isRoot()) {
                assertThat(Files.readString(Path.of("/etc/passwd"))).doesNotContain(facts[1]);
            }
            assertThat(Path.of(facts[2])).doesNotExist();
        }
    }

    /** Starts a server and leaves it to the JVM's end. */
    static final class Forgetful {
        private Forgetful() {}

        /** Prints port, account and the file of keys. */
        @SuppressWarnings("resource") // that is the point
        public static void main(String[] arguments) {
            OpenSshServer server = OpenSshServer.start();
            ServerAccount account = server.addAccount();
            account.writeAuthorizedKeys("# nobody\n");
            System.out.println(server.port() + " " + account.name() + " " + account.authorizedKeys());
        }
    }
}
