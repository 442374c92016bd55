package io.keywright.transport.sshj;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
 * <p>Nothing here blocks, unlike sshj's own channels: what comes is handed to the {@link Receiver} on sshj's reader, what
 * goes is queued, and the caller waits for {@link #ready()} and {@link #ended()}.
 */
final class LinkChannel extends AbstractDirectChannel {
    /** Takes what the remote side sends, on sshj's reader, and tells {@link #release} when it is done with it. */
    interface Receiver {
        void standardOutput(LinkChannel channel, byte[] data, int offset, int length);

        void standardError(LinkChannel channel, byte[] data, int offset, int length);

        /** No more output comes; there may still be an exit status. */
        void outputEnds(LinkChannel channel);
    }

    /** What to ask for once the channel is open. */
    record Request(String name, Buffer.PlainBuffer content, String described, Phase phase) {}

    private static final int EXTENDED_DATA_STDERR = 1;
    // Enough to keep the network busy.
    private static final int MAX_UNDER_WAY_BYTES = 256 << 10;

    private final Link link;
    private final Buffer.PlainBuffer openContent;
    private final List<Request> requests;
    private final Receiver receiver;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private final Object sending = new Object();
    private final Deque<byte[]> toSend = new ArrayDeque<>();
    private int sentOfFirst;
    private long queuedBytes;
    private long unreleased;
    private int underWay;
    private boolean inputEnds;
    private boolean eofSent;
    private boolean confirmed;
    private boolean closeSent;
    private boolean abandoned;

    private int answered;
    private volatile @Nullable Integer exitStatus;
    private volatile @Nullable String exitSignal;

    private LinkChannel(
            Link link, String type, Buffer.PlainBuffer openContent, List<Request> requests, Receiver receiver) {
        super(link.connection(), type);
        this.link = link;
        this.openContent = openContent;
        this.requests = List.copyOf(requests);
        this.receiver = receiver;
    }

    /** Begins to open a channel of type "session". */
    static LinkChannel session(Link link, List<Request> requests, Receiver receiver) {
        return new LinkChannel(link, "session", new Buffer.PlainBuffer(), requests, receiver).begin();
    }

    /** Begins to open a TCP connection from the server to somewhere else. */
    static LinkChannel directTcpip(Link link, String host, int port, Receiver receiver) {
        Buffer.PlainBuffer content = new Buffer.PlainBuffer()
                .putString(host)
                .putUInt32(port)
                .putString("127.0.0.1") // where the connection comes from: nobody's business
                .putUInt32(0);
        return new LinkChannel(link, "direct-tcpip", content, List.of(), receiver).begin();
    }

    static Request exec(String command) {
        return new Request("exec", new Buffer.PlainBuffer().putString(command), "to run a command", Phase.EXEC);
    }

    static Request subsystem(String name) {
        return new Request("subsystem", new Buffer.PlainBuffer().putString(name), "for " + name, Phase.CHANNEL);
    }

    private LinkChannel begin() {
        link.outbox().send(buildOpenReq().putBuffer(openContent));
        link.tellIfDead(this); // it may have died before it knew of this channel
        return this;
    }

    SshTarget target() {
        return link.target();
    }

    /** Completes when the server has accepted all requests. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Completes when the server has closed the channel; fails when the connection went first. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    @Nullable
    Integer exitStatus() {
        return exitStatus;
    }

    @Nullable
    String exitSignal() {
        return exitSignal;
    }

    // --- to the server ---

    /** Queues input; it is sent as the server's window allows. The array is not copied and must not change. */
    void write(byte[] data) {
        synchronized (sending) {
            if (data.length > 0 && !inputEnds && !abandoned) {
                toSend.add(data);
                queuedBytes += data.length;
            }
            pump();
        }
    }

    /** Waits until no more than so many bytes are queued, or nothing more will be sent. */
    void awaitQueued(long most) throws InterruptedException {
        synchronized (sending) {
            while (queuedBytes > most && !abandoned && !ended.isDone()) {
                sending.wait();
            }
        }
    }

    /** Sends the end of the input after everything that is queued. */
    void endInput() {
        synchronized (sending) {
            inputEnds = true;
            pump();
        }
    }

    /** Sends a request that nobody waits for. */
    void tell(String request, Buffer.PlainBuffer content) {
        synchronized (sending) {
            if (confirmed && !closeSent) {
                link.outbox()
                        .send(newBuffer(Message.CHANNEL_REQUEST)
                                .putString(request)
                                .putBoolean(false)
                                .putBuffer(content));
            }
        }
    }

    /** Closes the channel without waiting for anything. What was not sent yet is dropped. */
    void abandon() {
        synchronized (sending) {
            abandoned = true;
            toSend.clear();
            queuedBytes = 0;
            sending.notifyAll();
            sendClose();
        }
    }

    /** Tells the server that so many bytes of its output were used up. */
    void release(int bytes) {
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
        if (!confirmed || closeSent || !ready.isDone()) {
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
            queuedBytes -= length;
            sentOfFirst += length;
            if (sentOfFirst == first.length) {
                toSend.remove();
                sentOfFirst = 0;
            }
        }
        sending.notifyAll();
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
            }
            case CHANNEL_SUCCESS -> answeredYes();
            case CHANNEL_FAILURE -> answeredNo();
            case CHANNEL_REQUEST -> requested(packet);
            case CHANNEL_EOF -> receiver.outputEnds(this);
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
            synchronized (sending) {
                pump();
            }
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
        if (dropped) {
            release(length);
        } else if (isError) {
            receiver.standardError(this, packet.array(), packet.rpos(), length);
        } else {
            receiver.standardOutput(this, packet.array(), packet.rpos(), length);
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
        receiver.outputEnds(this);
        synchronized (sending) {
            toSend.clear();
            queuedBytes = 0;
            sending.notifyAll();
        }
    }

    private void refuse(Phase phase, String problem) {
        CallFailed refused = new CallFailed(() -> new ChannelRefusedException(target(), phase, problem, null));
        ready.completeExceptionally(refused);
        ended.completeExceptionally(refused);
    }
}
