package io.keywright.testkit.fleet;

import io.keywright.testkit.fleet.TraceEntry.Outcome;
import java.time.Instant;
import java.util.List;

/** A step of a process that reaches no device: before it, the effect itself, after it. Belongs to one thread. */
final class LocalStep {
    private final InMemoryFleet fleet;
    private final SimulatedProcess process;
    private final Step step;
    private final Instant at;
    private final List<Fault> faults;
    private Outcome outcome = Outcome.CRASHED_BEFORE;

    LocalStep(InMemoryFleet fleet, SimulatedProcess process, Step step) {
        this.fleet = fleet;
        this.process = process;
        this.step = step;
        this.at = fleet.clock().instant();
        this.faults = fleet.faults().strike(step);
    }

    void before() {
        strike(false);
        outcome = Outcome.REFUSED; // unless the effect returns
    }

    void after() {
        outcome = Outcome.CRASHED_AFTER;
        strike(true);
        outcome = Outcome.DONE;
    }

    void end() {
        fleet.record(step, outcome, at);
    }

    private void strike(boolean afterEffect) {
        for (Fault fault : faults) {
            if (fault instanceof Fault.Act act && act.afterEffect == afterEffect) {
                act.actor.accept(step);
            } else if (fault instanceof Fault.Delay delay && !afterEffect) {
                fleet.clock().advance(delay.duration);
            } else if (fault instanceof Fault.Break broken && broken.afterEffect == afterEffect) {
                throw process.die(step, afterEffect);
            }
        }
        if (!process.isAlive()) {
            throw process.die(step, afterEffect);
        }
    }
}
