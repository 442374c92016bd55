package io.keywright.transport.sshj;

import io.keywright.transport.TransportTimeouts;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHPacket;
import org.jspecify.annotations.Nullable;

/** Watches one connection's silence: asks for a sign of life, ends it when there is none, and ends it when nobody uses it. */
final class Liveness implements AutoCloseable {
    // A check is late by a fifth of the shortest time at most, and a busy connection costs five checks in that time.
    private static final int CHECKS = 5;

    private final SshjLink link;
    private final TransportTimeouts timeouts;
    private int unanswered;
    private @Nullable ScheduledFuture<?> checks;

    Liveness(SshjLink link) {
        this.link = link;
        this.timeouts = link.target().timeouts();
    }

    /** Begins, if the target asks for any of it. */
    void start(ScheduledExecutorService timer) {
        Duration shortest = timeouts.idle();
        if (shortest.isZero()
                || (!timeouts.keepAlive().isZero() && timeouts.keepAlive().compareTo(shortest) < 0)) {
            shortest = timeouts.keepAlive();
        }
        if (!shortest.isZero()) {
            long every = Math.max(1, shortest.toMillis() / CHECKS);
            checks = timer.scheduleWithFixedDelay(this::check, every, every, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        if (checks != null) {
            checks.cancel(false);
        }
    }

    private void check() {
        Duration idle = timeouts.idle();
        if (!idle.isZero() && link.activity().silent().compareTo(idle) >= 0) {
            link.giveUp("the connection was idle for " + idle + " and has been closed");
        } else if (!timeouts.keepAlive().isZero()) {
            checkForLife(timeouts.keepAlive());
        }
    }

    private void checkForLife(Duration interval) {
        Duration unheard = link.activity().unheard();
        if (unheard.compareTo(interval) < 0) {
            unanswered = 0;
        } else if (unheard.compareTo(interval.multipliedBy(unanswered + 1L)) >= 0) {
            if (unanswered == TransportTimeouts.MAX_KEEP_ALIVES_UNANSWERED) {
                link.giveUp("the server has given no sign of life for " + unheard);
                return;
            }
            unanswered++;
            link.outbox()
                    .send(new SSHPacket(Message.GLOBAL_REQUEST)
                            .putString("keepalive@openssh.com")
                            .putBoolean(true));
        }
    }
}
