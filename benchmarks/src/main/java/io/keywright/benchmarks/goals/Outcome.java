package io.keywright.benchmarks.goals;

import org.openjdk.jmh.results.Result;

/**
 * What was measured about a goal.
 *
 * @param goal the goal
 * @param ratio the peer's time divided by ours
 * @param error half the width of the 99.9 % confidence interval of the ratio
 */
record Outcome(Goal goal, double ratio, double error) {

    /** Divides two results; their relative errors add up as those of independent measurements do. */
    static Outcome of(Goal goal, Result<?> ours, Result<?> peer) {
        if (!ours.getScoreUnit().equals(peer.getScoreUnit())) {
            throw new IllegalArgumentException(
                    goal.name() + " compares " + ours.getScoreUnit() + " with " + peer.getScoreUnit());
        }
        double ratio = peer.getScore() / ours.getScore();
        double relative = Math.hypot(ours.getScoreError() / ours.getScore(), peer.getScoreError() / peer.getScore());
        return new Outcome(goal, ratio, ratio * relative);
    }

    /** Whether the target lies below what was measured; its error decides nothing, and is there to be read. */
    boolean isReached() {
        return ratio >= goal.target();
    }
}
