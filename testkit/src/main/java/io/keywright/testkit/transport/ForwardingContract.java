package io.keywright.testkit.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Port forwarding: a part of {@link TransportContractTest}. */
abstract class ForwardingContract extends ContractGroup {
    // tcpmux, which nobody serves any more
    private static final int UNUSED_PORT = 1;
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    ForwardingContract(AnyServerContractTest test) {
        super(test);
    }

    private static PortForwarding forwarding(SshConnection connection) {
        return connection.portForwarding().orElseThrow();
    }

    /** Sends back what it gets, until the end. */
    private static final class EchoServer implements AutoCloseable {
        private final ServerSocket listener;

        EchoServer() {
            try {
                listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            daemon(() -> {
                while (!listener.isClosed()) {
                    try {
                        Socket client = listener.accept();
                        daemon(() -> echo(client));
                    } catch (IOException e) {
                        return; // closed
                    }
                }
            });
        }

        int port() {
            return listener.getLocalPort();
        }

        private static void echo(Socket client) {
            try (client) {
                client.getInputStream().transferTo(client.getOutputStream());
            } catch (IOException e) {
                return; // the other end has gone
            }
        }

        private static void daemon(Runnable task) {
            Thread thread = new Thread(task, "echo");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() {
            try {
                listener.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] echoed(Socket socket, byte[] data) throws IOException, InterruptedException {
        Thread writer = new Thread(() -> {
            try {
                socket.getOutputStream().write(data);
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.start();
        byte[] back = socket.getInputStream().readAllBytes();
        writer.join();
        return back;
    }

    @Test
    void listeningPort_carriesConnectionsBothWays() throws Exception {
        byte[] data = new byte[2 << 20];
        new Random(7).nextBytes(data);
        try (EchoServer echo = new EchoServer()) {
            withConnection(connection -> {
                try (ForwardedPort port = forwarding(connection).listen(ANY_PORT, "127.0.0.1", echo.port())) {
                    assertThat(port.localAddress().getAddress().isLoopbackAddress())
                            .isTrue();
                    for (int i = 0; i < 3; i++) {
                        try (Socket socket = new Socket(
                                InetAddress.getLoopbackAddress(),
                                port.localAddress().getPort())) {
                            assertThat(Arrays.equals(echoed(socket, data), data))
                                    .isTrue();
                        }
                    }
                    assertThat(connection.exec(ExecRequest.of("echo on")).stdoutText())
                            .isEqualTo("on\n");
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @Test
    void closedPort_acceptsNobody() {
        try (EchoServer echo = new EchoServer()) {
            withConnection(connection -> {
                ForwardedPort port = forwarding(connection).listen(ANY_PORT, "127.0.0.1", echo.port());
                int number = port.localAddress().getPort();
                port.close();
                port.close();

                assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), number).close())
                        .isInstanceOf(IOException.class);
                assertThat(connection.isOpen()).isTrue();
            });
        }
    }

    @Test
    void closedConnection_closesItsPorts() {
        try (EchoServer echo = new EchoServer()) {
            int[] number = new int[1];
            withConnection(connection -> number[0] = forwarding(connection)
                    .listen(ANY_PORT, "127.0.0.1", echo.port())
                    .localAddress()
                    .getPort());

            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), number[0]).close())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void portInUse_isAnError() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            withConnection(connection -> assertThatThrownBy(() -> forwarding(connection)
                            .listen((InetSocketAddress) taken.getLocalSocketAddress(), "127.0.0.1", 1))
                    .isInstanceOf(TransportException.class));
        }
    }

    @Test
    void stream_carriesBytesAndEndsBothWays() {
        try (EchoServer echo = new EchoServer()) {
            withConnection(connection -> {
                try (ForwardedStream stream = forwarding(connection).connectTo("127.0.0.1", echo.port())) {
                    stream.output().write("hello".getBytes(StandardCharsets.UTF_8));
                    InputStream input = stream.input();
                    assertThat(input.readNBytes(5)).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
                    stream.output().close();

                    assertThat(input.read()).isEqualTo(-1);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void streamToNobody_isRefused() {
        withConnection(connection -> {
            assertThatThrownBy(() -> forwarding(connection).connectTo("127.0.0.1", UNUSED_PORT))
                    .isInstanceOf(ChannelRefusedException.class);
            assertThat(connection.isOpen()).isTrue();
        });
    }
}
