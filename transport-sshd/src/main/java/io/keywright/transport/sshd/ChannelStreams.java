package io.keywright.transport.sshd;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Function;

/** A channel as two blocking streams. What nobody reads is at most the channel's window. */
final class ChannelStreams implements OutgoingChannel.Receiver {
    // Enough to keep the network busy; a writer that is faster waits.
    private static final int MAX_QUEUED_BYTES = 256 << 10;

    private final OutgoingChannel channel;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private final Object change = new Object();
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private int takenOfFirst;
    private boolean ended;
    private boolean closedHere;

    /**
     * Makes the streams and their channel.
     *
     * @param opener makes the channel, which is not open yet
     */
    ChannelStreams(Function<OutgoingChannel.Receiver, ? extends OutgoingChannel> opener) {
        channel = opener.apply(this);
    }

    OutgoingChannel channel() {
        return channel;
    }

    /** What comes from the remote side. */
    InputStream input() {
        return input;
    }

    /** What goes to the remote side. */
    OutputStream output() {
        return output;
    }

    /** Ends both directions; whoever waits in one of them is woken. */
    void close() {
        synchronized (change) {
            closedHere = true;
            arrived.clear();
            change.notifyAll();
        }
        channel.abandon();
    }

    @Override
    public void standardOutput(byte[] data, int offset, int length) {
        synchronized (change) {
            if (!closedHere) {
                arrived.add(Arrays.copyOfRange(data, offset, offset + length));
                change.notifyAll();
            }
        }
    }

    @Override
    public void endOfOutput() {
        synchronized (change) {
            ended = true;
            change.notifyAll();
        }
    }

    @Override
    public void inputSent() {
        synchronized (change) {
            change.notifyAll();
        }
    }

    @Override
    public boolean takesItsTime() {
        return true;
    }

    @SuppressWarnings("WaitNotInLoop") // every caller loops
    private void await() throws InterruptedIOException {
        try {
            change.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the remote side");
        }
    }

    private IOException closed() {
        return new IOException(closedHere ? "the stream has been closed" : "the connection ended");
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
                while (arrived.isEmpty()) {
                    if (closedHere || channel.ended().isCompletedExceptionally()) {
                        throw closed();
                    } else if (ended) {
                        return -1;
                    }
                    await();
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
            channel.took(count);
            return count;
        }

        @Override
        public int available() {
            synchronized (change) {
                return arrived.stream().mapToInt(chunk -> chunk.length).sum() - takenOfFirst;
            }
        }
    }

    private final class Output extends OutputStream {
        private boolean closed;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            byte[] copy =
                    Arrays.copyOfRange(from, Objects.checkFromIndexSize(offset, length, from.length), offset + length);
            synchronized (change) {
                while (channel.queuedBytes() > MAX_QUEUED_BYTES && isWritable()) {
                    await();
                }
                if (!isWritable()) {
                    throw closed();
                }
            }
            channel.write(copy);
        }

        private boolean isWritable() {
            return !closed && !closedHere && !channel.ended().isDone();
        }

        @Override
        public void close() {
            synchronized (change) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            channel.endInput();
        }
    }
}
