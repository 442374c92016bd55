package io.keywright.transport.sshd;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.sshd.client.channel.AbstractClientChannel;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.channel.ChannelAsyncOutputStream;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A channel of type "session" with one request on it, a command or a subsystem (RFC 4254, section 6.5).
 *
 * <p>Nothing here blocks: output is handed to the {@link Receiver} on MINA's thread, input is queued, and the caller waits
 * for {@link #ready()} and {@link #ended()}.
 */
final class SessionChannel extends AbstractClientChannel {
    /** Takes what the remote side prints, on MINA's thread. */
    interface Receiver {
        void standardOutput(byte[] data, int offset, int length);

        void standardError(byte[] data, int offset, int length);
    }

    private final SshTarget target;
    private final String request;
    private final String argument;
    private final Receiver receiver;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Deque<byte[]> toWrite = new ArrayDeque<>();
    private @Nullable ChannelAsyncOutputStream input;
    private boolean writing;
    private boolean inputEnds;

    private SessionChannel(SshTarget target, String request, String argument, Receiver receiver) {
        super("session");
        this.target = target;
        this.request = request;
        this.argument = argument;
        this.receiver = receiver;
    }

    static SessionChannel command(SshTarget target, String commandLine, Receiver receiver) {
        return new SessionChannel(target, "exec", commandLine, receiver);
    }

    static SessionChannel subsystem(SshTarget target, String name, Receiver receiver) {
        return new SessionChannel(target, "subsystem", name, receiver);
    }

    /** Completes when the server has accepted the request. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Completes when the server has closed the channel; fails when the connection went first. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Queues input; it is sent as the server's window allows. The array is not copied and must not change. */
    void write(byte[] data) {
        synchronized (toWrite) {
            toWrite.add(data);
        }
        writeNext();
    }

    /** Sends the end of the input after everything that is queued. */
    void endInput() {
        synchronized (toWrite) {
            inputEnds = true;
        }
        writeNext();
    }

    /** Closes the channel without waiting for anything. */
    void abandon() {
        if (input != null) {
            input.close(true); // what is still queued would otherwise hold up the end
        }
        close(false);
    }

    @Override
    protected void doOpen() throws IOException {
        input = new ChannelAsyncOutputStream(this, SshConstants.SSH_MSG_CHANNEL_DATA);
        asyncIn = input;
        Session session = getSession();
        byte[] bytes = argument.getBytes(StandardCharsets.UTF_8);
        Buffer buffer = session.createBuffer(SshConstants.SSH_MSG_CHANNEL_REQUEST, bytes.length + 64);
        buffer.putUInt(getRecipient());
        buffer.putString(request);
        buffer.putBoolean(true);
        buffer.putBytes(bytes);
        writePacket(buffer);
    }

    @Override
    public void handleSuccess() {
        ready.complete(null);
    }

    @Override
    public void handleFailure() {
        refuse(request.equals("exec") ? Phase.EXEC : Phase.CHANNEL, "the server refuses the request " + described());
        abandon();
    }

    @Override
    public void handleOpenFailure(Buffer buffer) {
        int start = buffer.rpos();
        int reason = buffer.getInt();
        String message = buffer.getString();
        buffer.rpos(start);
        refuse(Phase.CHANNEL, "the server opens no session: " + message + " (reason " + reason + ")");
        super.handleOpenFailure(buffer);
    }

    @Override
    protected void doWriteData(byte[] data, int off, long len) throws IOException {
        receiver.standardOutput(data, off, Math.toIntExact(len));
        getLocalWindow().release(len);
    }

    @Override
    protected void doWriteExtendedData(byte[] data, int off, long len) throws IOException {
        receiver.standardError(data, off, Math.toIntExact(len));
        getLocalWindow().release(len);
    }

    @Override
    public void handleClose() throws IOException {
        if (!ready.isDone()) {
            refuse(Phase.CHANNEL, "the server closes the channel instead of answering the request " + described());
        }
        ended.complete(null);
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
        super.preClose();
    }

    private void refuse(Phase phase, String problem) {
        CallFailed refused = new CallFailed(() -> new ChannelRefusedException(target, phase, problem, null));
        ready.completeExceptionally(refused);
        ended.completeExceptionally(refused);
    }

    private String described() {
        return request.equals("exec") ? "to run a command" : "for " + argument;
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
                    written.addListener(done -> wrote(done, true));
                    return;
                }
                wrote(written, false);
            } catch (IOException e) {
                // The remote side reads no more. How the request ended is told by its close, or by the connection's.
                log.debug("{}: the input was not read to its end", this, e);
                return;
            }
        }
    }

    private void wrote(IoWriteFuture written, boolean goOn) {
        if (written.isWritten()) {
            synchronized (toWrite) {
                writing = false;
            }
            if (goOn) {
                writeNext();
            }
        }
    }
}
