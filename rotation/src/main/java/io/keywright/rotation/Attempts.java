package io.keywright.rotation;

import io.keywright.SshKeyException;
import java.time.Duration;
import java.util.function.Supplier;

/** Tries a step on a device again while its failures may pass by themselves. */
final class Attempts {
    private static final Duration FIRST_DELAY = Duration.ofMillis(500);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    private final int most;
    private final Pause pause;
    private final long seed;

    Attempts(int most, Pause pause, long seed) {
        this.most = most;
        this.pause = pause;
        this.seed = seed;
    }

    /**
     * What a step gave, and how many attempts it took.
     *
     * @param <T> the step's result
     */
    record Result<T>(T value, int attempts) {}

    /** A step failed for good. */
    static final class StepFailedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient DeviceFailure failure;
        private final int attempts;

        StepFailedException(DeviceFailure failure, int attempts, Throwable cause) {
            super(failure.message(), cause);
            this.failure = failure;
            this.attempts = attempts;
        }

        DeviceFailure failure() {
            return failure;
        }

        int attempts() {
            return attempts;
        }
    }

    /** Hears of failed attempts. */
    @FunctionalInterface
    interface Listener {
        void failed(DeviceFailure failure, int attempt, Duration retryIn);
    }

    /**
     * Runs a step until it gives a result.
     *
     * @throws StepFailedException when the last attempt failed, or one failed in a way that does not pass
     * @throws SshKeyException when the trouble is the store's, the journal's or the engine's own, not the device's
     */
    <T> Result<T> run(Supplier<T> step, Listener listener) {
        for (int attempt = 1; ; attempt++) {
            try {
                return new Result<>(step.get(), attempt);
            } catch (StoreException | JournalException | RotationException e) {
                throw e;
            } catch (SshKeyException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new RotationException("interrupted; whatever is unfinished can be resumed", e);
                }
                DeviceFailure failure = DeviceFailure.of(e);
                boolean last = attempt >= most || !failure.retryable();
                Duration delay = last ? Duration.ZERO : delay(attempt, seed);
                listener.failed(failure, attempt, delay);
                if (last) {
                    throw new StepFailedException(failure, attempt, e);
                }
                Threads.pause(pause, delay);
            }
        }
    }

    /** Doubles with each attempt, between half and the whole of it by the seed, so that a fleet does not retry in step. */
    static Duration delay(int attempt, long seed) {
        long full = Math.min(LONGEST_DELAY.toMillis(), FIRST_DELAY.toMillis() << Math.min(attempt - 1, 16));
        long mixed = (seed * 0x9E3779B97F4A7C15L + attempt) * 0xBF58476D1CE4E5B9L;
        long half = full / 2;
        return Duration.ofMillis(half + Math.floorMod(mixed ^ (mixed >>> 31), half + 1));
    }
}
