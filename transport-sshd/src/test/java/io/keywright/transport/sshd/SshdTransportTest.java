package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.internal.Addresses;
import io.keywright.transport.internal.Deadline;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.io.IoConnectFuture;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.io.nio2.Nio2Session;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.util.Readable;
import org.apache.sshd.server.ServerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SshdTransportTest {
    private static SshTarget target(ContractServer server, ContractServer.Account account) {
        return SshTarget.of(server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    @Test
    void connect_socket_sendsSmallPacketsAtOnce() throws Exception {
        SshClient client = MinaClient.start(SshdSettings.DEFAULT);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                IoConnector connector = client.getIoServiceFactory().createConnector(new Silent())) {
            IoConnectFuture connected = connector.connect(server.getLocalSocketAddress(), null, null);
            assertThat(connected.await(Duration.ofSeconds(20))).isTrue();
            IoSession session = connected.getSession();
            assertThat(((Nio2Session) session).getSocket().getOption(StandardSocketOptions.TCP_NODELAY))
                    .isTrue();
            session.close(true);
        } finally {
            client.stop();
        }
    }

    /** Nothing is said over the connection. */
    private static final class Silent implements IoHandler {
        @Override
        public void sessionCreated(IoSession session) {
            // and nobody waits for it
        }

        @Override
        public void sessionClosed(IoSession session) {
            // as above
        }

        @Override
        public void exceptionCaught(IoSession session, Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void messageReceived(IoSession session, Readable message) {
            throw new AssertionError("nobody sends");
        }
    }

    @Nested
    class Create {
        @Test
        void discovery_findsThisTransport() {
            try (SshTransport transport = SshTransport.discover()) {
                assertThat(transport).isInstanceOf(SshdTransport.class);
                assertThat(transport.name()).isEqualTo("sshd");
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 257})
        void threadsOutOfRange_areRefused(int threads) {
            assertThatThrownBy(() -> SshdSettings.DEFAULT.withIoThreads(threads))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void oneThread_isEnough() {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
                    SshdTransport transport = SshdTransport.of(SshdSettings.DEFAULT.withIoThreads(1));
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                ContractServer.Account account = server.addAccount();
                account.authorize(List.of(pair.publicKey()));
                try (SshConnection connection =
                                transport.connect(ConnectRequest.of(target(server, account), LogIn.withKey(pair)));
                        SftpSession sftp = connection.openSftp()) {
                    sftp.createExclusive("file", 0600, new byte[200_000]);
                    assertThat(sftp.read("file", 200_000)).hasSize(200_000);
                }
            }
        }
    }

    @Nested
    class KeyExchange {
        @Test
        void order_isCheapAndStrongFirstAndSntrupLast() {
            Providers.handToMina();
            assertThat(NamedResource.getNameList(MinaClient.keyExchanges()))
                    .startsWith("mlkem768x25519-sha256", "curve25519-sha256")
                    .endsWith("sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com")
                    .doesNotContain("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1");
        }

        @Test
        void curve448_works() {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
                    SshdTransport transport = SshdTransport.create()) {
                server.mina()
                        .setKeyExchangeFactories(NamedFactory.setUpTransformedFactories(
                                false, List.of(BuiltinDHFactories.curve448), ServerBuilder.DH2KEX));

                assertThat(transport
                                .probe(target(server, server.addAccount()), List.of())
                                .hostKey())
                        .isEqualTo(server.hostKeys().get(0));
            }
        }
    }

    @Nested
    class Lookups {
        private final ExecutorService none = Executors.newSingleThreadExecutor();

        @AfterEach
        void stop() {
            none.shutdownNow();
        }

        private List<InetAddress> of(String host) {
            SshTarget target = SshTarget.of(
                    host, 22, "user", HostKeyVerifier.acceptNew(Path.of("no-such-directory", "known_hosts")));
            return Addresses.of(target, host, none, Deadline.in(Duration.ofSeconds(30)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "fe80::1", "2001:db8::192.0.2.33"})
        void literal_needsNoThread(String literal) {
            none.shutdownNow(); // would refuse the task

            assertThat(of(literal)).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"localhost", "1.2.3", "256.1.1.1", "1.2.3.4.", "1.2.3.4.5"})
        void anythingElse_isLookedUpOnAThreadOfItsOwn(String name) {
            none.shutdownNow();

            assertThatThrownBy(() -> of(name)).isInstanceOf(RejectedExecutionException.class);
        }

        @Test
        void localhost_isFound() {
            assertThat(of("localhost")).allMatch(InetAddress::isLoopbackAddress);
        }
    }

    /** In a JVM of its own: within one JVM the first user of MINA decides for all. */
    @Nested
    class Surroundings {
        @Test
        void use_registersNoProviderAndReadsNoHome(@TempDir Path home) throws Exception {
            // Were any of these read, the connection would fail or take a detour.
            Path ssh = Files.createDirectory(home.resolve(".ssh"));
            Files.writeString(ssh.resolve("config"), "Host *\n  HostName no-such-host.invalid\n  ProxyJump nowhere\n");
            Files.writeString(ssh.resolve("id_ed25519"), "broken");
            try (OpenSshServer server = OpenSshServer.start();
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(pair.publicKey().toLine() + "\n");
                Process process = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Duser.home=" + home,
                                "-cp",
                                System.getProperty("java.class.path"),
                                ProvidersProbe.class.getName(),
                                server.host(),
                                Integer.toString(server.port()),
                                account.name(),
                                server.hostKeys().get(0).toLine(),
                                pair.publicKey().toLine())
                        .redirectErrorStream(true)
                        .start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(output).endsWith("[ACCEPTED]\nproviders unchanged\n");
            }
        }
    }
}
