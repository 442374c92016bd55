package io.keywright.transport.sshj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.SshTransportProvider;
import io.keywright.transport.sshd.MinaServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.common.Factory;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SshjTransportTest {
    private static SshTarget target(ContractServer server, ContractServer.Account account) {
        return SshTarget.of(server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    /** Sends much there and back, through a command and through SFTP. */
    private static void assertCarries(SshTransport transport, SshTarget target, SshKeyPair pair) {
        byte[] data = new byte[1 << 20];
        new Random(4).nextBytes(data);
        try (SshConnection connection = transport.connect(ConnectRequest.of(target, LogIn.withKey(pair)));
                SftpSession sftp = connection.openSftp()) {
            assertThat(connection.exec(ExecRequest.of("cat").withStdin(data)).stdout())
                    .isEqualTo(data);
            sftp.createExclusive("kw-data", 0600, data);
            assertThat(sftp.read("kw-data", data.length)).isEqualTo(data);
            sftp.remove("kw-data");
        }
    }

    @Test
    void connect_socket_sendsSmallPacketsAtOnce() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket()) {
            Routes.connect(socket, new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
            assertThat(socket.getTcpNoDelay()).isTrue();
        }
    }

    @Nested
    class Create {
        @Test
        void discovery_offersThisTransport() {
            assertThat(ServiceLoader.load(SshTransportProvider.class))
                    .filteredOn(provider -> provider.name().equals("sshj"))
                    .singleElement()
                    .satisfies(provider -> {
                        try (SshTransport transport = provider.create()) {
                            assertThat(transport).isInstanceOf(SshjTransport.class);
                            assertThat(transport.name()).isEqualTo("sshj");
                        }
                    });
        }

        @Test
        void discoveryOfTwo_asksForAnInstance() {
            // MINA's transport is on the class path of these tests, because its server is.
            assertThatThrownBy(SshTransport::discover)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("sshj", "sshd", "pass an instance");
        }
    }

    @Nested
    class KeyExchange {
        @Test
        void order_isCheapAndStrongFirstAndSntrupLast() {
            assertThat(Factory.Named.Util.getNames(KeyExchanges.FACTORIES))
                    .startsWith("mlkem768x25519-sha256", "curve25519-sha256")
                    .endsWith("sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com", "ext-info-c")
                    .noneMatch(name -> name.endsWith("sha1"));
        }
    }

    @Nested
    class Encryption {
        @ParameterizedTest
        @EnumSource(
                value = BuiltinCiphers.class,
                names = {"aes128gcm", "aes256gcm", "cc20p1305_openssh", "aes128ctr", "aes192ctr", "aes256ctr"})
        void eachCipher_works(BuiltinCiphers cipher) {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT)) {
                server.mina().setCipherFactories(List.of(cipher));
                assertCarries(server);
            }
        }

        @ParameterizedTest
        @EnumSource(
                value = BuiltinMacs.class,
                names = {"hmacsha256etm", "hmacsha512etm", "hmacsha256", "hmacsha512", "hmacsha1etm", "hmacsha1"})
        void eachMac_works(BuiltinMacs mac) {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT)) {
                server.mina().setCipherFactories(List.of(BuiltinCiphers.aes128ctr));
                server.mina().setMacFactories(List.of(mac));
                assertCarries(server);
            }
        }

        private void assertCarries(MinaServer server) {
            try (SshjTransport transport = SshjTransport.create();
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                ContractServer.Account account = server.addAccount();
                account.authorize(List.of(pair.publicKey()));
                SshjTransportTest.assertCarries(transport, target(server, account), pair);
            }
        }
    }

    /** In a JVM of its own: here MINA's server has been at work. */
    @Nested
    class Surroundings {
        @Test
        void use_registersNothingAndReadsNoHome(@TempDir Path home) throws Exception {
            // Were any of these read, the connection would fail or take a detour.
            Path ssh = Files.createDirectory(home.resolve(".ssh"));
            Files.writeString(ssh.resolve("known_hosts"), "broken");
            Files.writeString(ssh.resolve("id_ed25519"), "broken");
            try (OpenSshServer server = OpenSshServer.start();
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                ServerAccount account = server.addAccount();
                account.writeAuthorizedKeys(pair.publicKey().toLine() + "\n");
                Process process = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-Duser.home=" + home,
                                // nobody listens there: a route is what the target says, not what the JVM is told
                                "-DsocksProxyHost=127.0.0.1",
                                "-DsocksProxyPort=1",
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
                assertThat(output).endsWith("[ACCEPTED]\nproviders unchanged\nsshj unchanged\n");
            }
        }
    }
}
