package io.keywright.transport.sshd;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.util.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A MINA session with what it takes to open channels on it and to end it. */
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SshdTransport.class);
    // Saying good-bye is a courtesy; a dead network must not hold anybody up for it.
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final HandshakeSession session;
    private final @Nullable Link jumpHost;
    private final Consumer<Link> onClose;
    private final Set<ForwardedPort> ports = ConcurrentHashMap.newKeySet();

    /**
     * Makes a link.
     *
     * @param jumpHost the connection beneath, which ends with this one, or null
     */
    Link(HandshakeSession session, @Nullable Link jumpHost, Consumer<Link> onClose) {
        this.session = session;
        this.jumpHost = jumpHost;
        this.onClose = onClose;
    }

    /** Closes a port when this connection ends, however it ends. */
    void endWith(ForwardedPort port) {
        ports.add(port);
        session.addCloseFutureListener(closed -> port.close());
    }

    SshTarget target() {
        return handshake().target();
    }

    Handshake handshake() {
        return session.handshake();
    }

    String serverVersion() {
        return session.getServerVersion();
    }

    List<ProbeAnswer> answers() {
        return handshake().dialogue().answers();
    }

    boolean isOpen() {
        return session.isOpen();
    }

    /** Opens a channel and waits until its request was accepted. */
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

    /** Says good-bye, and closes the socket and everything on it. Closing again does nothing. */
    @Override
    public void close() {
        CompletableFuture<Void> closed = sayGoodBye();
        await(closed);
        session.close(true);
        await(closed);
        ports.forEach(ForwardedPort::close);
        if (jumpHost != null) {
            jumpHost.close();
        }
    }

    /** Begins to close without waiting; the future completes when the socket is closed. */
    CompletableFuture<Void> sayGoodBye() {
        onClose.accept(this);
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

    /** Waits for an end, no longer than a courtesy may take. */
    static void await(CompletableFuture<Void> closed) {
        try {
            closed.get(FAREWELL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever is in a hurry gets the hard end
        } catch (TimeoutException e) {
            LOG.debug("the end of a connection takes its time", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this future", e);
        }
    }
}
