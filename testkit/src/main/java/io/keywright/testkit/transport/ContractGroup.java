package io.keywright.testkit.transport;

import io.keywright.Passphrase;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What the parts of {@link TransportContractTest} have in common. */
abstract class ContractGroup {
    final SshTransport transport;
    private final TransportContractTest test;

    ContractGroup(TransportContractTest test) {
        this.test = test;
        this.transport = test.transport();
    }

    final ContractServer server(ServerOptions options) {
        return test.server(options);
    }

    final SshTransport createTransport() {
        return test.createTransport();
    }

    final SshTarget target(ContractServer server, ContractServer.Account account) {
        return SshTarget.of(server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    final SshTarget through(TcpRelay relay, ContractServer server, ContractServer.Account account) {
        return SshTarget.of(relay.host(), relay.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
    }

    final TransportTimeouts timeouts(Duration each) {
        return TransportTimeouts.of(each, each, each);
    }

    final Passphrase password(String text) {
        return Passphrase.of(text.toCharArray());
    }

    /** An account of the default server that accepts {@link ContractKeys#MAIN}, and a connection that is logged in. */
    final void withConnection(Consumer<SshConnection> test) {
        withConnection(TransportTimeouts.DEFAULT, test);
    }

    final void withConnection(TransportTimeouts timeouts, Consumer<SshConnection> test) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        SshTarget target = target(server, account).withTimeouts(timeouts);
        try (SshConnection connection =
                transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())))) {
            test.accept(connection);
        }
    }
}
