package io.keywright.transport.sshj;

import java.time.Duration;

/** When a connection last heard something, and last said something. Thread-safe. */
final class Activity {
    private volatile long received = System.nanoTime();
    private volatile long sent = received;

    void received() {
        received = System.nanoTime();
    }

    void sent() {
        sent = System.nanoTime();
    }

    /** Returns how long nothing has come. */
    Duration unheard() {
        return Duration.ofNanos(System.nanoTime() - received);
    }

    /** Returns how long there has been silence in both directions. */
    Duration silent() {
        long now = System.nanoTime();
        return Duration.ofNanos(Math.min(now - received, now - sent));
    }
}
