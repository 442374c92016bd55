package io.keywright.rotation;

import java.time.Duration;

/**
 * How a credential's key is changed.
 *
 * @param automatic whether a schedule may start a rotation
 * @param interval the time between automatic rotations
 * @param canary how many devices go first, alone and one at a time, before the others; the original device is always among
 *     them
 * @param parallelism how many devices are worked on at once after the canary
 * @param onFailure what a device that fails in EXPAND means for the rotation
 * @param settle how long after the last proof the second proof is due; only then is the previous private key destroyed
 * @param attempts how often a device's step is tried before it has failed, the first time included
 */
public record RotationPolicy(
        boolean automatic,
        Duration interval,
        int canary,
        int parallelism,
        OnFailure onFailure,
        Duration settle,
        int attempts) {

    /** Below this, a server's restart could still undo an edit after the second proof. */
    public static final Duration MIN_SETTLE = Duration.ofMinutes(10);

    /** Not automatic, every 90 days, one canary, one at a time, abort on failure, settle for 24 hours, three attempts. */
    public static final RotationPolicy DEFAULT =
            new RotationPolicy(false, Duration.ofDays(90), 1, 1, OnFailure.ABORT, Duration.ofHours(24), 3);

    /** What a device that fails before the new key is promoted means for the rotation. */
    public enum OnFailure {
        /** Take the new key back everywhere and keep the old one. */
        ABORT,
        /** Go on without the device; it keeps the old key, which then is not destroyed, until it has caught up. */
        QUARANTINE
    }

    /** Checks the ranges. */
    public RotationPolicy {
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("the interval must be positive, got " + interval);
        }
        if (canary < 1 || parallelism < 1 || attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException("canary and parallelism must be at least 1, attempts 1 to 100");
        }
        if (settle.compareTo(MIN_SETTLE) < 0) {
            throw new IllegalArgumentException("settle must be at least " + MIN_SETTLE + ", got " + settle);
        }
    }

    /**
     * Returns this policy with a schedule allowed, or not, to start rotations.
     *
     * @param allowed whether it may
     * @return a copy
     */
    public RotationPolicy withAutomatic(boolean allowed) {
        return new RotationPolicy(allowed, interval, canary, parallelism, onFailure, settle, attempts);
    }

    /**
     * Returns this policy with another answer to failures.
     *
     * @param answer abort or quarantine
     * @return a copy
     */
    public RotationPolicy withOnFailure(OnFailure answer) {
        return new RotationPolicy(automatic, interval, canary, parallelism, answer, settle, attempts);
    }

    /**
     * Returns this policy with another settle time.
     *
     * @param time at least {@link #MIN_SETTLE}
     * @return a copy
     */
    public RotationPolicy withSettle(Duration time) {
        return new RotationPolicy(automatic, interval, canary, parallelism, onFailure, time, attempts);
    }

    /**
     * Returns this policy with another number of attempts.
     *
     * @param count at least 1, the first attempt included
     * @return a copy
     */
    public RotationPolicy withAttempts(int count) {
        return new RotationPolicy(automatic, interval, canary, parallelism, onFailure, settle, count);
    }
}
