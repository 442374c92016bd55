package io.keywright.benchmarks.goals;

/**
 * A promise: how many times as fast as a peer Keywright is.
 *
 * @param name identifies it in {@code results.json}
 * @param ours Keywright
 * @param peer whom it is measured against
 * @param work how many times the peer's work ours does in one invocation; 1 where they do the same
 * @param target the least ratio of the peer's time to ours, for the same work; NaN where nothing is promised, and the ratio is
 *     there for comparison
 * @param why what stands in the way, said where the goal is not reached, with the profile that shows it; or why nothing is
 *     promised
 */
record Goal(String name, Contender ours, Contender peer, double work, double target, String why) {
    /** Whether a few percent decide: the target is nearly the same speed, and the work nearly the same code. */
    boolean isClose() {
        return target < 1
                && ours.benchmark().equals(peer.benchmark())
                && ours.benchmark().startsWith("KeyCrypto");
    }
}
