package io.keywright.benchmarks.fleet;

import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ProbeReport;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A transport that counts the connections it opens, and outlives the engines that use it. Thread-safe. */
final class CountingTransport implements SshTransport {
    private final SshTransport transport;
    private final AtomicLong connections = new AtomicLong();

    CountingTransport(SshTransport transport) {
        this.transport = transport;
    }

    long connections() {
        return connections.get();
    }

    @Override
    public String name() {
        return transport.name();
    }

    @Override
    public SshConnection connect(ConnectRequest request) {
        connections.incrementAndGet();
        return transport.connect(request);
    }

    @Override
    public ProbeReport probe(SshTarget target, List<SshPublicKey> keys) {
        connections.incrementAndGet();
        return transport.probe(target, keys);
    }

    /** Does nothing: an engine closes its transport, and the next one needs it again. */
    @Override
    public void close() {}

    void closeForGood() {
        transport.close();
    }
}
