package io.keywright.transport.sshj;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.Transport;
import net.schmizz.sshj.transport.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Packets on their way out, in order. sshj writes to the socket on the thread that calls it, which a network that is stuck
 * would hold for ever; here that is a thread of the transport's, and only while there is something to write.
 */
final class Outbox {
    /** Header, padding, tag or MAC of a packet, with room. */
    static final int MAX_OVERHEAD_BYTES = 512;

    private final Transport transport;
    private final Executor threads;
    private final Deque<SSHPacket> packets = new ArrayDeque<>();
    private boolean writing;

    Outbox(Transport transport, Executor threads) {
        this.transport = transport;
        this.threads = threads;
    }

    /** Queues a packet, which from now on belongs to the outbox. */
    void send(SSHPacket packet) {
        synchronized (packets) {
            packets.add(packet);
            if (writing) {
                return;
            }
            writing = true;
        }
        try {
            threads.execute(this::write);
        } catch (RejectedExecutionException e) {
            transport.die(e); // everything is being closed
        }
    }

    private void write() {
        for (SSHPacket packet = next(); packet != null; packet = next()) {
            try {
                transport.write(packet);
            } catch (TransportException | RuntimeException e) {
                transport.die(e); // tells everybody who waits; the rest of the packets fails likewise
            }
        }
    }

    private @Nullable SSHPacket next() {
        synchronized (packets) {
            SSHPacket packet = packets.poll();
            writing = packet != null;
            return packet;
        }
    }
}
