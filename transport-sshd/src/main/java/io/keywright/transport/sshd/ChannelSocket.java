package io.keywright.transport.sshd;

import io.keywright.transport.internal.RemoteChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.nio.channels.spi.AsynchronousChannelProvider;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A jump host's channel as the socket beneath another connection, as far as MINA's sessions use one: reads and writes with
 * a completion handler, at most one of each at a time, and without timeouts.
 *
 * <p>Closing it closes the jump host's connection as well, which serves nobody else.
 */
final class ChannelSocket extends AsynchronousSocketChannel implements RemoteChannel.Receiver {
    // What may wait in the channel before a write counts as not done yet.
    private static final int MAX_QUEUED_BYTES = 256 << 10;

    /** Somebody waits for bytes, or for room; called with a count or a failure. */
    private interface Waiting {
        void done(int count);

        void failed(Throwable why);
    }

    private final SshdLink jumpHost;
    private final DirectChannel channel;
    private final InetSocketAddress destination;
    private final Executor executor;
    private final Deque<ByteBuffer> arrived = new ArrayDeque<>();
    private @Nullable Waiting reader;
    private @Nullable ByteBuffer into;
    private @Nullable Waiting writer;
    private int writtenBytes;
    private boolean ended;
    private boolean closed;

    /**
     * Prepares the socket; its channel is not open yet.
     *
     * @param jumpHost owned from now on
     * @param executor runs the completion handlers, which take keys apart and must not hold up the jump host's connection
     */
    ChannelSocket(SshdLink jumpHost, String host, int port, Executor executor) {
        super(AsynchronousChannelProvider.provider());
        this.jumpHost = jumpHost;
        this.destination = InetSocketAddress.createUnresolved(host, port);
        this.executor = executor;
        this.channel = new DirectChannel(jumpHost.target(), new RemoteChannel.Purpose.Destination(host, port), this);
    }

    DirectChannel channel() {
        return channel;
    }

    // --- reading ---

    @Override
    public <A> void read(
            ByteBuffer buffer,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        synchronized (this) {
            if (reader != null) {
                throw new ReadPendingException();
            }
            reader = waiting(attachment, handler);
            into = buffer;
        }
        serveReader();
    }

    @Override
    public void standardOutput(byte[] data, int offset, int length) {
        synchronized (this) {
            arrived.add(ByteBuffer.wrap(Arrays.copyOfRange(data, offset, offset + length)));
        }
        serveReader();
    }

    @Override
    public void endOfOutput() {
        synchronized (this) {
            ended = true;
        }
        serveReader();
    }

    @Override
    public boolean takesItsTime() {
        return true;
    }

    private synchronized void serveReader() {
        Waiting waiting = reader;
        ByteBuffer buffer = into;
        if (waiting == null || buffer == null) {
            return;
        }
        if (closed) {
            finishReading(() -> waiting.failed(new AsynchronousCloseException()));
        } else if (!arrived.isEmpty()) {
            int count = 0;
            while (!arrived.isEmpty() && buffer.hasRemaining()) {
                ByteBuffer first = arrived.element();
                int part = Math.min(first.remaining(), buffer.remaining());
                buffer.put(first.slice().limit(part));
                first.position(first.position() + part);
                count += part;
                if (!first.hasRemaining()) {
                    arrived.remove();
                }
            }
            int took = count;
            finishReading(() -> {
                channel.took(took);
                waiting.done(took);
            });
        } else if (ended) {
            finishReading(() -> waiting.done(-1));
        }
    }

    private void finishReading(Runnable completion) {
        reader = null;
        into = null;
        executor.execute(completion);
    }

    // --- writing ---

    @Override
    public <A> void write(
            ByteBuffer buffer,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Integer, ? super A> handler) {
        byte[] bytes = new byte[buffer.remaining()];
        synchronized (this) {
            if (writer != null) {
                throw new WritePendingException();
            }
        }
        buffer.get(bytes);
        // Queued before anybody can be told that it is: the next write may come from another thread at once.
        channel.write(bytes);
        synchronized (this) {
            writer = waiting(attachment, handler);
            writtenBytes = bytes.length;
        }
        serveWriter();
    }

    @Override
    public void inputSent() {
        serveWriter();
    }

    private synchronized void serveWriter() {
        Waiting waiting = writer;
        int count = writtenBytes;
        if (waiting != null && (closed || channel.ended().isDone())) {
            writer = null;
            executor.execute(() -> waiting.failed(new AsynchronousCloseException()));
        } else if (waiting != null && channel.queuedBytes() <= MAX_QUEUED_BYTES) {
            writer = null;
            executor.execute(() -> waiting.done(count));
        }
    }

    @Override
    public AsynchronousSocketChannel shutdownOutput() {
        channel.endInput();
        return this;
    }

    @Override
    public AsynchronousSocketChannel shutdownInput() {
        return this; // what still comes is dropped when the socket is closed
    }

    // --- the end ---

    @Override
    public synchronized boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            arrived.clear();
        }
        serveReader();
        serveWriter();
        channel.abandon();
        CompletableFuture<Void> unused = jumpHost.sayGoodBye(); // nobody waits here
    }

    private static <A> Waiting waiting(A attachment, CompletionHandler<Integer, ? super A> handler) {
        return new Waiting() {
            @Override
            public void done(int count) {
                handler.completed(count, attachment);
            }

            @Override
            public void failed(Throwable why) {
                handler.failed(why, attachment);
            }
        };
    }

    // --- what a socket of the network has, and a channel has not ---

    @Override
    public SocketAddress getRemoteAddress() {
        return destination;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return InetSocketAddress.createUnresolved(
                jumpHost.target().host(), jumpHost.target().port());
    }

    @Override
    public <T> AsynchronousSocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException("a channel has no socket options");
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException("a channel has no socket options");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public AsynchronousSocketChannel bind(@Nullable SocketAddress local) {
        throw new UnsupportedOperationException("a channel is not bound");
    }

    @Override
    public <A> void connect(SocketAddress remote, A attachment, CompletionHandler<Void, ? super A> handler) {
        throw new UnsupportedOperationException("a channel is connected by its jump host");
    }

    @Override
    public Future<Void> connect(SocketAddress remote) {
        throw new UnsupportedOperationException("a channel is connected by its jump host");
    }

    @Override
    public Future<Integer> read(ByteBuffer buffer) {
        throw new UnsupportedOperationException("read with a completion handler");
    }

    @Override
    public <A> void read(
            ByteBuffer[] buffers,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        throw new UnsupportedOperationException("read into one buffer");
    }

    @Override
    public Future<Integer> write(ByteBuffer buffer) {
        throw new UnsupportedOperationException("write with a completion handler");
    }

    @Override
    public <A> void write(
            ByteBuffer[] buffers,
            int offset,
            int length,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionHandler<Long, ? super A> handler) {
        throw new UnsupportedOperationException("write from one buffer");
    }
}
