package io.keywright.transport.sshj;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.Route;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.Deadline;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@link SshTransport} on sshj.
 *
 * <p>Thread-safe. Each connection has one thread, which reads; what is written, looked up and forwarded is done by threads
 * that all connections share and that end when they are idle. All are daemons, and end with {@link #close()}. No security
 * provider is registered with the JVM, no static state of sshj's is changed, and nothing is read from the user's home.
 */
public final class SshjTransport implements SshTransport {
    static final String NAME = "sshj";

    private static final String CLOSED = "this transport has been closed";

    private final ExecutorService threads;
    private final ScheduledThreadPoolExecutor timer; // has no thread before it has something to do
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Routes routes;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SshjTransport() {
        AtomicInteger count = new AtomicInteger();
        threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "keywright-sshj-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "keywright-sshj-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        routes = new Routes(threads);
    }

    /**
     * Creates a transport.
     *
     * @return a new transport; the caller closes it
     */
    public static SshjTransport create() {
        return new SshjTransport();
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * {@inheritDoc}
     *
     * @throws io.keywright.UnsupportedKeyException when the request's key pair cannot sign here; nothing has been sent
     * @throws IllegalStateException when this transport is closed
     */
    @Override
    public SshConnection connect(ConnectRequest request) {
        if (request.logIn() instanceof LogIn.Key key) {
            // Fails here for a kind of key that does not sign, before anybody is bothered.
            SignatureAlgorithm.defaultFor(key.pair().publicKey());
        }
        return new SshjConnection(open(request.target(), request.probes(), request.logIn(), Deadline.never()));
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        try (Link link = open(target, keys, null, Deadline.never())) {
            return new ProbeReport(link.handshake().hostKey(), link.handshake().serverVersion(), link.answers());
        }
    }

    /** Closes every connection and releases every thread and socket. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // All at once: each of them may be on a network that is dead.
            List<Link> open = List.copyOf(links);
            Link.await(
                    CompletableFuture.allOf(open.stream().map(Link::sayGoodBye).toArray(CompletableFuture<?>[]::new)));
            open.forEach(Link::hangUp);
            routes.close();
            timer.shutdownNow();
            threads.shutdownNow();
        }
    }

    /** Opens a connection, and before it those to the jump hosts on the way, which are part of connecting. */
    private Link open(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn, Deadline whole) {
        requireOpen();
        try {
            return openNow(target, probes, logIn, whole);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException(CLOSED, e); // meanwhile
        }
    }

    private Link openNow(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn, Deadline whole) {
        Deadline connecting = whole.atMost(target.timeouts().connect());
        Handshake handshake = new Handshake(target, new AuthenticationDialogue(target, probes, logIn));
        LinkConfig config = LinkConfig.of(handshake);
        Optional<Link> jumpHost = target.route() instanceof Route.JumpHost jump
                ? Optional.of(open(jump.target(), List.of(), jump.logIn(), connecting))
                : Optional.empty();
        Wire wire;
        try {
            wire = jumpHost.isPresent()
                    ? Routes.through(jumpHost.get(), target, connecting)
                    : routes.connect(target, connecting);
        } catch (RuntimeException e) {
            jumpHost.ifPresent(Link::close);
            throw e;
        }
        Link link = new Link(config, wire, jumpHost, threads, links::remove);
        links.add(link);
        boolean done = false;
        try {
            link.start();
            connecting.await(handshake.keysExchanged(), target, Phase.KEY_EXCHANGE, "the key exchange");
            authenticate(handshake, whole.atMost(target.timeouts().authentication()));
            requireOpen();
            Liveness liveness = new Liveness(link);
            liveness.start(timer);
            link.whenDead(liveness::close);
            done = true;
            return link;
        } finally {
            if (!done) {
                link.close();
            }
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(CLOSED);
        }
    }

    /** Waits until the dialogue has ended, and does here what it wants done that may wait for an agent or a person. */
    private static void authenticate(Handshake handshake, Deadline deadline) {
        CompletableFuture<Void> end = handshake.authenticated();
        while (!end.isDone()) {
            CompletableFuture<?> work = handshake.callersWork();
            deadline.await(
                    CompletableFuture.anyOf(end, work), handshake.target(), Phase.AUTHENTICATION, "authentication");
            if (work.isDone() && !end.isDone()) {
                handshake.takeCallersWork().run();
            }
        }
        deadline.await(end, handshake.target(), Phase.AUTHENTICATION, "authentication");
    }
}
