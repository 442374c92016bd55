package io.keywright.rotation.metrics;

import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.DeviceReport;
import io.keywright.rotation.RotationEvent;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.schedule.ScheduleListener;
import io.keywright.rotation.schedule.ScheduledTask;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times what rotations do, in Micrometer's registries. Needs {@code io.micrometer:micrometer-core}, which is not
 * among this library's own dependencies.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>kind</th><th>tags</th></tr>
 * <tr><td>{@code keywright.rotation.begun}</td><td>counter</td><td>{@code resumed}: true, false</td></tr>
 * <tr><td>{@code keywright.rotation.phase}</td><td>timer</td><td>{@code phase}: expand, contract, roll-back, confirm</td></tr>
 * <tr><td>{@code keywright.rotation.devices.done}</td><td>counter</td><td>{@code phase}</td></tr>
 * <tr><td>{@code keywright.rotation.devices.failed}</td><td>counter of attempts</td>
 *     <td>{@code phase}; {@code kind} of {@link io.keywright.rotation.DeviceFailure}; {@code retried}: true, false</td></tr>
 * <tr><td>{@code keywright.rotation.promoted}, {@code .aborted}</td><td>counters</td><td></td></tr>
 * <tr><td>{@code keywright.rotation.keys.staged}, {@code .destroyed}</td><td>counters</td><td></td></tr>
 * <tr><td>{@code keywright.rotation.outcomes}</td><td>counter of reports</td><td>{@code outcome} of the rotation</td></tr>
 * <tr><td>{@code keywright.rotation.devices.outcomes}</td><td>counter of devices in reports</td><td>{@code outcome}</td></tr>
 * <tr><td>{@code keywright.schedule.tasks}</td><td>counter</td>
 *     <td>{@code action}: rotate, finish, prove; {@code result}: done, failed</td></tr>
 * <tr><td>{@code keywright.credential.key.age}</td><td>time gauge</td><td>{@code credential}</td></tr>
 * </table>
 *
 * <p>No tag names a device: there are too many. Thread-safe.
 */
@SuppressWarnings("exports") // whoever calls this has Micrometer, others need not have it
public final class RotationMetrics implements MeterBinder {
    private final CompositeMeterRegistry registries = new CompositeMeterRegistry();

    /** Makes a binder that is bound to no registry yet. */
    public RotationMetrics() {
        // what there is to say is in the meters
    }

    /**
     * Binds the meters to a registry, beside those that they are bound to already.
     *
     * @param registry stays the caller's
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        registries.add(registry);
    }

    /**
     * Makes an observer of one call of {@code rotate} or {@code resume}; to be combined with others by {@link
     * Consumer#andThen}.
     *
     * @return a new observer, for one call
     */
    public Consumer<RotationEvent> observer() {
        return new Observer();
    }

    /**
     * Counts how a rotation stands at the end of a call.
     *
     * @param report what the call returned
     */
    public void record(RotationReport report) {
        registries
                .counter("keywright.rotation.outcomes", "outcome", label(report.outcome()))
                .increment();
        for (DeviceReport device : report.devices()) {
            registries
                    .counter(
                            "keywright.rotation.devices.outcomes",
                            "outcome",
                            device.outcome().label())
                    .increment();
        }
    }

    /**
     * Makes a listener of a {@link io.keywright.rotation.schedule.ScheduleRunner}, which observes and records each task.
     *
     * @return a new listener
     */
    public ScheduleListener listener() {
        return new TaskListener();
    }

    /**
     * Shows the age of a credential's current key, which is what to raise an alarm on. It is read from the store whenever the
     * registry asks.
     *
     * @param store stays the caller's, and is to outlive the meter
     * @param credential the credential's name
     * @param clock what the age is measured by
     */
    public void showAge(CredentialStore store, String credential, Clock clock) {
        TimeGauge.builder("keywright.credential.key.age", () -> age(store, credential, clock), TimeUnit.SECONDS)
                .description("time since the current key became current")
                .tag("credential", credential)
                .register(registries);
    }

    /** Not a number where there is no key. */
    private static double age(CredentialStore store, String credential, Clock clock) {
        return store.find(credential)
                .flatMap(CredentialState::current)
                .map(version ->
                        Duration.between(version.changed(), clock.instant()).toMillis() / 1_000.0)
                .orElse(Double.NaN);
    }

    private void count(String name, String... tags) {
        registries.counter("keywright.rotation." + name, tags).increment();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Follows one call. Events of devices come from several threads, those between phases from one. */
    private final class Observer implements Consumer<RotationEvent> {
        private RotationEvent.@Nullable PhaseBegun phase;

        @Override
        public synchronized void accept(RotationEvent event) {
            if (event instanceof RotationEvent.DeviceDone done) {
                count("devices.done", "phase", label(done.phase()));
            } else if (event instanceof RotationEvent.DeviceFailed failed) {
                count(
                        "devices.failed",
                        "phase",
                        label(failed.phase()),
                        "kind",
                        label(failed.failure().kind()),
                        "retried",
                        Boolean.toString(!failed.retryIn().isZero()));
            } else {
                endPhase(event.at());
                between(event);
            }
        }

        private void between(RotationEvent event) {
            if (event instanceof RotationEvent.Begun begun) {
                count("begun", "resumed", Boolean.toString(begun.resumed()));
            } else if (event instanceof RotationEvent.PhaseBegun begun) {
                phase = begun;
            } else if (event instanceof RotationEvent.Staged) {
                count("keys.staged");
            } else if (event instanceof RotationEvent.Promoted) {
                count("promoted");
            } else if (event instanceof RotationEvent.Aborting) {
                count("aborted");
            } else if (event instanceof RotationEvent.Destroyed) {
                count("keys.destroyed");
            }
        }

        private void endPhase(Instant at) {
            RotationEvent.PhaseBegun ended = phase;
            if (ended != null) {
                phase = null;
                registries
                        .timer("keywright.rotation.phase", "phase", label(ended.phase()))
                        .record(Duration.between(ended.at(), at));
            }
        }
    }

    /** Follows every task of a runner. */
    private final class TaskListener implements ScheduleListener {
        private final Map<String, Observer> running = new ConcurrentHashMap<>();

        @Override
        public void begun(ScheduledTask task) {
            running.put(task.credential(), new Observer());
        }

        @Override
        public void happened(ScheduledTask task, RotationEvent event) {
            Observer observer = running.get(task.credential());
            if (observer != null) {
                observer.accept(event);
            }
        }

        @Override
        public void done(ScheduledTask task, RotationReport report) {
            end(task, report.reported(), "done");
            record(report);
        }

        @Override
        public void failed(ScheduledTask task, RuntimeException cause, Instant retryAt) {
            running.remove(task.credential());
            registries
                    .counter("keywright.schedule.tasks", "action", task.action().label(), "result", "failed")
                    .increment();
        }

        private void end(ScheduledTask task, Instant at, String result) {
            Observer observer = running.remove(task.credential());
            if (observer != null) {
                observer.endPhase(at);
            }
            registries
                    .counter("keywright.schedule.tasks", "action", task.action().label(), "result", result)
                    .increment();
        }
    }
}
