package io.keywright.transport.sshd;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import io.keywright.transport.internal.Addresses;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.common.AttributeRepository;
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
    private final ExecutorService resolver;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    private SshdTransport(SshdSettings settings) {
        client = MinaClient.start(settings);
        resolver = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "keywright-resolver");
            thread.setDaemon(true);
            return thread;
        });
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
        Link link = open(request.target(), request.probes(), request.logIn());
        return new SshdConnection(link);
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        try (Link link = open(target, keys, null)) {
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
            resolver.shutdownNow();
            client.stop();
        }
    }

    private Link open(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn) {
        if (closed.get()) {
            throw new IllegalStateException("this transport has been closed");
        }
        Deadline connecting = Deadline.in(target.timeouts().connect());
        // Each address gets a handshake of its own, which a late answer from another address cannot disturb.
        HandshakeSession session = connect(
                () -> new Handshake(target, new AuthenticationDialogue(target, probes, logIn)),
                Addresses.of(target, resolver, connecting),
                connecting);
        Handshake handshake = session.handshake();
        Link link = new Link(session, links::remove);
        links.add(link);
        boolean done = false;
        try {
            connecting.await(handshake.keysExchanged(), target, Phase.KEY_EXCHANGE, "the key exchange");
            authenticate(handshake, Deadline.in(target.timeouts().authentication()));
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

    /** Tries one address after the other, each for its share of the time that is left. */
    private HandshakeSession connect(Supplier<Handshake> handshakes, List<InetAddress> addresses, Deadline connecting) {
        List<TransportException> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            Duration share = connecting.remaining().dividedBy(addresses.size() - i);
            try {
                return connect(handshakes.get(), addresses.get(i), Deadline.in(share));
            } catch (UnreachableException | TransportTimeoutException e) {
                failures.add(e);
            }
        }
        TransportException last = failures.remove(failures.size() - 1);
        failures.forEach(last::addSuppressed);
        throw last;
    }

    private HandshakeSession connect(Handshake handshake, InetAddress address, Deadline deadline) {
        SshTarget target = handshake.target();
        CompletableFuture<HandshakeSession> connected = new CompletableFuture<>();
        // The handshake may have failed before MINA tells that it is connected; then its own failure is the true one.
        CompletableFuture<?> unused = handshake.keysExchanged().whenComplete((nothing, failure) -> {
            if (failure != null) {
                connected.completeExceptionally(failure);
            }
        });
        ConnectFuture connecting;
        try {
            // The literal: MINA would look a name up again.
            HostConfigEntry entry = new HostConfigEntry("", address.getHostAddress(), target.port(), target.user());
            entry.setIdentitiesOnly(true);
            connecting = client.connect(entry, AttributeRepository.ofKeyValuePair(Handshake.KEY, handshake), null);
        } catch (IOException | RuntimeException e) {
            throw unreachable(target, address, e);
        }
        connecting.addListener(result -> {
            if (!result.isConnected()) {
                Throwable cause = result.getException();
                connected.completeExceptionally(new CallFailed(() -> unreachable(target, address, cause)));
            } else if (!connected.complete((HandshakeSession) result.getClientSession())) {
                result.getClientSession().close(true); // nobody waits for it any more
            }
        });
        boolean done = false;
        try {
            HandshakeSession session = deadline.await(connected, target, Phase.CONNECT, "connecting to " + address);
            done = true;
            return session;
        } finally {
            if (!done && !connected.cancel(false) && !connected.isCompletedExceptionally()) {
                connected.join().close(true); // it came in the last moment
            } else if (!done) {
                connecting.cancel();
            }
        }
    }

    private static UnreachableException unreachable(SshTarget target, InetAddress address, @Nullable Throwable cause) {
        String why = cause == null ? "cancelled" : String.valueOf(cause.getMessage());
        return new UnreachableException(
                target, Phase.CONNECT, "nothing answers at " + address.getHostAddress() + ": " + why, cause);
    }
}
