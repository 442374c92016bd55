package io.keywright.transport.sshd;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.Route;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.ProxyTunnel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens sockets through proxies. Has threads of its own from the first proxy on, until it is closed. */
final class ProxySockets implements AutoCloseable {
    private @Nullable AsynchronousChannelGroup group;
    private boolean closed;

    /** Connects to the proxy on the target's route, and through it to the target. */
    AsynchronousSocketChannel open(
            SshTarget target, Route.Proxy proxy, List<InetAddress> addresses, Deadline deadline) {
        AsynchronousSocketChannel socket = connect(target, proxy, addresses, deadline);
        boolean done = false;
        try {
            ProxyTunnel.open(target, new Incoming(socket, target, deadline), new Outgoing(socket, target, deadline));
            done = true;
            return socket;
        } catch (IOException e) {
            throw new ConnectionLostException(target, Phase.CONNECT, "the proxy " + proxy + " broke off", e);
        } finally {
            if (!done) {
                close(socket);
            }
        }
    }

    private AsynchronousSocketChannel connect(
            SshTarget target, Route.Proxy proxy, List<InetAddress> addresses, Deadline deadline) {
        TransportException failure = null;
        for (int i = 0; i < addresses.size(); i++) {
            Deadline share = Deadline.in(deadline.remaining().dividedBy(addresses.size() - i));
            AsynchronousSocketChannel socket = newSocket();
            try {
                InetSocketAddress address = new InetSocketAddress(addresses.get(i), proxy.port());
                ProxySockets.<Void>await(
                        handler -> socket.connect(address, null, handler),
                        target,
                        share,
                        "connecting to the proxy " + proxy);
                return socket;
            } catch (IOException e) {
                failure = new UnreachableException(
                        target, Phase.CONNECT, "the proxy " + proxy + " does not answer: " + e.getMessage(), e);
            } catch (TransportTimeoutException e) {
                failure = e;
            } finally {
                if (failure != null) {
                    close(socket);
                }
            }
        }
        throw failure == null
                ? new UnreachableException(target, Phase.RESOLVE, "the proxy " + proxy + " has no address", null)
                : failure;
    }

    private synchronized AsynchronousSocketChannel newSocket() {
        if (closed) {
            throw new IllegalStateException("this transport has been closed");
        }
        try {
            if (group == null) {
                group = AsynchronousChannelGroup.withFixedThreadPool(1, task -> {
                    Thread thread = new Thread(task, "keywright-proxies");
                    thread.setDaemon(true);
                    return thread;
                });
            }
            return AsynchronousSocketChannel.open(group).setOption(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            throw new UncheckedIOException("no socket can be opened", e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (group != null) {
            try {
                group.shutdownNow();
            } catch (IOException e) {
                throw new UncheckedIOException("sockets to proxies stay open", e);
            }
        }
    }

    static void close(AsynchronousSocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket stays open", e);
        }
    }

    /** Starts something on a socket and waits for it. */
    private static <T> T await(
            Consumer<CompletionHandler<T, @Nullable Void>> start, SshTarget target, Deadline deadline, String doing)
            throws IOException {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        start.accept(new CompletionHandler<>() {
            @Override
            public void completed(T result, @Nullable Void nothing) {
                outcome.complete(new Result<>(result));
            }

            @Override
            public void failed(Throwable why, @Nullable Void nothing) {
                outcome.complete(why);
            }
        });
        Object end = deadline.await(outcome, target, Phase.CONNECT, doing);
        if (end instanceof IOException e) {
            throw e;
        } else if (end instanceof Throwable e) {
            throw new IOException(e);
        }
        @SuppressWarnings("unchecked")
        Result<T> result = (Result<T>) end;
        return result.value();
    }

    /** A null is a result, too. */
    private record Result<T>(T value) {}

    /** What a proxy says, read within a deadline. */
    private static final class Incoming extends InputStream {
        private final AsynchronousSocketChannel socket;
        private final SshTarget target;
        private final Deadline deadline;

        Incoming(AsynchronousSocketChannel socket, SshTarget target, Deadline deadline) {
            this.socket = socket;
            this.target = target;
            this.deadline = deadline;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(into, offset, length);
            return ProxySockets.<Integer>await(
                    handler -> socket.read(buffer, null, handler), target, deadline, "asking a proxy");
        }
    }

    /** What is said to a proxy, written within a deadline. */
    private static final class Outgoing extends OutputStream {
        private final AsynchronousSocketChannel socket;
        private final SshTarget target;
        private final Deadline deadline;

        Outgoing(AsynchronousSocketChannel socket, SshTarget target, Deadline deadline) {
            this.socket = socket;
            this.target = target;
            this.deadline = deadline;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(from, offset, length);
            while (buffer.hasRemaining()) {
                ProxySockets.<Integer>await(
                        handler -> socket.write(buffer, null, handler), target, deadline, "asking a proxy");
            }
        }
    }
}
