package io.keywright.benchmarks.goals;

import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.util.Statistics;

/**
 * What was measured about a goal.
 *
 * @param goal its name
 * @param ratio the peer's time divided by ours, or what is allowed divided by what was counted
 * @param error how far off the ratio may be; NaN where something ran once, and 0 for counts
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
        Measured our = measured(goal.ours(), ours.getStatistics());
        Measured their = measured(goal.peer(), peer.getStatistics());
        double ratio = goal.work() * their.time() / our.time();
        double relative = Math.hypot(our.error() / our.time(), their.error() / their.time());
        return new Outcome(goal.name(), ratio, ratio * relative, goal.target(), goal.why());
    }

    private static Measured measured(Contender what, Statistics iterations) {
        return what.generatesRsaKeys() ? Measured.average(iterations) : Measured.median(iterations);
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
