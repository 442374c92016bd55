package io.keywright.transport.sshj;

import io.keywright.transport.ForwardedStream;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.function.BiFunction;

/** A channel as two blocking streams. What nobody reads is at most the channel's window. */
final class ChannelStreams implements LinkChannel.Receiver, Wire, ForwardedStream {
    // Enough to keep the network busy; a writer that is faster waits.
    private static final int MAX_QUEUED_BYTES = 256 << 10;

    private final LinkChannel channel;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private final Object change = new Object();
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private int takenOfFirst;
    private boolean ended;
    private boolean closedHere;

    /** Opens a channel and waits until the server has agreed to all of it. */
    ChannelStreams(Link link, BiFunction<Link, LinkChannel.Receiver, LinkChannel> opening, Deadline deadline) {
        channel = link.open(on -> opening.apply(on, this), deadline);
    }

    /** Lets a server connect to somewhere else. */
    static ChannelStreams toDestination(Link link, String host, int port, Deadline deadline) {
        return new ChannelStreams(link, (on, receiver) -> LinkChannel.directTcpip(on, host, port, receiver), deadline);
    }

    LinkChannel channel() {
        return channel;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    /** Ends both directions; whoever waits in one of them is woken. */
    @Override
    public void close() {
        synchronized (change) {
            closedHere = true;
            arrived.clear();
            change.notifyAll();
        }
        channel.abandon();
    }

    @Override
    public void standardOutput(LinkChannel from, byte[] data, int offset, int length) {
        synchronized (change) {
            if (!closedHere) {
                arrived.add(Arrays.copyOfRange(data, offset, offset + length));
                change.notifyAll();
            }
        }
    }

    /** Takes it as output: a terminal has one screen. */
    @Override
    public void standardError(LinkChannel from, byte[] data, int offset, int length) {
        standardOutput(from, data, offset, length);
    }

    @Override
    public void outputEnds(LinkChannel from) {
        synchronized (change) {
            ended = true;
            change.notifyAll();
        }
    }

    private IOException closed() {
        return new IOException(closedHere ? "the stream has been closed" : "the connection ended");
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the remote side");
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            int count;
            synchronized (change) {
                awaitSomething();
                if (closedHere || (arrived.isEmpty() && channel.ended().isCompletedExceptionally())) {
                    throw closed();
                } else if (arrived.isEmpty()) {
                    return -1;
                }
                byte[] first = arrived.element();
                count = Math.min(length, first.length - takenOfFirst);
                System.arraycopy(first, takenOfFirst, into, offset, count);
                takenOfFirst += count;
                if (takenOfFirst == first.length) {
                    arrived.remove();
                    takenOfFirst = 0;
                }
            }
            channel.release(count);
            return count;
        }

        /** Waits, with the lock, until there is something to read or nothing will come. */
        private void awaitSomething() throws InterruptedIOException {
            try {
                while (arrived.isEmpty() && !closedHere && !ended) {
                    change.wait();
                }
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }

        @Override
        public int available() {
            synchronized (change) {
                return arrived.stream().mapToInt(chunk -> chunk.length).sum() - takenOfFirst;
            }
        }

        @Override
        public void close() {
            ChannelStreams.this.close();
        }
    }

    private final class Output extends OutputStream {
        private volatile boolean done;

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            try {
                channel.awaitQueued(MAX_QUEUED_BYTES);
            } catch (InterruptedException e) {
                throw interrupted();
            }
            if (done || closedHere() || channel.ended().isDone()) {
                throw closed();
            }
            channel.write(Arrays.copyOfRange(from, offset, offset + length));
        }

        private boolean closedHere() {
            synchronized (change) {
                return closedHere;
            }
        }

        @Override
        public void close() {
            done = true;
            channel.endInput();
        }
    }
}
