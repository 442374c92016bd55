package io.keywright.transport.sshj;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.Transport;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packets on their way out, in order. sshj writes to the socket on the thread that calls it, which a network that is stuck
 * would hold for ever; here that is a thread of the transport's, and only while there is something to write.
 */
final class Outbox {
    /** Header, padding, tag or MAC of a packet, with room. */
    static final int MAX_OVERHEAD_BYTES = 512;

    private static final Logger LOG = LoggerFactory.getLogger(SshjTransport.class);
    // Channels keep a few packets each here. So many more are answers that a server asks for and does not read.
    private static final int MAX_PACKETS = 10_000;

    private record Outgoing(SSHPacket packet, Runnable written) {}

    private final Transport transport;
    private final Executor threads;
    private final Deque<Outgoing> packets = new ArrayDeque<>();
    private boolean writing;

    Outbox(Transport transport, Executor threads) {
        this.transport = transport;
        this.threads = threads;
    }

    /** Queues a packet, which from now on belongs to the outbox. */
    void send(SSHPacket packet) {
        send(packet, () -> {});
    }

    /**
     * Queues a packet, which from now on belongs to the outbox.
     *
     * @param written called when the packet is out of the outbox, without a lock; must not block
     */
    void send(SSHPacket packet, Runnable written) {
        Runnable work;
        synchronized (packets) {
            if (packets.size() == MAX_PACKETS) {
                work = () -> transport.die(new TransportException("the server reads nothing of what it asks for"));
            } else {
                packets.add(new Outgoing(packet, written));
                if (writing) {
                    return;
                }
                writing = true;
                work = this::write;
            }
        }
        try {
            // Never on this thread, which may hold a channel's lock, and sshj takes its own before it asks for those.
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("nothing is sent any more: everything is being closed", e);
        }
    }

    private void write() {
        for (Outgoing next = next(); next != null; next = next()) {
            try {
                write(next.packet());
            } catch (TransportException | RuntimeException e) {
                transport.die(e); // tells everybody who waits; the rest of the packets fails likewise
            }
            next.written().run();
        }
    }

    /**
     * Writes a packet, for which sshj may wait until new keys are exchanged. When those are followed by the next ones at
     * once, sshj takes that for the end of its patience: then the packet is as it was, and waits again.
     */
    private void write(SSHPacket packet) throws TransportException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(transport.getTimeoutMs());
        while (true) {
            try {
                transport.write(packet);
                return;
            } catch (TransportException e) {
                if (!(e.getCause() instanceof TimeoutException) || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    private @Nullable Outgoing next() {
        synchronized (packets) {
            Outgoing next = packets.poll();
            writing = next != null;
            return next;
        }
    }
}
