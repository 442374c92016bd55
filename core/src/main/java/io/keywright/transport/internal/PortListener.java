package io.keywright.transport.internal;

import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening port, each of whose connections goes on through a stream of its own. Each direction ends when its sender says
 * so, and not before everything sent has arrived: the SSH libraries' own listeners lose what is under way when one side
 * stops sending.
 *
 * <p>One daemon thread accepts, and two carry each connection; all end when the port is closed.
 */
final class PortListener implements ForwardedPort {
    private static final Logger LOG = LoggerFactory.getLogger(PortListener.class);
    private static final int BACKLOG = 50;
    private static final int BUFFER_BYTES = 32 << 10;
    // Waking a thread takes no time worth naming; nobody shall hang on it.
    private static final long MAX_WAKE_MILLIS = 1000;

    private final ServerSocket listener;
    private final Supplier<ForwardedStream> destination;
    private final Consumer<PortListener> onClose;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    private PortListener(ServerSocket listener, Supplier<ForwardedStream> destination, Consumer<PortListener> onClose) {
        this.listener = listener;
        this.destination = destination;
        this.onClose = onClose;
        this.acceptor = thread("keywright-port-" + listener.getLocalPort(), this::accept);
    }

    /**
     * Listens.
     *
     * @param local where; port 0 takes a free one
     * @param destination opens a stream to the destination; throws a {@link TransportException} when it cannot
     * @param onClose hears of each close
     * @throws IOException when it cannot listen there
     */
    static PortListener open(
            InetSocketAddress local, Supplier<ForwardedStream> destination, Consumer<PortListener> onClose)
            throws IOException {
        ServerSocket listener = new ServerSocket(local.getPort(), BACKLOG, local.getAddress());
        PortListener port = new PortListener(listener, destination, onClose);
        port.acceptor.start();
        return port;
    }

    @Override
    public InetSocketAddress localAddress() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    @Override
    public void close() {
        onClose.accept(this);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a port stays open", e);
        } finally {
            pairs.forEach(Pair::close);
        }
        awaitAcceptor();
    }

    /** As long as the thread that accepts has not woken, the system goes on accepting in its name. */
    private void awaitAcceptor() {
        if (Thread.currentThread() == acceptor) {
            return;
        }
        try {
            acceptor.join(MAX_WAKE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever is in a hurry does not wait
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                daemon("keywright-port-out-" + client.getPort(), () -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    LOG.warn("the forwarded port {} accepts no more: {}", listener.getLocalPort(), e.getMessage(), e);
                    close();
                }
            }
        }
    }

    private void serve(Socket client) {
        Pair pair;
        try {
            client.setTcpNoDelay(true);
            pair = new Pair(client, destination.get());
        } catch (IOException | TransportException e) {
            LOG.warn(
                    "a connection to the forwarded port {} leads nowhere: {}", listener.getLocalPort(), e.getMessage());
            closeQuietly(client);
            return;
        }
        pairs.add(pair);
        if (listener.isClosed()) {
            pair.close();
        }
        daemon("keywright-port-in-" + client.getPort(), pair::carryIn);
        pair.carryOut();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("a socket was not closed in order", e);
        }
    }

    private static void daemon(String name, Runnable task) {
        thread(name, task).start();
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** A client and its way to the destination. */
    private final class Pair {
        private final Socket client;
        private final ForwardedStream stream;
        private int directions = 2;

        Pair(Socket client, ForwardedStream stream) {
            this.client = client;
            this.stream = stream;
        }

        void carryOut() {
            try {
                OutputStream out = stream.output();
                copy(client.getInputStream(), out);
                out.close();
                directionEnded();
            } catch (IOException e) {
                close(); // one side broke, and with it the other
            }
        }

        void carryIn() {
            try {
                copy(stream.input(), client.getOutputStream());
                client.shutdownOutput();
                directionEnded();
            } catch (IOException e) {
                close(); // one side broke, and with it the other
            }
        }

        private void copy(InputStream in, OutputStream out) throws IOException {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        }

        private void directionEnded() {
            boolean both;
            synchronized (this) {
                both = --directions == 0;
            }
            if (both) {
                close();
            }
        }

        void close() {
            pairs.remove(this);
            stream.close();
            closeQuietly(client);
        }
    }
}
