package io.keywright.transport.sshd;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.Handshake;
import io.keywright.transport.internal.Link;
import io.keywright.transport.internal.Links;
import io.keywright.transport.internal.RemoteChannel;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.util.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A MINA session with what it takes to open channels on it and to end it. */
final class SshdLink implements Link {
    private static final Logger LOG = LoggerFactory.getLogger(SshdTransport.class);

    private final HandshakeSession session;
    private final @Nullable SshdLink jumpHost;

    /**
     * Makes a link.
     *
     * @param jumpHost the connection beneath, which ends with this one, or null
     */
    SshdLink(HandshakeSession session, @Nullable SshdLink jumpHost) {
        this.session = session;
        this.jumpHost = jumpHost;
    }

    @Override
    public Handshake handshake() {
        return session.handshake();
    }

    @Override
    public boolean isOpen() {
        return session.isOpen();
    }

    @Override
    public void whenOver(Runnable action) {
        session.addCloseFutureListener(closed -> action.run());
    }

    @Override
    public RemoteChannel open(RemoteChannel.Purpose purpose, RemoteChannel.Receiver receiver, Deadline deadline) {
        OutgoingChannel channel = purpose instanceof RemoteChannel.Purpose.Destination destination
                ? new DirectChannel(target(), destination, receiver)
                : SessionChannel.of(target(), purpose, receiver);
        open(channel, deadline);
        return channel;
    }

    /** Opens a channel and waits until its requests were accepted. */
    void open(OutgoingChannel channel, Deadline deadline) {
        try {
            session.getService(ConnectionService.class).registerChannel(channel);
            channel.open();
        } catch (IOException | RuntimeException e) {
            throw new ConnectionLostException(target(), Phase.CHANNEL, "no channel can be opened any more", e);
        }
        boolean done = false;
        try {
            deadline.await(channel.ready(), target(), Phase.CHANNEL, "opening a channel");
            done = true;
        } finally {
            if (!done) {
                channel.abandon();
            }
        }
    }

    @Override
    public void close() {
        CompletableFuture<Void> closed = sayGoodBye();
        Links.awaitFarewell(closed);
        hangUp();
        Links.awaitFarewell(closed);
        if (jumpHost != null) {
            jumpHost.close();
        }
    }

    @Override
    public CompletableFuture<Void> sayGoodBye() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        session.addCloseFutureListener(done -> closed.complete(null));
        if (session.isOpen()) {
            try {
                Buffer farewell = session.createBuffer(SshConstants.SSH_MSG_DISCONNECT, 32);
                farewell.putUInt(SshConstants.SSH2_DISCONNECT_BY_APPLICATION);
                farewell.putString("");
                farewell.putString("");
                session.writePacket(farewell).addListener(written -> session.close(true));
            } catch (IOException | RuntimeException e) {
                LOG.debug("{}: no good-bye", target(), e);
                session.close(true);
            }
        }
        return closed;
    }

    @Override
    public void hangUp() {
        session.close(true);
    }
}
