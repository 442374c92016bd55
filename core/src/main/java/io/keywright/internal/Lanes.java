package io.keywright.internal;

import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works through a source, some items at once, in order. The calling thread is always one of those that work, so that an
 * executor whose threads are all taken, perhaps by the callers themselves, makes the work slower and never stops it.
 *
 * @param <T> an item
 */
public final class Lanes<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final Supplier<@Nullable T> source;
    private final Predicate<T> work;
    private boolean ended;
    private boolean stopped;
    private int helping;
    private @Nullable Throwable failure;

    private Lanes(Supplier<@Nullable T> source, Predicate<T> work) {
        this.source = source;
        this.work = work;
    }

    /**
     * Works through items, and returns when every one that was begun is done. Once one has thrown, none is begun any more.
     *
     * @param <T> an item
     * @param items read by one thread at a time
     * @param width how many items are worked on at once, this thread's included
     * @param executor runs the others; null to work in this thread alone
     * @param work returns false when no further item is to be begun
     * @return whether every item was begun
     */
    public static <T> boolean run(Iterable<T> items, int width, @Nullable Executor executor, Predicate<T> work) {
        Iterator<T> iterator = items.iterator();
        return run(() -> iterator.hasNext() ? iterator.next() : null, width, executor, work);
    }

    /**
     * Works through what a source hands out, see {@link #run(Iterable, int, Executor, Predicate)}.
     *
     * @param <T> an item
     * @param source asked by one thread at a time; null is its end
     * @param width how many items are worked on at once, this thread's included
     * @param executor runs the others; null to work in this thread alone
     * @param work returns false when no further item is to be begun
     * @return whether every item was begun
     */
    public static <T> boolean run(
            Supplier<@Nullable T> source, int width, @Nullable Executor executor, Predicate<T> work) {
        Lanes<T> lanes = new Lanes<>(source, work);
        if (executor != null) {
            lanes.askForHelp(width - 1, executor);
        }
        lanes.goOn();
        lanes.awaitHelpers();
        lanes.rethrow();
        return lanes.all();
    }

    private void askForHelp(int helpers, Executor executor) {
        for (int i = 0; i < helpers; i++) {
            try {
                executor.execute(this::help);
            } catch (RejectedExecutionException e) {
                LOG.warn("the executor refuses work: {} instead of {} items at once", i + 1, helpers + 1, e);
                return;
            }
        }
    }

    private void help() {
        if (enter()) {
            try {
                goOn();
            } finally {
                leave();
            }
        }
    }

    /** Takes items until there are none, one said stop, or one threw. */
    @SuppressWarnings("CatchingUnchecked") // the caller gets it, whichever thread it came up in
    private void goOn() {
        try {
            for (T item = next(); item != null; item = next()) {
                if (!work.test(item)) {
                    stop();
                }
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private synchronized @Nullable T next() {
        if (stopped || ended) {
            return null;
        }
        T item = source.get();
        ended = item == null;
        return item;
    }

    private synchronized void stop() {
        stopped = true;
    }

    private synchronized void fail(Throwable thrown) {
        stopped = true;
        if (failure == null) {
            failure = thrown;
        } else if (failure != thrown) {
            failure.addSuppressed(thrown);
        }
    }

    /** A helper that comes when nothing is left to begin has nobody to report to any more. */
    private synchronized boolean enter() {
        if (stopped || ended) {
            return false;
        }
        helping++;
        return true;
    }

    private synchronized void leave() {
        helping--;
        notifyAll();
    }

    /** An interrupt does not end the wait: what was begun must not go on behind the caller's back. */
    private void awaitHelpers() {
        boolean interrupted = false;
        synchronized (this) {
            while (helping > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void rethrow() {
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private synchronized boolean all() {
        return !stopped;
    }
}
