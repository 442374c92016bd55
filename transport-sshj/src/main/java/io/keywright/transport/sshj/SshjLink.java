package io.keywright.transport.sshj;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeouts;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.Handshake;
import io.keywright.transport.internal.Link;
import io.keywright.transport.internal.Links;
import io.keywright.transport.internal.RemoteChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.connection.ConnectionImpl;
import net.schmizz.sshj.transport.TransportImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One SSH connection of sshj's, with what it takes to open channels on it and to end it. */
final class SshjLink implements Link {
    private static final Logger LOG = LoggerFactory.getLogger(SshjTransport.class);
    // sshj makes thread names of it. A literal: it would look a name up, for as long as that takes.
    private static final String NO_NAME = "0.0.0.0";

    private final SshjHandshake handshake;
    private final Wire wire;
    private final Executor threads;
    private final @Nullable SshjLink jumpHost;
    private final Activity activity = new Activity();
    private final AtomicReference<@Nullable String> whyDead = new AtomicReference<>();
    private final CompletableFuture<Void> dead = new CompletableFuture<>();
    private final TransportImpl transport;
    private final Outbox outbox;
    private final ConnectionImpl connection;

    /**
     * Prepares a connection; {@link #start} begins it.
     *
     * @param wire closed with the link
     * @param jumpHost the connection that carries this one, closed with it; or null
     */
    SshjLink(LinkConfig config, Wire wire, @Nullable SshjLink jumpHost, Executor threads) {
        this.handshake = config.handshake();
        this.wire = wire;
        this.jumpHost = jumpHost;
        this.threads = threads;
        transport = new TransportImpl(config);
        outbox = new Outbox(transport, threads);
        connection = new Channels();
        // Bounds waits of sshj's own; every call has a bound that is not longer.
        transport.setTimeoutMs(longest(target().timeouts()));
        transport.addHostKeyVerifier(new HostKeyGate());
        transport.addAlgorithmsVerifier(algorithms -> {
            handshake.agreedOn(algorithms.getSignatureAlgorithm());
            return true;
        });
    }

    private static int longest(TransportTimeouts timeouts) {
        long millis = Stream.of(timeouts.connect(), timeouts.authentication(), timeouts.request())
                .mapToLong(SshjLink::millis)
                .max()
                .orElseThrow();
        return (int) millis;
    }

    private static long millis(Duration duration) {
        Duration most = Duration.ofMillis(Integer.MAX_VALUE);
        return Math.max(1, (duration.compareTo(most) < 0 ? duration : most).toMillis());
    }

    /** Exchanges identifications and keys, then begins the authentication, on a thread of its own. */
    void start() {
        threads.execute(() -> {
            try {
                transport.init(
                        NO_NAME,
                        target().port(),
                        new ServerInput(wire.input(), handshake, activity),
                        new ServerOutput(wire.output()));
                transport.doKex();
                handshake.keysExchanged().complete(null);
                new AuthenticationService(transport, handshake, outbox, connection).begin();
            } catch (IOException | RuntimeException e) {
                handshake.failed(e);
            }
        });
    }

    @Override
    public Handshake handshake() {
        return handshake;
    }

    Outbox outbox() {
        return outbox;
    }

    ConnectionImpl connection() {
        return connection;
    }

    Activity activity() {
        return activity;
    }

    @Override
    public boolean isOpen() {
        return whyDead.get() == null && transport.isRunning();
    }

    @Override
    public LinkChannel open(RemoteChannel.Purpose purpose, RemoteChannel.Receiver receiver, Deadline deadline) {
        if (!isOpen()) {
            throw new ConnectionLostException(target(), Phase.CHANNEL, whyDead(), null);
        }
        LinkChannel channel = LinkChannel.begin(this, purpose, receiver);
        boolean done = false;
        try {
            deadline.await(channel.ready(), target(), Phase.CHANNEL, "opening a channel");
            done = true;
            return channel;
        } finally {
            if (!done) {
                channel.abandon();
            }
        }
    }

    /** Tells a channel that it came too late, if it did. */
    void tellIfDead(LinkChannel channel) {
        if (!isOpen()) {
            channel.notifyError(new SSHException("the connection is over"));
        }
    }

    /** Says why nothing works any more. */
    String whyDead() {
        String why = whyDead.get();
        return why == null ? "the connection ended under way" : why;
    }

    @Override
    public void whenOver(Runnable action) {
        CompletableFuture<Void> unused = dead.thenRun(action);
    }

    /** Ends the connection because of what this side noticed, without waiting. */
    void giveUp(String why) {
        die(why);
        // A good-bye may be stuck behind what the server does not take: nobody waits for it, and the socket goes at
        // once.
        threads.execute(() -> {
            transport.die(new SSHException(why));
            closeJumpHost();
        });
        hangUp();
    }

    private void die(String why) {
        if (whyDead.compareAndSet(null, why)) {
            dead.complete(null);
        }
    }

    @Override
    public void close() {
        Links.awaitFarewell(sayGoodBye());
        hangUp();
        closeJumpHost();
    }

    private void closeJumpHost() {
        if (jumpHost != null) {
            jumpHost.close();
        }
    }

    @Override
    public CompletableFuture<Void> sayGoodBye() {
        die("the connection has been closed");
        CompletableFuture<Void> closed = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    transport.disconnect();
                } finally {
                    hangUp();
                    closed.complete(null);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: no good-bye, the transport is closed", target(), e);
            hangUp();
            closed.complete(null);
        }
        return closed;
    }

    @Override
    public void hangUp() {
        die("the connection has been closed");
        wire.hangUp().run();
    }

    /** sshj's channels, which say when the connection is over. */
    private final class Channels extends ConnectionImpl {
        Channels() {
            super(transport, transport.getConfig().getKeepAliveProvider());
        }

        @Override
        public void handle(Message message, SSHPacket packet) throws SSHException {
            // Answers to signs of life, which nobody waits for: that something came is what counts.
            if (message != Message.REQUEST_SUCCESS && message != Message.REQUEST_FAILURE) {
                super.handle(message, packet);
            }
        }

        @Override
        public void notifyError(SSHException error) {
            die("the connection ended under way");
            super.notifyError(error);
        }
    }

    /** What sshj writes. */
    private final class ServerOutput extends OutputStream {
        private final OutputStream sink;

        ServerOutput(OutputStream sink) {
            this.sink = sink;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] data, int offset, int length) throws IOException {
            sink.write(data, offset, length);
            activity.sent();
        }

        @Override
        public void flush() throws IOException {
            sink.flush();
        }

        @Override
        public void close() throws IOException {
            sink.close();
        }
    }
}
