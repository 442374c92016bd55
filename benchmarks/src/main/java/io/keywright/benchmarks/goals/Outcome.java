package io.keywright.benchmarks.goals;

import org.openjdk.jmh.results.Result;

/**
 * What was measured about a goal.
 *
 * @param goal its name
 * @param ratio the peer's time divided by ours, or what is allowed divided by what was counted
 * @param error half the width of the 99.9 % confidence interval of the ratio; NaN where something ran once, and 0 for counts
 * @param target the least ratio that was promised; NaN where none was
 * @param why what stands in the way where it is not reached, or why nothing was promised
 */
record Outcome(String goal, double ratio, double error, double target, String why) {

    /** Divides two results; their relative errors add up as those of independent measurements do. */
    static Outcome of(Goal goal, Result<?> ours, Result<?> peer) {
        if (!ours.getScoreUnit().equals(peer.getScoreUnit())) {
            throw new IllegalArgumentException(
                    goal.name() + " compares " + ours.getScoreUnit() + " with " + peer.getScoreUnit());
        }
        double ratio = goal.work() * peer.getScore() / ours.getScore();
        double relative = Math.hypot(ours.getScoreError() / ours.getScore(), peer.getScoreError() / peer.getScore());
        return new Outcome(goal.name(), ratio, ratio * relative, goal.target(), goal.why());
    }

    static Outcome of(CountedGoal goal, Counts counts) {
        return new Outcome(goal.name(), goal.limit() / goal.counted().applyAsDouble(counts), 0, 1, goal.why());
    }

    Outcome {
        if (why.isEmpty()) {
            throw new IllegalArgumentException(goal + " does not say why it may not be reached");
        }
    }

    /** Whether anything was promised. */
    boolean isPromised() {
        return !Double.isNaN(target);
    }

    /** Whether the target lies below what was measured; its error decides nothing, and is there to be read. */
    boolean isReached() {
        return isPromised() && ratio >= target;
    }
}
