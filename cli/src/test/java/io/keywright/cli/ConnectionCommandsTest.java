package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.format.KeyReader;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.testkit.server.TestAgent;
import io.keywright.testkit.server.TestProxy;
import io.keywright.transport.TransportTimeouts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code connect}, {@code exec} and {@code tunnel} against a real sshd. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionCommandsTest {
    private Path folder;
    private OpenSshServer server;
    private Path key;
    private Path knownHosts;
    private String place;

    @BeforeAll
    void start(@TempDir Path shared) throws Exception {
        folder = shared;
        server = OpenSshServer.start();
        ServerAccount account = server.addAccount();
        key = folder.resolve("key");
        Cli.run("generate", "--out", key).quietly();
        account.writeAuthorizedKeys(Files.readString(folder.resolve("key.pub")));
        knownHosts = Files.writeString(folder.resolve("known_hosts"), server.knownHosts());
        place = account.name() + "@" + server.host() + ":" + server.port();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Cli.Result exec(Object... arguments) {
        return Cli.run(Cli.arguments(java.util.List.of("exec", "--known-hosts", knownHosts), arguments));
    }

    @Nested
    class Exec {
        @Test
        void exec_streamsAndExitCode_areTheCommands() {
            Cli.Result result = exec("--key", key, place, "--", "echo", "to", "out;", "echo to err >&2;", "exit 7");

            assertThat(result.out()).isEqualTo("to out\n");
            assertThat(result.err()).isEqualTo("to err\n");
            assertThat(result.exitCode()).isEqualTo(7);
        }

        @Test
        void exec_stdin_reachesTheCommand() {
            Cli.Result result = Cli.shell()
                    .withInput("typed\n".getBytes(StandardCharsets.UTF_8))
                    .keywright("exec", "--known-hosts", knownHosts, "--key", key, "--stdin", place, "tr a-z A-Z");

            assertThat(result.quietly().out()).isEqualTo("TYPED\n");
        }

        @Test
        void exec_agent_logsIn() throws Exception {
            try (TestAgent agent = TestAgent.start();
                    SshKeyPair pair = KeyReader.of().read(key)) {
                agent.add(pair);
                Cli.Result result = Cli.shell()
                        .withVariable("SSH_AUTH_SOCK", agent.socket().toString())
                        .keywright("exec", "--known-hosts", knownHosts, "--agent", place, "echo on");

                assertThat(result.quietly().out()).isEqualTo("on\n");
            }
        }

        @Test
        void exec_jumpsAndProxy_leadThere() {
            try (TestProxy proxy = TestProxy.start()) {
                Cli.Result result = exec(
                        "--key",
                        key,
                        "--jump",
                        place,
                        "--jump",
                        place,
                        "--socks5",
                        "127.0.0.1:" + proxy.port(),
                        place,
                        "echo on");

                assertThat(result.quietly().out()).isEqualTo("on\n");
                assertThat(proxy.destinations()).containsExactly("127.0.0.1:" + server.port());
            }
        }

        @Test
        void exec_jumps_leaveEachTimeToAskSomebody() {
            TransportTimeouts none = ConnectionOptions.timeouts(0);
            TransportTimeouts two = ConnectionOptions.timeouts(2);

            assertThat(none.connect()).isEqualTo(TransportTimeouts.DEFAULT.connect());
            assertThat(two.connect())
                    .isEqualTo(none.connect()
                            .multipliedBy(3)
                            .plus(none.authentication().multipliedBy(2)));
            assertThat(two.authentication()).isEqualTo(none.authentication());
        }

        @Test
        void exec_httpProxy_leadsThere() {
            try (TestProxy proxy = TestProxy.start()) {
                exec("--key", key, "--http-proxy", "127.0.0.1:" + proxy.port(), place, "true")
                        .quietly();

                assertThat(proxy.destinations()).hasSize(1);
            }
        }

        @Test
        void exec_unknownHost_isRefusedUntilItIsAccepted() throws Exception {
            Path empty = Files.writeString(folder.resolve("nobody"), "");

            assertThat(Cli.run("exec", "--known-hosts", empty, "--key", key, place, "true")
                            .failure())
                    .contains("host key");
            Cli.run("exec", "--known-hosts", empty, "--accept-new", "--key", key, place, "true")
                    .quietly();
            Cli.run("exec", "--known-hosts", empty, "--key", key, place, "true").quietly();
        }

        @Test
        void exec_signal_isNamed() {
            Cli.Result result = exec("--key", key, place, "kill -TERM $$");

            assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
            assertThat(result.err()).contains("signal TERM");
        }

        @ParameterizedTest
        @ValueSource(strings = {"sshd", "sshj"})
        void exec_eitherTransport_connects(String library) {
            assertThat(exec("--transport", library, "--key", key, place, "echo on")
                            .quietly()
                            .out())
                    .isEqualTo("on\n");
        }

        @Test
        void exec_otherTransport_isWrongUsage() {
            assertThat(exec("--transport", "jsch", "--key", key, place, "true").usageError())
                    .contains("sshd or sshj");
        }

        @Test
        void exec_noOrSeveralWaysToLogIn_isWrongUsage() {
            assertThat(exec(place, "true").usageError()).contains("--key");
            assertThat(exec("--key", key, "--agent", place, "true").usageError())
                    .contains("in one way");
        }

        @Test
        void exec_places_areChecked() {
            assertThat(exec("--key", key, "a@b:99999", "true").usageError()).contains("1..65535");
            assertThat(exec("--key", key, "--socks5", "proxy", place, "true").usageError())
                    .contains("HOST:PORT");
            assertThat(exec("--key", key, "--jump", "a:b:c", place, "true").usageError())
                    .contains("[USER@]HOST[:PORT]");
        }

        @Test
        void exec_agentThatIsNotThere_isSaid() {
            assertThat(exec("--agent", place, "true").failure()).contains("SSH_AUTH_SOCK");
        }
    }

    @Nested
    class Connect {
        @Test
        void connect_noTerminal_isSaid() {
            assertThat(Cli.run("connect", "--known-hosts", knownHosts, "--key", key, place)
                            .failure())
                    .contains("terminal", "keywright exec");
        }

        /** {@code script} gives the program a terminal, as a person's window does. */
        @Test
        @Timeout(120)
        void connect_terminal_isTypedIntoAndItsExitCodeIsTheShells() throws Exception {
            String command = Tool.keywright()
                    .command("connect", "--known-hosts", knownHosts.toString(), "--key", key.toString(), place, "sh")
                    .stream()
                    .map(word -> "'" + word + "'")
                    .collect(Collectors.joining(" "));
            Process process = Tool.find("script", "bsdutils")
                    .start(folder, "-q", "-e", "-c", "stty rows 30 cols 100; exec " + command, "/dev/null");
            try (OutputStream typed = process.getOutputStream();
                    BufferedReader shown = reader(process)) {
                typed.write("echo size $(stty size); echo answer $((6*7))\n".getBytes(StandardCharsets.UTF_8));
                typed.flush();
                StringBuilder seen = new StringBuilder();
                while (seen.indexOf("answer 42") < 0) {
                    int next = shown.read();
                    assertThat(next).as("the end, after: " + seen).isNotNegative();
                    seen.append((char) next);
                }
                assertThat(seen).contains("size 30 100");
                typed.write("exit 5\n".getBytes(StandardCharsets.UTF_8));
                typed.flush();
                shown.transferTo(java.io.Writer.nullWriter());

                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isEqualTo(5);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Nested
    class Tunnel {
        @Test
        @Timeout(120)
        void tunnel_port_leadsBeyondTheServer() throws Exception {
            Process process = Tool.keywright()
                    .start(
                            folder,
                            "tunnel",
                            "--known-hosts",
                            knownHosts.toString(),
                            "--key",
                            key.toString(),
                            "--to",
                            "127.0.0.1:" + server.port(),
                            place);
            try (BufferedReader said = reader(process)) {
                String local = said.readLine();
                assertThat(local).startsWith("127.0.0.1:");
                int port = Integer.parseInt(local.substring(local.indexOf(':') + 1));
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    byte[] banner = socket.getInputStream().readNBytes(8);

                    assertThat(new String(banner, StandardCharsets.US_ASCII)).isEqualTo("SSH-2.0-");
                }
            } finally {
                process.destroy();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
