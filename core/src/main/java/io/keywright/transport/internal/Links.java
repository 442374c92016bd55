package io.keywright.transport.internal;

import io.keywright.SignatureAlgorithm;
import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.Route;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of a transport: how they are opened, whatever library is beneath, and that they end with the transport.
 * Thread-safe.
 *
 * @param <L> the library's connections
 */
public final class Links<L extends Link> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Links.class);
    private static final String CLOSED = "this transport has been closed";
    // Saying good-bye is a courtesy; a dead network must not hold anybody up for it.
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    /** Begins connections with a library. */
    public interface Library<L extends Link> {
        /**
         * Connects, and begins the key exchange.
         *
         * @param dialogues makes what is said to log in after that, anew for each attempt to connect
         * @param jumpHost the connection that carries this one and ends with it, or null
         * @param connecting bounds it, key exchange included
         * @return a connection whose handshake goes on by itself
         */
        L begin(
                SshTarget target,
                Supplier<AuthenticationDialogue> dialogues,
                @Nullable L jumpHost,
                Deadline connecting);

        /** Takes note that a connection is logged in. */
        default void loggedIn(L link) {}
    }

    private final Library<L> library;
    private final Set<L> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Begins without any. */
    public Links(Library<L> library) {
        this.library = library;
    }

    /**
     * Connects and logs in.
     *
     * @throws io.keywright.UnsupportedKeyException when the request's key pair cannot sign here; nothing has been sent
     * @throws IllegalStateException when the transport is closed
     */
    public SshConnection connect(ConnectRequest request) {
        if (request.logIn() instanceof LogIn.Key key) {
            // Fails here for a kind of key that does not sign, before anybody is bothered.
            SignatureAlgorithm.defaultFor(key.pair().publicKey());
        }
        return new LinkConnection(open(request.target(), request.probes(), request.logIn(), Deadline.never()));
    }

    /** Connects, asks about keys, and hangs up. */
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        try (L link = open(target, keys, null, Deadline.never())) {
            Handshake handshake = link.handshake();
            return new ProbeReport(
                    handshake.hostKey(),
                    handshake.serverVersion(),
                    handshake.dialogue().answers());
        }
    }

    /** Opens a connection, and before it those to the jump hosts on the way, which are part of connecting. */
    private L open(SshTarget target, List<SshPublicKey> probes, @Nullable LogIn logIn, Deadline whole) {
        requireOpen();
        try {
            return openNow(target, () -> new AuthenticationDialogue(target, probes, logIn), whole);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException(CLOSED, e); // meanwhile
        }
    }

    private L openNow(SshTarget target, Supplier<AuthenticationDialogue> dialogues, Deadline whole) {
        Deadline connecting = whole.atMost(target.timeouts().connect());
        L jumpHost = target.route() instanceof Route.JumpHost jump
                ? open(jump.target(), List.of(), jump.logIn(), connecting)
                : null;
        L link;
        try {
            link = library.begin(target, dialogues, jumpHost, connecting);
        } catch (RuntimeException e) {
            if (jumpHost != null) {
                jumpHost.close();
            }
            throw e;
        }
        open.add(link);
        link.whenOver(() -> open.remove(link));
        boolean done = false;
        try {
            link.handshake()
                    .await(connecting, () -> whole.atMost(target.timeouts().authentication()));
            requireOpen();
            library.loggedIn(link);
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

    /** Closes every connection; none can be opened any more. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // All at once: each of them may be on a network that is dead.
            List<L> links = List.copyOf(open);
            awaitFarewell(
                    CompletableFuture.allOf(links.stream().map(Link::sayGoodBye).toArray(CompletableFuture<?>[]::new)));
            links.forEach(Link::hangUp);
        }
    }

    /** Waits for an end, no longer than a courtesy may take. */
    public static void awaitFarewell(CompletableFuture<Void> farewell) {
        awaitFarewell(farewell, FAREWELL);
    }

    static void awaitFarewell(CompletableFuture<Void> farewell, Duration patience) {
        try {
            farewell.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever is in a hurry gets the hard end
        } catch (TimeoutException e) {
            LOG.debug("the end of a connection takes its time", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this future", e);
        }
    }
}
