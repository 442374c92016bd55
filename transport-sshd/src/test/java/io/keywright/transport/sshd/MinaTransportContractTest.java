package io.keywright.transport.sshd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.testkit.transport.TransportContractTest;
import io.keywright.transport.AuthenticationLimitException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.ShellRequest;
import io.keywright.transport.ShellSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.ServerBuilder;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link TransportContractTest} against MINA's server, and what only that can be set up to do. Public for other transports. */
public abstract class MinaTransportContractTest extends TransportContractTest {

    @Override
    protected final ContractServer startServer(ServerOptions options) {
        return MinaServer.start(options);
    }

    private static SshTarget target(MinaServer server, ContractServer.Account account) {
        return SshTarget.of(server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    /** Servers that can exchange keys in one way only. */
    @Nested
    class KeyExchanges {
        private MinaServer serverWith(BuiltinDHFactories exchange) {
            MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
            server.mina()
                    .setKeyExchangeFactories(
                            NamedFactory.setUpTransformedFactories(false, List.of(exchange), ServerBuilder.DH2KEX));
            return server;
        }

        @ParameterizedTest
        @EnumSource(
                value = BuiltinDHFactories.class,
                names = {
                    "mlkem768x25519",
                    "curve25519",
                    "curve25519_libssh",
                    "ecdhp256",
                    "ecdhp384",
                    "ecdhp521",
                    "dhgex256",
                    "dhg18_512",
                    "dhg16_512",
                    "dhg14_256",
                    "sntrup761x25519",
                    "sntrup761x25519_openssh"
                })
        void eachOfThem_works(BuiltinDHFactories exchange) {
            try (MinaServer server = serverWith(exchange)) {
                assertThat(transport()
                                .probe(target(server, server.addAccount()), List.of())
                                .hostKey())
                        .isEqualTo(server.hostKeys().get(0));
            }
        }

        @Test
        void connect_serverOffersEverything_agreesOnTheCheapestOfTheStrong() {
            Map<KexProposalOption, String> agreed = new ConcurrentHashMap<>();
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT)) {
                server.mina().addSessionListener(new SessionListener() {
                    // Before the client has the host key: later the session may be over.
                    @Override
                    public void sessionNegotiationEnd(
                            Session session,
                            Map<KexProposalOption, String> ofTheClient,
                            Map<KexProposalOption, String> ofTheServer,
                            Map<KexProposalOption, String> negotiated,
                            Throwable reason) {
                        agreed.putAll(negotiated);
                    }
                });
                assertThat(transport()
                                .probe(target(server, server.addAccount()), List.of())
                                .hostKey())
                        .isEqualTo(server.hostKeys().get(0));
            }
            assertThat(agreed)
                    .containsEntry(KexProposalOption.ALGORITHMS, "mlkem768x25519-sha256")
                    .containsEntry(KexProposalOption.C2SENC, "aes256-gcm@openssh.com")
                    .containsEntry(KexProposalOption.S2CENC, "aes256-gcm@openssh.com")
                    .containsEntry(KexProposalOption.C2SCOMP, "none");
        }

        @Test
        void nothingInCommon_isNoKeyExchange() {
            try (MinaServer server = serverWith(BuiltinDHFactories.dhg15_512)) {
                assertThatThrownBy(() -> transport().probe(target(server, server.addAccount()), List.of()))
                        .isInstanceOf(KeyExchangeException.class);
            }
        }
    }

    /** What a server hears of a terminal that has none of its own. */
    @Nested
    class Terminals {
        @Test
        void shell_theServerHearsOfTheTerminalItsSizesAndWhatIsTyped() throws Exception {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
                    SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                ContractServer.Account account = server.addAccount();
                account.authorize(List.of(pair.publicKey()));
                ShellRequest request = ShellRequest.of("vt220", new TerminalSize(80, 24));
                try (SshConnection connection =
                                transport().connect(ConnectRequest.of(target(server, account), LogIn.withKey(pair)));
                        ShellSession shell =
                                connection.shellAccess().orElseThrow().openShell(request)) {
                    assertThat(line(shell)).isEqualTo("vt220 of 80x24");
                    shell.resize(new TerminalSize(132, 50));
                    assertThat(line(shell)).isEqualTo("now 132x50");
                    shell.input().write(7);
                    shell.input().flush();

                    assertThat(shell.awaitEnd(Duration.ofSeconds(10))).isTrue();
                    assertThat(shell.exitStatus()).hasValue(7);
                }
            }
        }

        private String line(ShellSession shell) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = shell.output().read();
                    next != '\n';
                    next = shell.output().read()) {
                assertThat(next).as("the end, after: " + line).isNotNegative();
                line.append((char) next);
            }
            return line.toString().stripTrailing();
        }
    }

    /** Servers that are particular about what they take. */
    @Nested
    class Attempts {
        private SshPublicKey publicKey() {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
                return pair.publicKey();
            }
        }

        @Test
        void serverThatHangsUpWithoutLooking_hasNotRefusedAnything() {
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT)) {
                CoreModuleProperties.MAX_AUTH_REQUESTS.set(server.mina(), 0); // it does not count the first
                ContractServer.Account account = server.addAccount();
                SshPublicKey refused = publicKey();
                SshPublicKey accepted = publicKey();
                account.authorize(List.of(accepted));

                assertThat(transport()
                                .probe(target(server, account), List.of(accepted))
                                .answers())
                        .containsExactly(ProbeAnswer.ACCEPTED);
                assertThatThrownBy(() -> transport().probe(target(server, account), List.of(refused, accepted)))
                        .isInstanceOf(AuthenticationLimitException.class);
            }
        }

        @Test
        void serverThatTakesOneRsaAlgorithm_isHeard() {
            // Not OpenSSH: before version 9.6 it tells of algorithms that it is set up not to take.
            try (MinaServer server = MinaServer.start(ServerOptions.DEFAULT);
                    SshKeyPair pair = SshKeyPairGenerator.rsa().generate()) {
                server.mina().setSignatureFactories(List.of(BuiltinSignatures.ed25519, BuiltinSignatures.rsaSHA256));
                ContractServer.Account account = server.addAccount();
                account.authorize(List.of(pair.publicKey()));

                try (SshConnection connection =
                        transport().connect(ConnectRequest.of(target(server, account), LogIn.withKey(pair)))) {
                    assertThat(connection.isOpen()).isTrue();
                }
            }
        }
    }
}
