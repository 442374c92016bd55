package io.keywright.rotation;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a credential's key is changed. Begin with {@link #DEFAULT}: {@code RotationPolicy.DEFAULT.withCanary(2).withWaveSize(50)}.
 *
 * @param automatic whether a schedule may start a rotation
 * @param interval the time between automatic rotations
 * @param canary how many devices go first, alone and one at a time, before the others
 * @param waveSize how many devices make a wave after the canary; a wave begins when the one before it is through
 * @param parallelism how many devices are worked on at once after the canary
 * @param order in which order the devices are visited
 * @param onFailure what a device that fails in EXPAND means for the rotation
 * @param maxFailures how many devices may fail in a phase before no further one is begun: before the new key is CURRENT, one
 *     more takes the rotation back, after it, one more leaves the rest to {@link RotationEngine#resume}
 * @param overlap how long both keys are accepted after the new one became CURRENT, for users of the old one to notice
 * @param settle how long after the last proof the second proof is due; only then is the previous private key destroyed
 * @param attempts how often a device's step is tried before it has failed, the first time included
 * @param deadMan when set, the old key's lines are given an {@code expiry-time} once the new key is CURRENT, so that an
 *     engine that dies cannot leave the old key valid for ever: this long after the end of the overlap, which has to be
 *     longer than the longest run. Only where the server understands a time with its zone (OpenSSH 9.1 and later)
 */
public record RotationPolicy(
        boolean automatic,
        Duration interval,
        int canary,
        int waveSize,
        int parallelism,
        Order order,
        OnFailure onFailure,
        int maxFailures,
        Duration overlap,
        Duration settle,
        int attempts,
        Optional<Duration> deadMan) {

    /**
     * Below this, a server's restart could still undo an edit after the second proof, and a process that lost its lease
     * could still be in a remote call.
     */
    public static final Duration MIN_SETTLE = Duration.ofMinutes(10);

    /** Below this, a run that is merely slow would find the old key expired under its hands. */
    public static final Duration MIN_DEAD_MAN = Duration.ofHours(1);

    /** As many devices as there are. */
    public static final int ALL = Integer.MAX_VALUE;

    /**
     * Not automatic, every 90 days, one canary, then one at a time in one wave, abort on failure, no overlap, settle for 24
     * hours, three attempts, no dead man's switch.
     */
    public static final RotationPolicy DEFAULT = new RotationPolicy(
            false,
            Duration.ofDays(90),
            1,
            ALL,
            1,
            Order.ORIGINAL_FIRST,
            OnFailure.ABORT,
            ALL,
            Duration.ZERO,
            Duration.ofHours(24),
            3,
            Optional.empty());

    /** In which order devices are visited. */
    public enum Order {
        /** The original device first, the others by their ids. */
        ORIGINAL_FIRST,
        /** As the credential lists them. */
        AS_LISTED
    }

    /** What a device that fails before the new key is promoted means for the rotation. */
    public enum OnFailure {
        /** Take the new key back everywhere and keep the old one. */
        ABORT,
        /** Go on without the device; it keeps the old key, which then is not destroyed, until it has caught up. */
        QUARANTINE
    }

    /** Checks the ranges. */
    public RotationPolicy {
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(onFailure, "onFailure");
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("the interval must be positive, got " + interval);
        }
        if (canary < 1 || waveSize < 1 || parallelism < 1 || attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException(
                    "canary, wave size and parallelism must be at least 1, attempts 1 to 100");
        }
        if (maxFailures < 0 || overlap.isNegative()) {
            throw new IllegalArgumentException("neither the failures allowed nor the overlap can be negative");
        }
        if (settle.compareTo(MIN_SETTLE) < 0) {
            throw new IllegalArgumentException("settle must be at least " + MIN_SETTLE + ", got " + settle);
        }
        if (deadMan.isPresent() && deadMan.get().compareTo(MIN_DEAD_MAN) < 0) {
            throw new IllegalArgumentException(
                    "the dead man's switch must leave at least " + MIN_DEAD_MAN + ", got " + deadMan.get());
        }
    }

    /**
     * Returns this policy with a schedule allowed, or not, to start rotations.
     *
     * @param allowed whether it may
     * @return a copy
     */
    public RotationPolicy withAutomatic(boolean allowed) {
        return copy(draft -> draft.automatic = allowed);
    }

    /**
     * Returns this policy with another time between automatic rotations.
     *
     * @param time positive
     * @return a copy
     */
    public RotationPolicy withInterval(Duration time) {
        return copy(draft -> draft.interval = time);
    }

    /**
     * Returns this policy with another answer to failures.
     *
     * @param answer abort or quarantine
     * @return a copy
     */
    public RotationPolicy withOnFailure(OnFailure answer) {
        return copy(draft -> draft.onFailure = answer);
    }

    /**
     * Returns this policy with another settle time.
     *
     * @param time at least {@link #MIN_SETTLE}
     * @return a copy
     */
    public RotationPolicy withSettle(Duration time) {
        return copy(draft -> draft.settle = time);
    }

    /**
     * Returns this policy with another number of attempts.
     *
     * @param count at least 1, the first attempt included
     * @return a copy
     */
    public RotationPolicy withAttempts(int count) {
        return copy(draft -> draft.attempts = count);
    }

    /**
     * Returns this policy with another number of devices that go first.
     *
     * @param count at least 1
     * @return a copy
     */
    public RotationPolicy withCanary(int count) {
        return copy(draft -> draft.canary = count);
    }

    /**
     * Returns this policy with waves of another size.
     *
     * @param size at least 1, or {@link #ALL}
     * @return a copy
     */
    public RotationPolicy withWaveSize(int size) {
        return copy(draft -> draft.waveSize = size);
    }

    /**
     * Returns this policy with another number of devices at once.
     *
     * @param count at least 1; above 1 the engine needs an executor
     * @return a copy
     */
    public RotationPolicy withParallelism(int count) {
        return copy(draft -> draft.parallelism = count);
    }

    /**
     * Returns this policy with another order.
     *
     * @param by how devices are ordered
     * @return a copy
     */
    public RotationPolicy withOrder(Order by) {
        return copy(draft -> draft.order = by);
    }

    /**
     * Returns this policy with another number of failures that are put up with.
     *
     * @param count 0 or more, or {@link #ALL}
     * @return a copy
     */
    public RotationPolicy withMaxFailures(int count) {
        return copy(draft -> draft.maxFailures = count);
    }

    /**
     * Returns this policy with another time in which both keys are accepted.
     *
     * @param time zero or more
     * @return a copy
     */
    public RotationPolicy withOverlap(Duration time) {
        return copy(draft -> draft.overlap = time);
    }

    /**
     * Returns this policy with a dead man's switch.
     *
     * @param time how long after the end of the overlap, at least {@link #MIN_DEAD_MAN}
     * @return a copy
     */
    public RotationPolicy withDeadMan(Duration time) {
        return copy(draft -> draft.deadMan = Optional.of(time));
    }

    private RotationPolicy copy(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.toPolicy();
    }

    /** A policy that can be changed: every component is named here once, so that no copy forgets one. */
    private static final class Draft {
        private boolean automatic;
        private Duration interval;
        private int canary;
        private int waveSize;
        private int parallelism;
        private Order order;
        private OnFailure onFailure;
        private int maxFailures;
        private Duration overlap;
        private Duration settle;
        private int attempts;
        private Optional<Duration> deadMan;

        Draft(RotationPolicy policy) {
            automatic = policy.automatic;
            interval = policy.interval;
            canary = policy.canary;
            waveSize = policy.waveSize;
            parallelism = policy.parallelism;
            order = policy.order;
            onFailure = policy.onFailure;
            maxFailures = policy.maxFailures;
            overlap = policy.overlap;
            settle = policy.settle;
            attempts = policy.attempts;
            deadMan = policy.deadMan;
        }

        RotationPolicy toPolicy() {
            return new RotationPolicy(
                    automatic,
                    interval,
                    canary,
                    waveSize,
                    parallelism,
                    order,
                    onFailure,
                    maxFailures,
                    overlap,
                    settle,
                    attempts,
                    deadMan);
        }
    }
}
