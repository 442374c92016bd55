package io.keywright.transport.sshj;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.Links;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
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

    private final ExecutorService threads;
    private final ScheduledThreadPoolExecutor timer; // has no thread before it has something to do
    private final Routes routes;
    private final Links<SshjLink> links = new Links<>(new Sshj());

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
        return links.connect(request);
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        return links.probe(target, keys);
    }

    /** Closes every connection and releases every thread and socket. Closing again does nothing. */
    @Override
    public void close() {
        links.close();
        routes.close();
        timer.shutdownNow();
        threads.shutdownNow();
    }

    /** How connections begin. */
    private final class Sshj implements Links.Library<SshjLink> {
        @Override
        public SshjLink begin(
                SshTarget target,
                Supplier<AuthenticationDialogue> dialogues,
                @Nullable SshjLink jumpHost,
                Deadline connecting) {
            LinkConfig config = LinkConfig.of(new SshjHandshake(target, dialogues.get()));
            Wire wire = jumpHost == null
                    ? routes.connect(target, connecting)
                    : Routes.through(jumpHost, target, connecting);
            SshjLink link = new SshjLink(config, wire, jumpHost, threads);
            boolean done = false;
            try {
                link.start();
                done = true;
                return link;
            } finally {
                if (!done) {
                    link.hangUp();
                }
            }
        }

        @Override
        public void loggedIn(SshjLink link) {
            Liveness liveness = new Liveness(link);
            liveness.start(timer);
            link.whenOver(liveness::close);
        }
    }
}
