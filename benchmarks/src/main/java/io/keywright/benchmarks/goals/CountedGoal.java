package io.keywright.benchmarks.goals;

import java.util.function.ToDoubleFunction;

/**
 * A promise about something that is counted rather than timed, and so is the same on every machine.
 *
 * @param name identifies it in {@code results.json}
 * @param counted what is counted
 * @param limit how much of it is allowed
 * @param why what stands in the way, said where the goal is not reached
 */
record CountedGoal(String name, ToDoubleFunction<Counts> counted, double limit, String why) {}
