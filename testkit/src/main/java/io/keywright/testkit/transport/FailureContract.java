package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keywright.testkit.server.TcpRelay;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.KeyExchangeException;
import io.keywright.transport.LogIn;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportInterruptedException;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.TransportTimeouts;
import io.keywright.transport.UnreachableException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What goes wrong on the way: a part of {@link TransportContractTest}. */
abstract class FailureContract extends ContractGroup {
    private static final Duration SHORT = Duration.ofMillis(500);
    // A machine that is busy with other tests still opens an SFTP session in this time.
    private static final Duration LONG_ENOUGH_TO_OPEN = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(60);

    FailureContract(AnyServerContractTest test) {
        super(test);
    }

    private SshTarget at(int port) {
        return SshTarget.of(
                "127.0.0.1", port, "nobody", HostKeyVerifier.pinned(List.of(ContractKeys.MAIN.publicKey())));
    }

    private <T extends Throwable> T failure(Class<T> type, SshTarget target) {
        return catchThrowableOfType(type, () -> transport.probe(target, List.of()));
    }

    @Test
    void closedPort_isUnreachable() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        UnreachableException failure = failure(UnreachableException.class, at(port));

        assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
        assertThat(failure.retryable()).isTrue();
        assertThat(failure.host()).isEqualTo("127.0.0.1");
        assertThat(failure.port()).isEqualTo(port);
    }

    @Test
    void unknownName_isUnreachable() {
        SshTarget target = SshTarget.of(
                "no-such-host.invalid", 22, "nobody", HostKeyVerifier.pinned(List.of(ContractKeys.MAIN.publicKey())));

        assertThat(failure(UnreachableException.class, target).phase()).isEqualTo(Phase.RESOLVE);
    }

    @Test
    void serverThatNeverAnswers_timesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            TransportTimeoutException failure = failure(
                    TransportTimeoutException.class, at(silent.getLocalPort()).withTimeouts(timeouts(SHORT)));

            assertThat(failure.phase()).isEqualTo(Phase.KEY_EXCHANGE);
            assertThat(failure.retryable()).isTrue();
        }
    }

    @Test
    void portThatDropsEveryPacket_timesOut() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Once its queue of connections that nobody accepts is full, the kernel answers no more.
            boolean queued = true;
            while (queued && waiting.size() < 100) {
                Socket socket = new Socket();
                waiting.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), Math.toIntExact(SHORT.toMillis()));
                } catch (SocketTimeoutException e) {
                    queued = false;
                }
            }
            assertThat(queued).as("connections are still queued").isFalse();

            assertThat(failure(
                                    TransportTimeoutException.class,
                                    at(full.getLocalPort()).withTimeouts(timeouts(SHORT)))
                            .phase())
                    .isEqualTo(Phase.CONNECT);
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void serverThatSpeaksNoSsh_isNoKeyExchange() throws Exception {
        try (ServerSocket http = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerOnce(http, "HTTP/1.1 400 Bad Request\r\n\r\n"));
            server.start();
            KeyExchangeException failure = failure(KeyExchangeException.class, at(http.getLocalPort()));

            assertThat(failure.phase()).isEqualTo(Phase.KEY_EXCHANGE);
            assertThat(failure.retryable()).isFalse();
            server.join();
        }
    }

    @Test
    void serverThatHangsUpAtOnce_isLost() throws Exception {
        try (ServerSocket closing = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerOnce(closing, ""));
            server.start();

            assertThat(failure(ConnectionLostException.class, at(closing.getLocalPort()))
                            .retryable())
                    .isTrue();
            server.join();
        }
    }

    private void answerOnce(ServerSocket listener, String text) {
        try (Socket socket = listener.accept();
                OutputStream out = socket.getOutputStream()) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes(); // or the client would see a reset instead of the end
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void connectionCutInACommand_isLost() {
        inTheMiddle(LONG, (relay, connection, marker) -> {
            Thread cutter = onceThere(marker, connection, relay::cut);
            ConnectionLostException lost =
                    catchThrowableOfType(ConnectionLostException.class, () -> connection.exec(announcedSleep(marker)));

            assertThat(lost.retryable()).isTrue();
            assertThat(connection.isOpen()).isFalse();
            join(cutter);
            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true")))
                    .isInstanceOf(ConnectionLostException.class);
        });
    }

    @Test
    void connectionCutInSftp_isLost() {
        inTheMiddle(LONG, (relay, connection, marker) -> {
            SftpSession sftp = connection.openSftp();
            relay.cut();

            assertThatThrownBy(() -> sftp.stat(".")).isInstanceOf(ConnectionLostException.class);
            assertThatThrownBy(() -> sftp.stat(".")).isInstanceOf(ConnectionLostException.class);
            sftp.close();
        });
    }

    @Test
    void networkThatHangs_timesOutEverywhere() {
        inTheMiddle(LONG_ENOUGH_TO_OPEN, (relay, connection, marker) -> {
            SftpSession sftp = connection.openSftp();
            relay.freeze();

            assertThatThrownBy(() -> connection.exec(ExecRequest.of("true").withTimeout(SHORT)))
                    .isInstanceOf(TransportTimeoutException.class);
            assertThatThrownBy(() -> sftp.stat(".")).isInstanceOf(TransportTimeoutException.class);
            assertThatThrownBy(connection::openSftp).isInstanceOf(TransportTimeoutException.class);
        });
    }

    @Test
    void interruption_endsACommandAtOnceAndKeepsTheFlag() {
        inTheMiddle(LONG, (relay, connection, marker) -> {
            FutureTask<Boolean> call = interruptibleCall(() -> connection.exec(announcedSleep(marker)));
            Thread caller = new Thread(call);
            Thread interrupter = onceThere(marker, connection, caller::interrupt);
            caller.start();

            assertThat(call).succeedsWithin(LONG).isEqualTo(true);
            join(interrupter);
        });
    }

    @Test
    void interruption_endsAConnectAtOnceAndKeepsTheFlag() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            SshTarget target = at(silent.getLocalPort());
            FutureTask<Boolean> call =
                    interruptibleCall(() -> transport.probe(target, List.of()).answers());
            Thread caller = new Thread(call);
            caller.start();
            try (Socket accepted = silent.accept()) {
                assertThat(accepted.isConnected()).isTrue();
                caller.interrupt();
                assertThat(call.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void interruptedBefore_doesNotBegin() {
        withConnection(connection -> {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> connection.exec(ExecRequest.of("sleep 60")))
                        .isInstanceOf(TransportInterruptedException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        });
    }

    /** True when the call ended with the right exception, and the flag set. */
    private FutureTask<Boolean> interruptibleCall(Callable<?> action) {
        return new FutureTask<>(() -> {
            assertThatThrownBy(action::call)
                    .isInstanceOf(TransportInterruptedException.class)
                    .extracting(e -> ((TransportException) e).retryable())
                    .isEqualTo(true);
            return Thread.currentThread().isInterrupted();
        });
    }

    private static ExecRequest announcedSleep(Path marker) {
        return ExecRequest.of("touch '" + marker + "'; sleep 120").withTimeout(LONG);
    }

    /** Acts as soon as the marker is there, which it sees through a connection of its own. */
    private Thread onceThere(Path marker, SshConnection connection, Runnable action) {
        ContractServer server = server(ServerOptions.DEFAULT);
        SshTarget target = SshTarget.of(
                server.host(), server.port(), connection.target().user(), HostKeyVerifier.pinned(server.hostKeys()));
        Thread thread = new Thread(() -> {
            try (SshConnection watching =
                    transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())))) {
                watching.exec(ExecRequest.of("while [ ! -e '" + marker + "' ]; do sleep 0.05; done")
                        .withTimeout(LONG));
                action.run();
            }
        });
        thread.start();
        return thread;
    }

    private void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void inTheMiddle(Duration perRequest, RelayTest test) {
        ContractServer server = server(ServerOptions.DEFAULT);
        ContractServer.Account account = server.addAccount();
        account.authorize(List.of(ContractKeys.MAIN.publicKey()));
        try (TcpRelay relay = TcpRelay.to(server.host(), server.port())) {
            SshTarget target =
                    through(relay, server, account).withTimeouts(TransportTimeouts.of(LONG, LONG, perRequest));
            try (SshConnection connection =
                    transport.connect(ConnectRequest.of(target, LogIn.withKey(ContractKeys.MAIN.pair())))) {
                test.run(relay, connection, account.home().resolve("running"));
            }
        }
    }

    private interface RelayTest {
        void run(TcpRelay relay, SshConnection connection, Path marker);
    }
}
