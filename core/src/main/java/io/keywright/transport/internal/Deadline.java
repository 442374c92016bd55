package io.keywright.transport.internal;

import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportInterruptedException;
import io.keywright.transport.TransportTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The end of a call's time. Every wait of a transport for its library goes through {@link #await}. Immutable. */
public final class Deadline {
    private static final Duration CENTURY = Duration.ofDays(36_500);

    private final Duration whole;
    private final long endNanos;

    private Deadline(Duration whole) {
        this.whole = whole;
        this.endNanos = System.nanoTime() + nanos(whole);
    }

    /** Begins now. */
    public static Deadline in(Duration duration) {
        return new Deadline(duration);
    }

    /** Never comes, for as long as a call lives. */
    public static Deadline never() {
        return in(CENTURY);
    }

    /** Returns the earlier of this end and of that of a part which begins now: a jump host's log-in is part of a connect. */
    public Deadline atMost(Duration part) {
        Deadline own = in(part);
        return own.endNanos - endNanos < 0 ? own : this;
    }

    private static long nanos(Duration duration) {
        // Beyond any call, and its half still fits the arithmetic of nanoTime.
        return (duration.compareTo(CENTURY) < 0 ? duration : CENTURY).toNanos();
    }

    /** Returns what is left, at least nothing. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    /**
     * Waits for a future. One that fails with {@link CallFailed} throws the exception that this makes.
     *
     * @param doing what is waited for, as it reads after "while" and before "took longer than"
     */
    public <T> T await(CompletableFuture<T> future, SshTarget target, Phase phase, String doing) {
        try {
            return future.get(remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportInterruptedException(target, phase, "interrupted while " + doing, e);
        } catch (TimeoutException e) {
            throw new TransportTimeoutException(target, phase, doing + " took longer than " + whole, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CallFailed failed) {
                throw failed.toException();
            }
            throw new TransportException(target, phase, false, doing + " failed unexpectedly", e.getCause());
        }
    }
}
