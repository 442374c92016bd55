package io.keywright.testkit.simulation;

import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.Step;
import java.util.List;

/** Decides what goes wrong at each step of an engine. */
interface Adversary {

    /**
     * Is asked when a step begins.
     *
     * @param step the step
     * @param life whose step it is
     * @return what goes wrong, in order
     */
    List<Fault> at(Step step, Life life);
}
