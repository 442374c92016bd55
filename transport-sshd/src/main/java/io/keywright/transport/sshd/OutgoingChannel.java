package io.keywright.transport.sshd;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.RemoteChannel;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.sshd.client.channel.AbstractClientChannel;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.ChannelAsyncOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A channel that we open (RFC 4254, section 5).
 *
 * <p>Nothing here blocks: output is handed to the receiver on MINA's thread, input is queued, and the caller waits
 * for {@link #ready()} and {@link #ended()}.
 */
abstract class OutgoingChannel extends AbstractClientChannel implements RemoteChannel {
    private final SshTarget target;
    private final Receiver receiver;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Deque<byte[]> toWrite = new ArrayDeque<>();
    private long queuedBytes;
    private @Nullable ChannelAsyncOutputStream input;
    private boolean writing;
    private boolean inputEnds;

    OutgoingChannel(String type, SshTarget target, Receiver receiver) {
        super(type);
        this.target = target;
        this.receiver = receiver;
    }

    /** Names, for a failure, what the channel was opened for: "the server refuses ...". */
    abstract String purpose();

    /** The channel is open: sends what else is needed before it is {@link #isReady}. */
    abstract void opened() throws IOException;

    /** Completes when the server has accepted the channel and everything that was asked for on it. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    final void isReady() {
        ready.complete(null);
    }

    @Override
    public void write(byte[] data) {
        synchronized (toWrite) {
            toWrite.add(data);
            queuedBytes += data.length;
        }
        writeNext();
    }

    @Override
    public long queuedBytes() {
        synchronized (toWrite) {
            return queuedBytes;
        }
    }

    @Override
    public void endInput() {
        synchronized (toWrite) {
            inputEnds = true;
        }
        writeNext();
    }

    @Override
    public void took(int bytes) {
        try {
            getLocalWindow().release(bytes);
        } catch (IOException e) {
            // Nothing more will come; how the channel ended is told by its close, or by the connection's.
            log.debug("{}: the window stays as it is", this, e);
        }
    }

    @Override
    public boolean isAbandoned() {
        return isClosing();
    }

    @Override
    public CompletableFuture<Void> gone() {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        addCloseFutureListener(closed -> gone.complete(null));
        return gone;
    }

    @Override
    public @Nullable Integer exitStatus() {
        return getExitStatus();
    }

    @Override
    public @Nullable String exitSignal() {
        return getExitSignal();
    }

    @Override
    public void abandon() {
        if (input != null) {
            input.close(true); // what is still queued would otherwise hold up the end
        }
        close(false);
    }

    @Override
    protected void doOpen() throws IOException {
        input = new ChannelAsyncOutputStream(this, SshConstants.SSH_MSG_CHANNEL_DATA);
        asyncIn = input;
        opened();
        receiver.asked(this);
    }

    @Override
    public void handleOpenFailure(Buffer buffer) {
        int start = buffer.rpos();
        int reason = buffer.getInt();
        String message = buffer.getString();
        buffer.rpos(start);
        refuse(Phase.CHANNEL, "the server opens no channel " + purpose() + ": " + message + " (reason " + reason + ")");
        super.handleOpenFailure(buffer);
    }

    @Override
    protected void doWriteData(byte[] data, int off, long len) throws IOException {
        receiver.standardOutput(data, off, Math.toIntExact(len));
        tookAtOnce(len);
    }

    @Override
    protected void doWriteExtendedData(byte[] data, int off, long len) throws IOException {
        receiver.standardError(data, off, Math.toIntExact(len));
        tookAtOnce(len);
    }

    private void tookAtOnce(long len) throws IOException {
        if (!receiver.takesItsTime()) {
            getLocalWindow().release(len);
        }
    }

    @Override
    public void handleEof() throws IOException {
        super.handleEof();
        receiver.endOfOutput();
    }

    @Override
    public void handleClose() throws IOException {
        if (!ready.isDone()) {
            refuse(Phase.CHANNEL, "the server closes the channel " + purpose() + " instead of answering");
        }
        ended.complete(null);
        receiver.endOfOutput();
        receiver.inputSent();
        if (input != null) {
            input.close(true); // a command that ends without reading all its input leaves a write waiting
        }
        super.handleClose();
    }

    @Override
    protected void preClose() {
        CallFailed lost = new CallFailed(() -> new ConnectionLostException(
                target, ready.isDone() ? Phase.EXEC : Phase.CHANNEL, "the connection ended under way", null));
        ready.completeExceptionally(lost);
        ended.completeExceptionally(lost);
        receiver.endOfOutput();
        receiver.inputSent();
        super.preClose();
    }

    final void refuse(Phase phase, String problem) {
        CallFailed refused = new CallFailed(() -> new ChannelRefusedException(target, phase, problem, null));
        ready.completeExceptionally(refused);
        ended.completeExceptionally(refused);
    }

    /** Writes one piece after the other; a loop, not a recursion, while writes complete at once. */
    private void writeNext() {
        while (true) {
            byte[] next;
            synchronized (toWrite) {
                if (writing || isClosing()) {
                    return;
                }
                next = toWrite.poll();
                if (next == null && !inputEnds) {
                    return;
                }
                writing = true;
            }
            try {
                if (next == null) {
                    sendEof(); // "writing" stays set: nothing comes after the end
                    return;
                }
                IoWriteFuture written =
                        Objects.requireNonNull(input, "the channel is open").writeBuffer(new ByteArrayBuffer(next));
                if (!written.isDone()) {
                    written.addListener(done -> wrote(done, next.length, true));
                    return;
                }
                wrote(written, next.length, false);
            } catch (IOException e) {
                // The remote side reads no more. How the request ended is told by its close, or by the connection's.
                log.debug("{}: the input was not read to its end", this, e);
                return;
            }
        }
    }

    private void wrote(IoWriteFuture written, int bytes, boolean goOn) {
        if (written.isWritten()) {
            synchronized (toWrite) {
                writing = false;
                queuedBytes -= bytes;
            }
            receiver.inputSent();
            if (goOn) {
                writeNext();
            }
        }
    }
}
