package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.testkit.server.TestProxy;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KeySigner;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.Route;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.TransportTimeouts;
import io.keywright.transport.UnreachableException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jump hosts and proxies: a part of {@link TransportContractTest}. */
abstract class RouteContract extends ContractGroup {
    // tcpmux, which nobody serves any more: a port that was free a moment ago may be somebody's by now
    private static final int UNUSED_PORT = 1;
    private static final LogIn LOG_IN = LogIn.withKey(ContractKeys.MAIN.pair());

    private final ContractServer server;

    RouteContract(AnyServerContractTest test) {
        super(test);
        server = server(ServerOptions.DEFAULT);
    }

    private SshTarget account() {
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        return target(server, account);
    }

    private void assertWorks(SshTarget target) {
        try (SshConnection connection = transport.connect(ConnectRequest.of(target, LOG_IN))) {
            assertThat(connection.exec(ExecRequest.of("echo through")).stdoutText())
                    .isEqualTo("through\n");
            assertThat(connection.hostKey()).isEqualTo(server.hostKeys().get(0));
        }
    }

    // --- jump hosts ---

    @Test
    void jumpHost_carriesCommandsAndFiles() {
        SshTarget inner = account().withRoute(Route.jumpHost(account(), LOG_IN));
        byte[] big = new byte[3 << 20];
        Arrays.fill(big, (byte) 'x');
        try (SshConnection connection = transport.connect(ConnectRequest.of(inner, LOG_IN));
                SftpSession sftp = connection.openSftp()) {
            sftp.createExclusive("big", 0600, big);

            assertThat(Arrays.equals(sftp.read("big", big.length), big)).isTrue();
            ExecRequest cat = ExecRequest.of("cat").withStdin(big).withOutputLimit(big.length);
            assertThat(Arrays.equals(connection.exec(cat).stdout(), big)).isTrue();
            sftp.remove("big");
        }
    }

    @Test
    void twoJumpHosts_carryAConnection() {
        SshTarget first = account();
        SshTarget second = account().withRoute(Route.jumpHost(first, LOG_IN));

        assertWorks(account().withRoute(Route.jumpHost(second, LOG_IN)));
    }

    @Test
    void probeThroughAJumpHost_isAnswered() {
        SshTarget inner = account().withRoute(Route.jumpHost(account(), LOG_IN));

        assertThat(transport
                        .probe(inner, List.of(ContractKeys.SPARE.publicKey(), ContractKeys.MAIN.publicKey()))
                        .answers())
                .containsExactly(ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED);
    }

    @Test
    void closing_closesTheJumpHostsConnectionToo() {
        SshTarget hop = account();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshTarget relayed = SshTarget.of(relay.host(), relay.port(), hop.user(), hop.hostKeys());
            SshConnection connection =
                    transport.connect(ConnectRequest.of(account().withRoute(Route.jumpHost(relayed, LOG_IN)), LOG_IN));
            assertThat(relay.accepted()).isEqualTo(1);
            connection.close();

            assertThat(relay.awaitNoneOpen(Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void jumpHostThatIsLost_isTheConnectionsLoss() {
        SshTarget hop = account();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshTarget relayed = SshTarget.of(relay.host(), relay.port(), hop.user(), hop.hostKeys());
            try (SshConnection connection = transport.connect(
                    ConnectRequest.of(account().withRoute(Route.jumpHost(relayed, LOG_IN)), LOG_IN))) {
                relay.cut();

                assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                        .isInstanceOf(io.keywright.transport.ConnectionLostException.class);
                assertThat(connection.isOpen()).isFalse();
            }
        }
    }

    @Test
    @Timeout(60)
    void jumpHostThatHangs_isATimeoutOfTheConnect() {
        SshTarget hop = account();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            relay.freeze();

            assertTimesOutThrough(relay, hop, LOG_IN);
        }
    }

    @Test
    @Timeout(60)
    void jumpHostThatDoesNotAnswerTheLogIn_isATimeoutOfTheConnect() {
        SshTarget hop = account();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            assertTimesOutThrough(relay, hop, LogIn.withSigner(new KeySigner() {
                @Override
                public SshPublicKey publicKey() {
                    return ContractKeys.MAIN.publicKey();
                }

                @Override
                public byte[] sign(byte[] message, String algorithm) {
                    relay.freeze();
                    return KeySigner.of(ContractKeys.MAIN.pair()).sign(message, algorithm);
                }
            }));
        }
    }

    /** Whatever time the jump host has of its own. */
    private void assertTimesOutThrough(TcpRelay relay, SshTarget hop, LogIn logIn) {
        SshTarget relayed = SshTarget.of(relay.host(), relay.port(), hop.user(), hop.hostKeys())
                .withTimeouts(timeouts(Duration.ofMinutes(10)));
        TransportTimeouts patient = timeouts(Duration.ofMinutes(10));
        SshTarget inner = account()
                .withTimeouts(TransportTimeouts.of(Duration.ofSeconds(2), patient.authentication(), patient.request()))
                .withRoute(Route.jumpHost(relayed, logIn));

        assertThatThrownBy(() -> transport.connect(ConnectRequest.of(inner, LOG_IN)))
                .isInstanceOf(TransportTimeoutException.class)
                .hasMessageContaining(relayed.toString());
    }

    @Test
    void refusedLogInAtTheJumpHost_namesTheJumpHost() {
        SshTarget hop = account();
        SshTarget inner = account().withRoute(Route.jumpHost(hop, LogIn.withKey(ContractKeys.SPARE.pair())));
        ConnectRequest request = ConnectRequest.of(inner, LOG_IN);

        assertThatThrownBy(() -> transport.connect(request))
                .isInstanceOf(AuthenticationRefusedException.class)
                .hasMessageContaining(hop.toString());
    }

    @Test
    void changedHostKeyOfTheJumpHost_stops() {
        SshTarget hop = account().withHostKeys(HostKeyVerifier.pinned(List.of(ContractKeys.SPARE.publicKey())));
        ConnectRequest request = ConnectRequest.of(account().withRoute(Route.jumpHost(hop, LOG_IN)), LOG_IN);

        assertThatThrownBy(() -> transport.connect(request)).isInstanceOf(HostKeyRejectedException.class);
    }

    @Test
    void changedHostKeyBehindTheJumpHost_stops() {
        SshTarget inner = account()
                .withHostKeys(HostKeyVerifier.pinned(List.of(ContractKeys.SPARE.publicKey())))
                .withRoute(Route.jumpHost(account(), LOG_IN));

        assertThatThrownBy(() -> transport.connect(ConnectRequest.of(inner, LOG_IN)))
                .isInstanceOf(HostKeyRejectedException.class);
    }

    @Test
    void nothingBehindTheJumpHost_isUnreachable() {
        SshTarget hop = account();
        SshTarget nowhere =
                SshTarget.of("127.0.0.1", UNUSED_PORT, "user", hop.hostKeys()).withRoute(Route.jumpHost(hop, LOG_IN));

        assertThatThrownBy(() -> transport.connect(ConnectRequest.of(nowhere, LOG_IN)))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining(nowhere.toString());
    }

    // --- proxies ---

    @Test
    void socks5_carriesAConnectionByName() {
        try (TestProxy proxy = TestProxy.start()) {
            SshTarget target = account();
            SshTarget byName = SshTarget.of("localhost", target.port(), target.user(), target.hostKeys());
            assertWorks(byName.withRoute(Route.socks5(proxy.host(), proxy.port())));

            assertThat(proxy.destinations()).containsExactly("localhost:" + target.port());
        }
    }

    @Test
    void httpConnect_carriesAConnectionByName() {
        try (TestProxy proxy = TestProxy.start()) {
            SshTarget target = account();
            SshTarget byName = SshTarget.of("localhost", target.port(), target.user(), target.hostKeys());
            assertWorks(byName.withRoute(Route.httpConnect(proxy.host(), proxy.port())));

            assertThat(proxy.destinations()).containsExactly("localhost:" + target.port());
        }
    }

    @Test
    void proxiesThatAsk_areAnswered() {
        try (TestProxy proxy = TestProxy.start("me", "s3cret pass");
                Passphrase password = password("s3cret pass")) {
            assertWorks(account().withRoute(Route.socks5(proxy.host(), proxy.port(), "me", password)));
            assertWorks(account().withRoute(Route.httpConnect(proxy.host(), proxy.port(), "me", password)));
        }
    }

    @Test
    void wrongProxyPassword_isNoRetry() {
        try (TestProxy proxy = TestProxy.start("me", "s3cret pass");
                Passphrase password = password("wr0ng")) {
            for (Route route : List.of(
                    Route.socks5(proxy.host(), proxy.port(), "me", password),
                    Route.httpConnect(proxy.host(), proxy.port(), "me", password),
                    Route.socks5(proxy.host(), proxy.port()),
                    Route.httpConnect(proxy.host(), proxy.port()))) {
                ConnectRequest request = ConnectRequest.of(account().withRoute(route), LOG_IN);
                TransportException failure =
                        catchThrowableOfType(TransportException.class, () -> transport.connect(request));

                assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
                assertThat(failure.retryable()).isFalse();
                assertThat(failure).message().doesNotContain("wr0ng");
            }
        }
    }

    @Test
    void nothingBehindTheProxy_isUnreachable() {
        try (TestProxy proxy = TestProxy.start()) {
            for (Route route :
                    List.of(Route.socks5(proxy.host(), proxy.port()), Route.httpConnect(proxy.host(), proxy.port()))) {
                SshTarget nowhere = SshTarget.of(
                                "127.0.0.1", UNUSED_PORT, "user", account().hostKeys())
                        .withRoute(route);

                assertThatThrownBy(() -> transport.connect(ConnectRequest.of(nowhere, LOG_IN)))
                        .isInstanceOf(UnreachableException.class);
            }
        }
    }

    @Test
    void proxyThatIsNotThere_isUnreachable() {
        SshTarget target = account().withRoute(Route.socks5("127.0.0.1", UNUSED_PORT));

        assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LOG_IN)))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("proxy");
    }

    @Test
    void proxyThatHangs_isATimeout() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, java.net.InetAddress.getLoopbackAddress())) {
            SshTarget target = account()
                    .withTimeouts(timeouts(Duration.ofSeconds(1)))
                    .withRoute(Route.httpConnect("127.0.0.1", silent.getLocalPort()));

            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LOG_IN)))
                    .isInstanceOf(TransportTimeoutException.class);
        }
    }

    @Test
    void jumpHostBehindAProxy_carriesAConnection() {
        try (TestProxy proxy = TestProxy.start()) {
            SshTarget hop = account().withRoute(Route.socks5(proxy.host(), proxy.port()));
            assertWorks(account().withRoute(Route.jumpHost(hop, LOG_IN)));

            assertThat(proxy.destinations()).hasSize(1);
        }
    }
}
