package io.keywright.testkit.simulation;

import java.util.Map;

/**
 * What happened in one schedule, in which every invariant held.
 *
 * @param steps how many steps were taken, remote and durable ones
 * @param lives how many engines lived
 * @param troubles how often each trouble struck
 */
public record ScheduleResult(long steps, int lives, Map<Trouble, Integer> troubles) {

    /** Copies the map. */
    public ScheduleResult {
        troubles = Map.copyOf(troubles);
    }
}
