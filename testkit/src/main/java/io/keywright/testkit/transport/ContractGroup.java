package io.keywright.testkit.transport;

import io.keywright.Passphrase;
import io.keywright.testkit.server.TcpRelay;
import io.keywright.testkit.transport.ServerOptions.Method;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** What the parts of {@link TransportContractTest} have in common. */
abstract class ContractGroup {
    /** What {@link #logInWithPassword} sets as the password. */
    static final String PASSWORD = "Correct-Horse 7";

    final SshTransport transport;
    private final AnyServerContractTest test;

    ContractGroup(AnyServerContractTest test) {
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
        try (SshConnection connection = logIn(target(server, account).withTimeouts(timeouts))) {
            test.accept(connection);
        }
    }

    /** As {@link #withConnection}, over a relay. */
    final void withRelayedConnection(BiConsumer<TcpRelay, SshConnection> test) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port());
                SshConnection connection = logIn(through(relay, server, account))) {
            test.accept(relay, connection);
        }
    }

    final SshConnection logIn(SshTarget target) {
        return transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())));
    }

    /** Prepares an account whose password is {@link #PASSWORD}; the call logs in with what is given. */
    final Callable<Boolean> logInWithPassword(String text, Method... methods) {
        ContractServer server = server(ServerOptions.DEFAULT.withMethods(methods));
        ContractServer.Account account = server.addAccount();
        try (Passphrase right = password(PASSWORD)) {
            account.setPassword(right);
        }
        return () -> {
            try (Passphrase given = password(text);
                    SshConnection connection =
                            transport.connect(ConnectRequest.of(target(server, account), LogIn.withPassword(given)))) {
                return connection.isOpen();
            }
        };
    }
}
