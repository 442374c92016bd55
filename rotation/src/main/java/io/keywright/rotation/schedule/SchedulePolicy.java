package io.keywright.rotation.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When a credential's key may be changed, beside the interval of its {@link io.keywright.rotation.RotationPolicy}.
 *
 * @param jitter by how much a rotation may be brought forward, so that what was made together is not changed together; a
 *     function of the credential's name and the schedule's seed
 * @param maximumAge the age at which a key is changed outside of the windows too; empty to wait for a window however long
 * @param windows when rotations may begin; at any time when there are none
 * @param retry how long after a rotation that failed the next attempt is made; doubles with each, up to a day
 */
public record SchedulePolicy(
        Duration jitter, Optional<Duration> maximumAge, List<MaintenanceWindow> windows, Duration retry) {

    /** Shorter, and a device that is down is asked so often that others mistake it for an attack. */
    public static final Duration MIN_RETRY = Duration.ofMinutes(1);

    static final Duration MAX_RETRY = Duration.ofDays(1);

    /** Without jitter and windows, and a quarter of an hour until the next attempt. */
    public static final SchedulePolicy DEFAULT =
            new SchedulePolicy(Duration.ZERO, Optional.empty(), List.of(), Duration.ofMinutes(15));

    /** Checks the ranges. */
    public SchedulePolicy {
        if (jitter.isNegative()) {
            throw new IllegalArgumentException("the jitter is not negative, got " + jitter);
        }
        if (maximumAge.isPresent()
                && (maximumAge.get().isZero() || maximumAge.get().isNegative())) {
            throw new IllegalArgumentException("the maximum age is positive, got " + maximumAge.get());
        }
        if (retry.compareTo(MIN_RETRY) < 0) {
            throw new IllegalArgumentException("the next attempt is at least " + MIN_RETRY + " later, got " + retry);
        }
        windows = List.copyOf(windows);
    }

    /** The first moment from another on at which a window is open. */
    Instant openFrom(Instant moment) {
        return windows.stream()
                .map(window -> window.openFrom(moment))
                .min(Instant::compareTo)
                .orElse(moment);
    }

    /** How long to wait after some failures in a row, at least one. */
    Duration retryAfter(int failures) {
        Duration wait = retry;
        for (int i = 1; i < failures && wait.compareTo(MAX_RETRY) < 0; i++) {
            wait = wait.multipliedBy(2);
        }
        return wait.compareTo(MAX_RETRY) > 0 && retry.compareTo(MAX_RETRY) <= 0 ? MAX_RETRY : wait;
    }
}
