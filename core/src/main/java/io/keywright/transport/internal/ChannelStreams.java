package io.keywright.transport.internal;

import io.keywright.transport.ForwardedStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Objects;

/** A channel as two blocking streams. What nobody reads is at most the channel's window. */
public final class ChannelStreams implements ForwardedStream {
    // Enough to keep the network busy; a writer that is faster waits.
    private static final int MAX_QUEUED_BYTES = 256 << 10;

    private final Inbox inbox;
    private final RemoteChannel channel;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();

    private ChannelStreams(Inbox inbox, RemoteChannel channel) {
        this.inbox = inbox;
        this.channel = channel;
    }

    /** Opens a channel and waits until the server has agreed to it. */
    public static ChannelStreams open(Channels channels, RemoteChannel.Purpose purpose, Deadline deadline) {
        Inbox inbox = new Inbox();
        return new ChannelStreams(inbox, channels.open(purpose, inbox, deadline));
    }

    RemoteChannel channel() {
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
        inbox.close();
        channel.abandon();
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
            int count = inbox.take(into, offset, length, channel.ended());
            if (count > 0) {
                channel.took(count);
            }
            return count;
        }

        @Override
        public int available() {
            return inbox.available();
        }

        @Override
        public void close() {
            ChannelStreams.this.close();
        }
    }

    private final class Output extends OutputStream {
        private volatile boolean closed;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            inbox.awaitRoom(
                    () -> channel.queuedBytes() > MAX_QUEUED_BYTES,
                    () -> closed || channel.ended().isDone());
            channel.write(Arrays.copyOfRange(from, offset, offset + length));
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                channel.endInput();
            }
        }
    }
}
