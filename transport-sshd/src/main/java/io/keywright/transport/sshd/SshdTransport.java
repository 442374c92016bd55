package io.keywright.transport.sshd;

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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.client.SshClient;
import org.jspecify.annotations.Nullable;

/**
 * {@link SshTransport} on Apache MINA SSHD.
 *
 * <p>Thread-safe: one transport serves any number of threads and connections with a few threads of its own, which are
 * daemons and end with {@link #close()}. No security provider is registered with the JVM, and nothing is read from the
 * user's home.
 */
public final class SshdTransport implements SshTransport {
    static final String NAME = "sshd";

    private final SshClient client;
    private final ExecutorService workers;
    private final Dialer dialer;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private SshdTransport(SshdSettings settings) {
        client = MinaClient.start(settings);
        workers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "keywright-worker");
            thread.setDaemon(true);
            return thread;
        });
        dialer = new Dialer(client, workers);
    }

    /**
     * Creates a transport with {@linkplain SshdSettings#DEFAULT default settings}.
     *
     * @return a new transport; the caller closes it
     */
    public static SshdTransport create() {
        return of(SshdSettings.DEFAULT);
    }

    /**
     * Creates a transport.
     *
     * @param settings what can be set about it
     * @return a new transport; the caller closes it
     */
    public static SshdTransport of(SshdSettings settings) {
        return new SshdTransport(Objects.requireNonNull(settings, "settings"));
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
        Link link = open(request.target(), request.probes(), request.logIn(), Deadline.never());
        return new SshdConnection(link);
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        try (Link link = open(target, keys, null, Deadline.never())) {
            return new ProbeReport(link.handshake().hostKey(), link.serverVersion(), link.answers());
        }
    }

    /** Closes every connection and releases every thread and socket. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // All at once: each of them may be on a network that is dead.
            Link.await(
                    CompletableFuture.allOf(links.stream().map(Link::sayGoodBye).toArray(CompletableFuture<?>[]::new)));
            client.stop();
            dialer.close();
            workers.shutdownNow();
        }
    }

    /** Opens a connection, and before it those to the jump hosts on the way, which are part of connecting. */
    private Link open(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn, Deadline whole) {
        if (closed.get()) {
            throw new IllegalStateException("this transport has been closed");
        }
        Deadline connecting = whole.atMost(target.timeouts().connect());
        Link jumpHost = target.route() instanceof Route.JumpHost jump
                ? open(jump.target(), List.of(), jump.logIn(), connecting)
                : null;
        // Each address gets a handshake of its own, which a late answer from another address cannot disturb.
        HandshakeSession session = dialer.dial(
                target,
                () -> new Handshake(target, new AuthenticationDialogue(target, probes, logIn)),
                jumpHost,
                connecting);
        Handshake handshake = session.handshake();
        Link link = new Link(session, jumpHost, links::remove);
        links.add(link);
        boolean done = false;
        try {
            connecting.await(handshake.keysExchanged(), target, Phase.KEY_EXCHANGE, "the key exchange");
            authenticate(handshake, whole.atMost(target.timeouts().authentication()));
            if (closed.get()) {
                throw new IllegalStateException("this transport has been closed");
            }
            done = true;
            return link;
        } finally {
            if (!done) {
                link.close();
            }
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
