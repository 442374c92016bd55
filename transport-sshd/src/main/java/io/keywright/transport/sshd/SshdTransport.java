package io.keywright.transport.sshd;

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
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
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
    private final Links<SshdLink> links = new Links<>(this::begin);

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
        client.stop();
        dialer.close();
        workers.shutdownNow();
    }

    private SshdLink begin(
            SshTarget target,
            Supplier<AuthenticationDialogue> dialogues,
            @Nullable SshdLink jumpHost,
            Deadline connecting) {
        // Each address gets a handshake of its own, which a late answer from another address cannot disturb.
        HandshakeSession session =
                dialer.dial(target, () -> new SshdHandshake(target, dialogues.get()), jumpHost, connecting);
        return new SshdLink(session, jumpHost);
    }
}
