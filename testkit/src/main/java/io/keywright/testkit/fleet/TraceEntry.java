package io.keywright.testkit.fleet;

import java.time.Instant;

/**
 * A step and how it ended.
 *
 * @param step the step
 * @param outcome how it ended
 * @param at when it began, by the fleet's clock
 */
public record TraceEntry(Step step, Outcome outcome, Instant at) {

    /** How a step ended. */
    public enum Outcome {
        /** It took effect and the caller knows. */
        DONE,
        /** The server said no: a refused key or password, an error status, a channel that was not opened. */
        REFUSED,
        /** It failed before it took effect: no answer, no such host, a host key that was not accepted. */
        NO_EFFECT,
        /** It took effect, and the answer did not reach the caller. */
        ANSWER_LOST,
        /** A part of a file's content was written, then the connection broke. */
        TORN,
        /** The calling process was killed before it took effect. */
        CRASHED_BEFORE,
        /** It took effect and the calling process was killed. */
        CRASHED_AFTER
    }

    /** Returns one line, the step and its outcome. */
    @Override
    public String toString() {
        return step + ": " + outcome;
    }
}
