package io.keywright.transport.sshj;

import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeouts;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
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
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SshjTransport.class);
    // Saying good-bye is a courtesy; a dead network must not hold anybody up for it.
    private static final Duration FAREWELL = Duration.ofSeconds(1);
    // sshj makes thread names of it. A literal: it would look a name up, for as long as that takes.
    private static final String NO_NAME = "0.0.0.0";

    private final Handshake handshake;
    private final Wire wire;
    private final Executor threads;
    private final Consumer<Link> onClose;
    private final Optional<Link> jumpHost;
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
     * @param jumpHost the connection that carries this one, closed with it; or empty
     * @param onClose told when the link closes
     */
    Link(LinkConfig config, Wire wire, Optional<Link> jumpHost, Executor threads, Consumer<Link> onClose) {
        this.handshake = config.handshake();
        this.wire = wire;
        this.jumpHost = jumpHost;
        this.threads = threads;
        this.onClose = onClose;
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
                .mapToLong(Link::millis)
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
                handshake.broken(e);
            }
        });
    }

    SshTarget target() {
        return handshake.target();
    }

    Handshake handshake() {
        return handshake;
    }

    List<ProbeAnswer> answers() {
        return handshake.dialogue().answers();
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

    boolean isOpen() {
        return whyDead.get() == null && transport.isRunning();
    }

    /** Opens a channel and waits until its requests were accepted. */
    LinkChannel open(Function<Link, LinkChannel> opening, Deadline deadline) {
        if (!isOpen()) {
            throw new ConnectionLostException(target(), Phase.CHANNEL, whyDead(), null);
        }
        LinkChannel channel = opening.apply(this);
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

    /** Does something, once, when the connection is over; at once if it is. */
    void whenDead(Runnable action) {
        CompletableFuture<Void> unused = dead.thenRun(action);
    }

    /** Ends the connection because of what this side noticed, without waiting. */
    void giveUp(String why) {
        die(why);
        // A good-bye may be stuck behind what the server does not take: nobody waits for it, and the socket goes at
        // once.
        threads.execute(() -> {
            transport.die(new SSHException(why));
            jumpHost.ifPresent(Link::close);
        });
        hangUp();
    }

    private void die(String why) {
        if (whyDead.compareAndSet(null, why)) {
            dead.complete(null);
        }
    }

    /** Says good-bye, and closes the socket and everything on it. Closing again does nothing. */
    @Override
    public void close() {
        await(sayGoodBye());
        hangUp();
        jumpHost.ifPresent(Link::close);
    }

    /** Begins to close without waiting; the future completes when it is done. */
    CompletableFuture<Void> sayGoodBye() {
        onClose.accept(this);
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

    /** Closes the socket, or the channel of the jump host. */
    void hangUp() {
        die("the connection has been closed");
        wire.close();
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
