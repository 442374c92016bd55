package io.keywright.testkit.rotation;

import io.keywright.testkit.fleet.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A scheduled executor whose time is a test's: tasks run one after the other in the thread that lets time pass, each when the
 * clock shows its time. Not thread-safe.
 */
public final class ManualScheduler extends AbstractExecutorService implements ScheduledExecutorService {
    /** A test that never comes to an end is a bug that is to be seen. */
    private static final int MAX_TASKS = 1_000_000;

    private final SettableClock clock;
    private final PriorityQueue<Task<?>> waiting =
            new PriorityQueue<>(Comparator.comparing((Task<?> task) -> task.at).thenComparing(task -> task.order));
    private long order;
    private boolean shutDown;

    /**
     * Makes a scheduler without tasks.
     *
     * @param clock is moved from task to task
     */
    public ManualScheduler(SettableClock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** A task that waits for its time. */
    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        private final Instant at;
        private final long order;

        Task(Callable<V> work, Instant at, long order) {
            super(work);
            this.at = at;
            this.order = order;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(Duration.between(clock.instant(), at));
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public boolean isPeriodic() {
            return false;
        }
    }

    /**
     * Lets time pass and runs what comes due, in its order. A task may move the clock itself; those that come due meanwhile
     * run late.
     *
     * @param time how long
     * @throws IllegalStateException when there is no end to the tasks
     */
    public void runFor(Duration time) {
        Instant end = clock.instant().plus(time);
        for (int i = 0; i < MAX_TASKS; i++) {
            Task<?> next = waiting.peek();
            if (next == null || next.at.isAfter(end)) {
                if (clock.instant().isBefore(end)) {
                    clock.set(end);
                }
                return;
            }
            waiting.remove();
            if (clock.instant().isBefore(next.at)) {
                clock.set(next.at);
            }
            next.run();
        }
        throw new IllegalStateException("more than " + MAX_TASKS + " tasks in " + time);
    }

    /**
     * Returns how many tasks wait for their time, those that were cancelled not among them.
     *
     * @return the number
     */
    public int waiting() {
        return (int) waiting.stream().filter(task -> !task.isCancelled()).count();
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
        return add(work, Duration.of(delay, unit.toChronoUnit()));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
        return add(Executors.callable(work), Duration.of(delay, unit.toChronoUnit()));
    }

    @Override
    public void execute(Runnable work) {
        enqueue(task(Executors.callable(work), Duration.ZERO));
    }

    private <V> Task<V> add(Callable<V> work, Duration delay) {
        Task<V> task = task(work, delay);
        enqueue(task);
        return task;
    }

    private <V> Task<V> task(Callable<V> work, Duration delay) {
        return new Task<>(work, clock.instant().plus(delay), order++);
    }

    private void enqueue(Task<?> task) {
        if (shutDown) {
            throw new RejectedExecutionException("the scheduler is shut down");
        }
        waiting.add(task);
    }

    /** Throws: nothing here repeats by itself. */
    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable work, long initialDelay, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("only single tasks are scheduled here");
    }

    /** Throws: nothing here repeats by itself. */
    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable work, long initialDelay, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("only single tasks are scheduled here");
    }

    @Override
    public void shutdown() {
        shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutDown = true;
        List<Runnable> never = List.copyOf(waiting);
        waiting.clear();
        return never;
    }

    @Override
    public boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return shutDown && waiting.isEmpty();
    }

    /** Returns at once: tasks only run when a test lets time pass. */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }
}
