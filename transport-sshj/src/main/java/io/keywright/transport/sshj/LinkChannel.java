package io.keywright.transport.sshj;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ShellRequest;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.RemoteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import net.schmizz.sshj.common.Buffer;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.ConnectionException;
import net.schmizz.sshj.connection.channel.direct.AbstractDirectChannel;
import org.jspecify.annotations.Nullable;

/**
 * A channel that this side opens, with the requests that start something on it (RFC 4254, sections 5 and 6).
 *
 * <p>Nothing here blocks, unlike sshj's own channels: what comes is handed to the receiver on sshj's reader, what
 * goes is queued, and the caller waits for {@link #ready()} and {@link #ended()}.
 *
 * <pre>
 * pty-req:       string TERM, uint32 columns, uint32 rows, uint32 width and height in pixels, string modes (none: 0)
 * window-change: uint32 columns, uint32 rows, uint32 width and height in pixels
 * </pre>
 */
final class LinkChannel extends AbstractDirectChannel implements RemoteChannel {
    /** What to ask for once the channel is open. */
    private record Request(String name, Buffer.PlainBuffer content, String described, Phase phase) {}

    private static final int EXTENDED_DATA_STDERR = 1;
    private static final byte[] NO_MODES = {0};
    // Enough to keep the network busy.
    private static final int MAX_UNDER_WAY_BYTES = 256 << 10;

    private final SshjLink link;
    private final Buffer.PlainBuffer openContent;
    private final List<Request> requests;
    private final Receiver receiver;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    private final Object sending = new Object();
    private final Deque<byte[]> toSend = new ArrayDeque<>();
    private int sentOfFirst;
    private final AtomicLong queuedBytes = new AtomicLong(); // changed with the lock, read without
    private long unreleased;
    private int underWay;
    private boolean inputEnds;
    private boolean eofSent;
    private boolean confirmed;
    private boolean allAsked;
    private boolean closeSent;
    private volatile boolean abandoned; // changed with the lock, read without

    private int answered;
    private volatile @Nullable Integer exitStatus;
    private volatile @Nullable String exitSignal;

    private LinkChannel(
            SshjLink link, String type, Buffer.PlainBuffer openContent, List<Request> requests, Receiver receiver) {
        super(link.connection(), type);
        this.link = link;
        this.openContent = openContent;
        this.requests = List.copyOf(requests);
        this.receiver = receiver;
    }

    /** Begins to open a channel. */
    static LinkChannel begin(SshjLink link, Purpose purpose, Receiver receiver) {
        LinkChannel channel = purpose instanceof Purpose.Destination destination
                ? new LinkChannel(link, "direct-tcpip", content(destination), List.of(), receiver)
                : new LinkChannel(link, "session", new Buffer.PlainBuffer(), requests(purpose), receiver);
        link.outbox().send(channel.buildOpenReq().putBuffer(channel.openContent));
        link.tellIfDead(channel); // it may have died before it knew of this channel
        return channel;
    }

    private static Buffer.PlainBuffer content(Purpose.Destination destination) {
        return new Buffer.PlainBuffer()
                .putString(destination.host())
                .putUInt32(destination.port())
                .putString("127.0.0.1") // where the connection comes from: nobody's business
                .putUInt32(0);
    }

    private static List<Request> requests(Purpose purpose) {
        if (purpose instanceof Purpose.Command command) {
            return List.of(exec(command.line()));
        } else if (purpose instanceof Purpose.NamedSubsystem subsystem) {
            String name = subsystem.name();
            return List.of(
                    new Request("subsystem", new Buffer.PlainBuffer().putString(name), "for " + name, Phase.CHANNEL));
        } else if (purpose instanceof Purpose.Terminal terminal) {
            return requests(terminal.request());
        }
        throw new IllegalArgumentException("no session is for " + purpose);
    }

    private static List<Request> requests(ShellRequest request) {
        Buffer.PlainBuffer terminal = new Buffer.PlainBuffer().putString(request.terminal());
        putSize(terminal, request.size()).putString(NO_MODES);
        return List.of(
                new Request("pty-req", terminal, "for a terminal", Phase.CHANNEL),
                request.command()
                        .map(LinkChannel::exec)
                        .orElseGet(() -> new Request("shell", new Buffer.PlainBuffer(), "for a shell", Phase.EXEC)));
    }

    private static Request exec(String command) {
        return new Request("exec", new Buffer.PlainBuffer().putString(command), "to run a command", Phase.EXEC);
    }

    private static Buffer.PlainBuffer putSize(Buffer.PlainBuffer buffer, TerminalSize size) {
        return buffer.putUInt32(size.columns())
                .putUInt32(size.rows())
                .putUInt32(0) // pixels are unknown
                .putUInt32(0);
    }

    SshTarget target() {
        return link.target();
    }

    /** Completes when the server has accepted all requests. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public boolean isAbandoned() {
        return abandoned;
    }

    @Override
    public CompletableFuture<Void> gone() {
        return gone;
    }

    @Override
    public @Nullable Integer exitStatus() {
        return exitStatus;
    }

    @Override
    public @Nullable String exitSignal() {
        return exitSignal;
    }

    // --- to the server ---

    @Override
    public void write(byte[] data) {
        synchronized (sending) {
            if (data.length > 0 && !inputEnds && !abandoned) {
                toSend.add(data);
                queuedBytes.addAndGet(data.length);
            }
            pump();
        }
    }

    @Override
    public long queuedBytes() {
        return queuedBytes.get();
    }

    @Override
    public void endInput() {
        synchronized (sending) {
            inputEnds = true;
            pump();
        }
    }

    @Override
    public void resize(TerminalSize size) {
        synchronized (sending) {
            if (confirmed && !closeSent) {
                link.outbox()
                        .send(newBuffer(Message.CHANNEL_REQUEST)
                                .putString("window-change")
                                .putBoolean(false)
                                .putBuffer(putSize(new Buffer.PlainBuffer(), size)));
            }
        }
    }

    /** Closes the channel without waiting for anything. What was not sent yet is dropped. */
    @Override
    public void abandon() {
        synchronized (sending) {
            abandoned = true;
            toSend.clear();
            queuedBytes.set(0);
            sendClose();
        }
        receiver.inputSent();
    }

    @Override
    public void took(int bytes) {
        synchronized (sending) {
            unreleased += bytes;
            // As sshj does: no message for every few bytes.
            if (unreleased >= conn.getWindowSize() / 4 && confirmed && !closeSent) {
                link.outbox().send(newBuffer(Message.CHANNEL_WINDOW_ADJUST).putUInt32(unreleased));
                lwin.expand(unreleased);
                unreleased = 0;
            }
        }
    }

    @Override
    protected void sendClose() {
        synchronized (sending) {
            if (confirmed && !closeSent) {
                closeSent = true;
                link.outbox().send(newBuffer(Message.CHANNEL_CLOSE));
            }
        }
    }

    /** Sends what the server's window takes; called with the lock. */
    private void pump() {
        if (!allAsked || closeSent) {
            return;
        }
        while (!toSend.isEmpty() && rwin.getSize() > 0 && underWay < MAX_UNDER_WAY_BYTES) {
            byte[] first = toSend.peek();
            int length = (int)
                    Math.min(Math.min(rwin.getMaxPacketSize(), rwin.getSize()), (long) first.length - sentOfFirst);
            SSHPacket packet = newBuffer(Message.CHANNEL_DATA);
            packet.ensureCapacity(length + Outbox.MAX_OVERHEAD_BYTES);
            link.outbox().send(packet.putBytes(first, sentOfFirst, length), () -> written(length));
            rwin.consume(length);
            underWay += length;
            queuedBytes.addAndGet(-length);
            sentOfFirst += length;
            if (sentOfFirst == first.length) {
                toSend.remove();
                sentOfFirst = 0;
            }
        }
        if (toSend.isEmpty() && inputEnds && !eofSent) {
            eofSent = true;
            link.outbox().send(newBuffer(Message.CHANNEL_EOF));
        }
    }

    /** Data has left: makes room for more of it. A server may announce any window, and read slowly all the same. */
    private void written(int bytes) {
        synchronized (sending) {
            underWay -= bytes;
            pump();
        }
        receiver.inputSent();
    }

    // --- from the server, on sshj's reader ---

    @Override
    public void handle(Message message, SSHPacket packet) throws SSHException {
        switch (message) {
            case CHANNEL_OPEN_CONFIRMATION -> {
                super.handle(message, packet);
                opened();
            }
            case CHANNEL_OPEN_FAILURE -> {
                int reason = packet.readUInt32AsInt();
                String said = packet.readString();
                refuse(
                        Phase.CHANNEL,
                        "the server opens no " + getType() + " channel: " + said + " (reason " + reason + ")");
                finishOff();
            }
            case CHANNEL_DATA -> received(packet, false);
            case CHANNEL_EXTENDED_DATA -> received(packet, packet.readUInt32AsInt() == EXTENDED_DATA_STDERR);
            case CHANNEL_WINDOW_ADJUST -> {
                super.handle(message, packet);
                synchronized (sending) {
                    pump();
                }
                receiver.inputSent();
            }
            case CHANNEL_SUCCESS -> answeredYes();
            case CHANNEL_FAILURE -> answeredNo();
            case CHANNEL_REQUEST -> requested(packet);
            case CHANNEL_EOF -> receiver.endOfOutput();
            case CHANNEL_CLOSE -> closed();
            default -> throw new ConnectionException("message " + message + " on a channel");
        }
    }

    private void opened() {
        synchronized (sending) {
            confirmed = true;
            if (abandoned) {
                sendClose();
                return;
            }
        }
        askNext();
    }

    /** Sends the next request, when the one before was accepted: no command may run without the terminal that it wants. */
    private void askNext() {
        if (answered == requests.size()) {
            ready.complete(null);
            haveAllAsked(); // of a channel without requests
            return;
        }
        Request request = requests.get(answered);
        synchronized (sending) {
            if (!closeSent) {
                link.outbox()
                        .send(newBuffer(Message.CHANNEL_REQUEST)
                                .putString(request.name())
                                .putBoolean(true)
                                .putBuffer(request.content()));
            }
        }
        if (answered == requests.size() - 1) {
            haveAllAsked();
            receiver.asked(this);
        }
    }

    /** Input may follow the last request, whose answer is still to come. */
    private void haveAllAsked() {
        synchronized (sending) {
            allAsked = true;
            pump();
        }
    }

    private void answeredYes() throws ConnectionException {
        if (answered == requests.size()) {
            throw new ConnectionException("an answer to no request");
        }
        answered++;
        askNext();
    }

    private void answeredNo() throws ConnectionException {
        if (answered == requests.size()) {
            throw new ConnectionException("an answer to no request");
        }
        Request request = requests.get(answered++);
        refuse(request.phase(), "the server refuses the request " + request.described());
        abandon();
    }

    private void received(SSHPacket packet, boolean isError) throws SSHException {
        int length = packet.readUInt32AsInt();
        if (length < 0 || length > packet.available()) {
            throw new ConnectionException("a packet of data ends early");
        }
        lwin.consume(length); // throws for more than was allowed
        boolean dropped;
        synchronized (sending) {
            dropped = abandoned;
        }
        if (dropped || !receiver.takesItsTime()) {
            took(length);
        }
        if (dropped) {
            return;
        } else if (isError) {
            receiver.standardError(packet.array(), packet.rpos(), length);
        } else {
            receiver.standardOutput(packet.array(), packet.rpos(), length);
        }
    }

    private void requested(SSHPacket packet) throws SSHException {
        String name = packet.readString();
        boolean wantsAnswer = packet.readBoolean();
        if (name.equals("exit-status")) {
            exitStatus = (int) packet.readUInt32();
        } else if (name.equals("exit-signal")) {
            exitSignal = packet.readString();
        } else if (wantsAnswer) {
            synchronized (sending) {
                if (!closeSent) {
                    link.outbox().send(newBuffer(Message.CHANNEL_FAILURE));
                }
            }
        }
    }

    private void closed() {
        if (!ready.isDone()) {
            refuse(Phase.CHANNEL, "the server closes the channel instead of answering");
        }
        sendClose();
        finishOff();
        ended.complete(null);
        over();
    }

    /** The connection is over. */
    @Override
    public void notifyError(SSHException error) {
        CallFailed lost = new CallFailed(() -> new ConnectionLostException(
                target(), ready.isDone() ? Phase.EXEC : Phase.CHANNEL, link.whyDead(), error));
        ready.completeExceptionally(lost);
        ended.completeExceptionally(lost);
        synchronized (sending) {
            closeSent = true;
        }
        finishOff();
        over();
    }

    private void over() {
        synchronized (sending) {
            toSend.clear();
            queuedBytes.set(0);
        }
        gone.complete(null);
        receiver.endOfOutput();
        receiver.inputSent();
    }

    private void refuse(Phase phase, String problem) {
        CallFailed refused = new CallFailed(() -> new ChannelRefusedException(target(), phase, problem, null));
        ready.completeExceptionally(refused);
        ended.completeExceptionally(refused);
    }
}
