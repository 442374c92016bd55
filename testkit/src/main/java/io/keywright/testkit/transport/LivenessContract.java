package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportTimeouts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Idle connections and signs of life: a part of {@link TransportContractTest}. */
abstract class LivenessContract extends ContractGroup {
    // Long against the timers under test, short against a person's patience.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    LivenessContract(AnyServerContractTest test) {
        super(test);
    }

    private SshConnection connect(TcpRelay relay, TransportTimeouts timeouts) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        return transport.connect(ConnectRequest.of(
                through(relay, server, account).withTimeouts(timeouts), LogIn.withKey(ContractKeys.MAIN.pair())));
    }

    private TcpRelay relay() {
        ContractServer server = server(ServerOptions.DEFAULT);
        return TcpRelay.to(server.host(), server.port());
    }

    @Test
    void idleConnection_isClosed() {
        try (TcpRelay relay = relay();
                SshConnection connection = connect(relay, TransportTimeouts.DEFAULT.withIdle(Duration.ofMillis(500)))) {
            assertThat(relay.awaitNoneOpen(PATIENCE)).isTrue();
            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                    .isInstanceOf(ConnectionLostException.class);
            assertThat(connection.isOpen()).isFalse();
        }
    }

    @Test
    void idleConnectionThatIsKeptAlive_stays() {
        TransportTimeouts timeouts =
                TransportTimeouts.DEFAULT.withIdle(Duration.ofMillis(1500)).withKeepAlive(Duration.ofMillis(300));
        try (TcpRelay relay = relay();
                SshConnection connection = connect(relay, timeouts)) {
            assertThat(connection.exec(ExecRequest.of("sleep 4; echo awake")).stdoutText())
                    .isEqualTo("awake\n");
        }
    }

    @Test
    void serverThatGivesNoSignOfLife_isLost() {
        TransportTimeouts timeouts = TransportTimeouts.DEFAULT.withKeepAlive(Duration.ofMillis(300));
        try (TcpRelay relay = relay();
                SshConnection connection = connect(relay, timeouts)) {
            relay.freeze();

            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true").withTimeout(PATIENCE.multipliedBy(4))))
                    .isInstanceOf(ConnectionLostException.class);
            assertThat(connection.isOpen()).isFalse();
        }
    }
}
