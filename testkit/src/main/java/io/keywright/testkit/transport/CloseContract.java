package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.SshKeyPair;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyRejectedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KnownHosts;
import io.keywright.transport.LogIn;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The end of connections and transports: a part of {@link TransportContractTest}. */
abstract class CloseContract extends ContractGroup {
    CloseContract(AnyServerContractTest test) {
        super(test);
    }

    @Test
    void connection_isClosedWithItsSocketAndTwiceIsFine() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshConnection connection = transport.connect(
                    ConnectRequest.of(through(relay, server, account), LogIn.withKey(ContractKeys.MAIN.pair())));
            SftpSession sftp = connection.openSftp();
            connection.close();
            connection.close();

            assertThat(connection.isOpen()).isFalse();
            assertThat(relay.awaitNoneOpen(Duration.ofSeconds(5))).isTrue();
            assertThatThrownBy(() -> sftp.stat(".")).isInstanceOf(ConnectionLostException.class);
            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                    .isInstanceOf(ConnectionLostException.class);
        }
    }

    @Test
    void sftpSession_isClosedTwiceAndTheConnectionGoesOn() {
        withConnection(connection -> {
            SftpSession sftp = connection.openSftp();
            sftp.close();
            sftp.close();
            assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText()).isEqualTo("on\n");
        });
    }

    @Test
    void transport_closesItsConnectionsAndTwiceIsFine() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshTransport own = createTransport();
            SshTarget target = through(relay, server, account);
            List<SshConnection> connections = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                connections.add(own.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair()))));
            }
            own.close();
            own.close();

            assertThat(connections).noneMatch(SshConnection::isOpen);
            assertThat(relay.awaitNoneOpen(Duration.ofSeconds(5))).isTrue();
            assertThatThrownBy(() -> own.probe(target, List.of())).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void failedConnects_leaveNoSocket() {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        SshKeyPair closed = ContractKeys.MAIN.pair().copy();
        closed.close();
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshTarget target = through(relay, server, account);
            assertThatThrownBy(() ->
                            transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.SPARE.pair()))))
                    .isInstanceOf(AuthenticationRefusedException.class);
            assertThatThrownBy(() ->
                            transport.probe(target.withHostKeys(HostKeyVerifier.strict(KnownHosts.empty())), List.of()))
                    .isInstanceOf(HostKeyRejectedException.class);
            assertThatThrownBy(() -> transport.connect(ConnectRequest.of(target, LogIn.withKey(closed))))
                    .isInstanceOf(IllegalStateException.class);

            assertThat(relay.awaitNoneOpen(Duration.ofSeconds(5))).isTrue();
        }
    }
}
