package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.Passphrase;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Asking about keys: a part of {@link TransportContractTest}. */
abstract class ProbeContract extends ContractGroup {
    ProbeContract(AnyServerContractTest test) {
        super(test);
    }

    @ParameterizedTest
    @EnumSource
    void publicHalfOfEveryType_isAcceptedOrRefused(ContractKeys key) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(key.publicKey()));
        assertThat(transport
                        .probe(target(server, account), List.of(key.publicKey()))
                        .answers())
                .containsExactly(ProbeAnswer.ACCEPTED);

        ContractKeys other = key == ContractKeys.SPARE ? ContractKeys.MAIN : ContractKeys.SPARE;
        account.authorize(List.of(other.publicKey()));
        assertThat(transport
                        .probe(target(server, account), List.of(key.publicKey()))
                        .answers())
                .containsExactly(ProbeAnswer.REFUSED);
    }

    @Test
    void severalKeys_areAnsweredInOrderOverOneConnection() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey(), ContractKeys.RSA.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            ProbeReport report = transport.probe(
                    through(relay, server, account),
                    List.of(
                            ContractKeys.ECDSA_P256.publicKey(),
                            ContractKeys.MAIN.publicKey(),
                            ContractKeys.SPARE.publicKey(),
                            ContractKeys.RSA.publicKey()));

            assertThat(report.answers())
                    .containsExactly(
                            ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED, ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED);
            assertThat(report.hostKey()).isEqualTo(server.hostKeys().get(0));
            assertThat(report.serverVersion()).startsWith("SSH-2.0-");
            assertThat(relay.accepted()).isEqualTo(1);
            assertThat(relay.awaitNoneOpen(Duration.ofSeconds(5))).isTrue();
        }
    }

    @Test
    void noKeys_stillChecksTheHostKey() {
        ContractServer server = server(ServerOptions.DEFAULT);
        SshTarget target = target(server, server.addAccount());

        assertThat(transport.probe(target, List.of()).hostKey())
                .isEqualTo(server.hostKeys().get(0));
        assertThatThrownBy(() -> transport.probe(
                        target.withHostKeys(HostKeyVerifier.pinned(List.of(ContractKeys.MAIN.publicKey()))), List.of()))
                .isInstanceOf(HostKeyRejectedException.class);
    }

    @Test
    void refusedOldThenAcceptedNew_isOneConnection() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                SshConnection connection = transport.connect(
                        ConnectRequest.of(through(relay, server, account), LogIn.withKey(ContractKeys.MAIN.pair()))
                                .withProbes(List.of(ContractKeys.SPARE.publicKey())))) {
            assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED);
            assertThat(connection.exec(ExecRequest.of("echo in")).stdoutText()).isEqualTo("in\n");
            assertThat(relay.accepted()).isEqualTo(1);
        }
    }

    @Test
    void acceptedProbe_doesNotLogInAndLeavesTheLogInToAnotherKey() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey(), ContractKeys.SPARE.publicKey()));

        try (SshConnection connection =
                transport.connect(ConnectRequest.of(target(server, account), LogIn.withKey(ContractKeys.MAIN.pair()))
                        .withProbes(List.of(ContractKeys.SPARE.publicKey(), ContractKeys.MAIN.publicKey())))) {
            assertThat(connection.probes()).containsExactly(ProbeAnswer.ACCEPTED, ProbeAnswer.ACCEPTED);
        }
    }

    @Test
    void probesBeforeAPassword_areAnswered() {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(Method.PUBLIC_KEY, Method.PASSWORD));
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (Passphrase password = password(PASSWORD)) {
            account.setPassword(password);
            try (SshConnection connection =
                    transport.connect(ConnectRequest.of(target(server, account), LogIn.withPassword(password))
                            .withProbes(List.of(ContractKeys.MAIN.publicKey(), ContractKeys.SPARE.publicKey())))) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.ACCEPTED, ProbeAnswer.REFUSED);
            }
        }
    }

    @Test
    void lastQuestionOfAllThatAreAllowed_isRefused() {
        ContractServer server = server(ServerOptions.DEFAULT.withMaxTries(1));
        SshTarget target = target(server, server.addAccount());

        assertThat(transport
                        .probe(target, List.of(ContractKeys.MAIN.publicKey()))
                        .answers())
                .containsExactly(ProbeAnswer.REFUSED);
    }
}
