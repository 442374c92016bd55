package io.keywright.rotation.schedule;

import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.schedule.ScheduledTask.Action;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a {@link Schedule} says, on a scheduled executor of the caller's.
 *
 * <p>At most so many tasks run at once, the one that has been due longest first. What was missed while nobody ran is caught up,
 * spread over some time instead of all at once. A task that fails is tried again, later each time. Several runners, in several
 * processes, may share a store: whoever has a credential's lease does its task, the others come back later and find it done.
 * Thread-safe.
 */
public final class ScheduleRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScheduleRunner.class);

    /** Somebody else may have changed a key meanwhile: what is known about a credential is this old at most. */
    private static final Duration REFRESH = Duration.ofHours(1);

    /** How long after somebody else was found at a credential it is looked at again. */
    private static final Duration BUSY = Duration.ofMinutes(1);

    private final RotationEngine engine;
    private final Schedule schedule;
    private final ScheduledExecutorService executor;
    private final Clock clock;
    private final int atOnce;
    private final Duration spread;
    private final ScheduleListener listener;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private @Nullable Instant startedAt;
    private Instant lookedAt = Instant.MIN;
    private @Nullable Future<?> wakeUp;
    private int running;
    private boolean closed;

    /** What the runner knows about one credential. */
    private static final class Slot {
        private final ScheduledCredential scheduled;
        private Optional<ScheduledTask> next = Optional.empty();
        private Instant lookAgain = Instant.MIN;
        private Instant notBefore = Instant.MIN;
        private int failures;
        private boolean running;

        Slot(ScheduledCredential scheduled) {
            this.scheduled = scheduled;
        }

        String name() {
            return scheduled.credential().name();
        }
    }

    private ScheduleRunner(Builder builder) {
        this.engine = builder.engine;
        this.schedule = builder.schedule;
        this.executor = builder.executor;
        this.clock = builder.clock;
        this.atOnce = builder.atOnce;
        this.spread = builder.spread;
        this.listener = builder.listener;
        for (ScheduledCredential scheduled : builder.credentials) {
            if (slots.put(scheduled.credential().name(), new Slot(scheduled)) != null) {
                throw new IllegalArgumentException(scheduled.credential().name() + " is scheduled twice");
            }
        }
    }

    /**
     * Begins to put a runner together.
     *
     * @param engine does the work; stays the caller's
     * @param executor runs the tasks, and the runner's own short looks at what is due; stays the caller's. Give it one
     *     thread more than tasks run at once
     * @param credentials what is scheduled, each name once
     * @return a builder
     */
    public static Builder builder(
            RotationEngine engine, ScheduledExecutorService executor, Collection<ScheduledCredential> credentials) {
        return new Builder(engine, executor, credentials);
    }

    /** Begins to run tasks. Starting again does nothing. */
    public synchronized void start() {
        if (startedAt == null && !closed) {
            startedAt = clock.instant();
            wakeUp = executor.schedule(this::look, 0, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Does one task now, in the calling thread, whether it is due or not.
     *
     * @param engine does the work
     * @param credential the task's credential
     * @param action what is to be done
     * @param progress hears of everything that happens
     * @return how the rotation stands; empty when there was none to go on with
     * @throws io.keywright.rotation.RotationException when it cannot be done
     * @throws CredentialBusyException when somebody else is at it
     */
    public static Optional<RotationReport> perform(
            RotationEngine engine, Credential credential, Action action, Consumer<RotationEvent> progress) {
        return action == Action.ROTATE
                ? Optional.of(engine.rotate(engine.plan(credential), progress))
                : engine.resume(credential, progress);
    }

    private void look() {
        try {
            lookNow();
        } catch (RejectedExecutionException e) {
            LOG.info("the schedule ends with its executor");
            close();
        }
    }

    /** Looks at what is due, begins it, and sees to it that the next look comes in time. */
    private synchronized void lookNow() {
        Instant now = clock.instant();
        Future<?> earlier = wakeUp;
        if (earlier != null) {
            earlier.cancel(false);
            wakeUp = null;
        }
        if (closed) {
            return;
        }
        if (now.isBefore(lookedAt)) {
            slots.values().forEach(slot -> forget(slot, now));
            startedAt = now;
        }
        lookedAt = now;
        slots.values().stream()
                .filter(slot -> !slot.running && !slot.lookAgain.isAfter(now))
                .forEach(slot -> refresh(slot, now));
        List<Slot> due = slots.values().stream()
                .filter(slot -> !slot.running
                        && slot.next.filter(task -> task.isDue(now)).isPresent())
                .sorted(Comparator.comparing(
                                (Slot slot) -> slot.next.orElseThrow().due())
                        .thenComparing(Slot::name))
                .toList();
        for (Slot slot : due) {
            if (running == atOnce) {
                return; // the next look comes when one of them is done
            }
            refresh(slot, now); // somebody else may have done it meanwhile
            slot.next.filter(task -> task.isDue(now)).ifPresent(task -> begin(slot, task));
        }
        Instant next = slots.values().stream()
                .filter(slot -> !slot.running)
                .map(slot -> slot.next
                        .map(task -> earlier(slot.lookAgain, task.start()))
                        .orElse(slot.lookAgain))
                .min(Instant::compareTo)
                .orElse(now.plus(REFRESH));
        long delay = Math.max(1, Duration.between(now, next).toMillis());
        wakeUp = executor.schedule(this::look, delay, TimeUnit.MILLISECONDS);
    }

    /** The clock was put back: what was reckoned by the time that it showed would be waited for until it shows that again. */
    private static void forget(Slot slot, Instant now) {
        slot.next = Optional.empty();
        slot.lookAgain = now;
        slot.notBefore =
                earlier(slot.notBefore, now.plus(slot.scheduled.policy().retryAfter(slot.failures)));
    }

    private void refresh(Slot slot, Instant now) {
        slot.lookAgain = now.plus(REFRESH);
        try {
            slot.next = schedule.next(slot.scheduled, engine.status(slot.name()), now)
                    .map(task -> spread(task).notBefore(slot.notBefore));
        } catch (RuntimeException e) {
            LOG.warn("cannot tell what is due for {}: {}", slot.name(), e.getMessage());
            slot.next = Optional.empty();
        }
    }

    /** What was missed before the start does not all begin at the start. */
    private ScheduledTask spread(ScheduledTask task) {
        Instant start = Objects.requireNonNull(startedAt, "a runner looks when it has been started");
        return task.due().isBefore(start)
                ? task.notBefore(start.plus(Spread.of(task.credential(), schedule.seed(), spread)))
                : task;
    }

    private void begin(Slot slot, ScheduledTask task) {
        executor.execute(() -> run(slot, task));
        slot.running = true;
        running++;
    }

    private void run(Slot slot, ScheduledTask task) {
        Optional<RuntimeException> failure = Optional.empty();
        boolean complete = false;
        try {
            tell(() -> listener.begun(task));
            Optional<RotationReport> report = perform(
                    engine,
                    slot.scheduled.credential(),
                    task.action(),
                    event -> tell(() -> listener.happened(task, event)));
            complete = report.isPresent() && isDone(report.get(), clock.instant());
            report.ifPresent(stands -> tell(() -> listener.done(task, stands)));
        } catch (RuntimeException e) {
            failure = Optional.of(e);
        } finally {
            end(slot, task, complete, failure);
        }
    }

    /** Whether nothing is left to do for now. */
    private static boolean isDone(RotationReport report, Instant now) {
        return switch (report.outcome()) {
            case FINISHED -> true;
            case OVERLAPPING -> report.contractsAt().filter(now::isBefore).isPresent();
            case SETTLING -> report.settlesAt().filter(now::isBefore).isPresent();
            case INCOMPLETE, ROLLED_BACK, ROLL_BACK_SETTLING, ROLL_BACK_INCOMPLETE -> false;
        };
    }

    private void end(Slot slot, ScheduledTask task, boolean complete, Optional<RuntimeException> failure) {
        Instant retryAt = note(slot, complete, failure);
        failure.ifPresent(cause -> {
            LOG.info(
                    "{} of {} is tried again at {}: {}",
                    task.action().label(),
                    slot.name(),
                    retryAt,
                    cause.getMessage());
            tell(() -> listener.failed(task, cause, retryAt));
        });
        look();
    }

    private synchronized Instant note(Slot slot, boolean complete, Optional<RuntimeException> failure) {
        Instant now = clock.instant();
        slot.running = false;
        running--;
        slot.next = Optional.empty();
        slot.lookAgain = now;
        if (complete) {
            slot.failures = 0;
            slot.notBefore = Instant.MIN;
        } else if (failure.filter(CredentialBusyException.class::isInstance).isPresent()) {
            slot.notBefore = now.plus(BUSY);
        } else {
            slot.failures++;
            slot.notBefore = now.plus(slot.scheduled.policy().retryAfter(slot.failures));
        }
        return slot.notBefore;
    }

    private static void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener of the schedule failed", e);
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return other.isBefore(one) ? other : one;
    }

    /** Begins nothing more. Tasks that run go on to their end. */
    @Override
    public synchronized void close() {
        closed = true;
        Future<?> pending = wakeUp;
        if (pending != null) {
            pending.cancel(false);
        }
    }

    /** Puts a runner together. Not thread-safe. */
    public static final class Builder {
        private final RotationEngine engine;
        private final ScheduledExecutorService executor;
        private final List<ScheduledCredential> credentials;
        private Schedule schedule = new Schedule(0);
        private Clock clock = Clock.systemUTC();
        private int atOnce = 1;
        private Duration spread = Duration.ofHours(1);
        private ScheduleListener listener = new ScheduleListener() {};

        private Builder(
                RotationEngine engine, ScheduledExecutorService executor, Collection<ScheduledCredential> credentials) {
            this.engine = engine;
            this.executor = executor;
            this.credentials = List.copyOf(credentials);
        }

        /**
         * Sets the schedule.
         *
         * @param value the one with the seed 0 unless set
         * @return this builder
         */
        public Builder schedule(Schedule value) {
            schedule = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets the clock.
         *
         * @param value the system's unless set; the executor's delays are by its own
         * @return this builder
         */
        public Builder clock(Clock value) {
            clock = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets how many tasks run at once.
         *
         * @param value at least 1, which it is unless set
         * @return this builder
         * @throws IllegalArgumentException when it is less than 1
         */
        public Builder atOnce(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("at least one task runs at once, not " + value);
            }
            atOnce = value;
            return this;
        }

        /**
         * Sets over what time that is spread which was missed before the start.
         *
         * @param value an hour unless set; not negative
         * @return this builder
         * @throws IllegalArgumentException when it is negative
         */
        public Builder spread(Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException("the spread is not negative, got " + value);
            }
            spread = value;
            return this;
        }

        /**
         * Sets who hears of what is done.
         *
         * @param value nobody unless set
         * @return this builder
         */
        public Builder listener(ScheduleListener value) {
            listener = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Builds the runner.
         *
         * @return the runner, which is to be started, and closed by the caller
         * @throws IllegalArgumentException when a credential is scheduled twice
         */
        public ScheduleRunner build() {
            return new ScheduleRunner(this);
        }
    }
}
