package io.keywright.testkit.simulation;

import java.util.Objects;

/** Thrown when a simulation finds an invariant broken. The message tells what happened, and how to have it happen again. */
public final class InvariantBrokenError extends AssertionError {
    private static final long serialVersionUID = 1;

    private final Invariant invariant;
    private final String problem;
    private final long seed;

    InvariantBrokenError(Invariant invariant, String problem, long seed, String story) {
        super(invariant + ": " + problem + "\n" + story);
        this.invariant = Objects.requireNonNull(invariant, "invariant");
        this.problem = problem;
        this.seed = seed;
    }

    /**
     * Returns what did not hold.
     *
     * @return the invariant
     */
    public Invariant invariant() {
        return invariant;
    }

    /**
     * Returns what was found.
     *
     * @return one line: the device, the key and the step
     */
    public String problem() {
        return problem;
    }

    /**
     * Returns the seed of the schedule.
     *
     * @return determines the whole schedule
     */
    public long seed() {
        return seed;
    }
}
