package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulator itself: each mistake that an engine could make is found soon, by the invariant that it breaks. */
@Tag("once")
class PlantedBugTest {
    private static final int SCHEDULES = 2_000;

    @ParameterizedTest
    @EnumSource
    void run_plantedBug_isCaught(PlantedBug bug) {
        Optional<InvariantBrokenError> caught = Optional.empty();
        try (Simulation simulation = Simulation.of(bug::parts)) {
            for (long n = 0; n < SCHEDULES && caught.isEmpty(); n++) {
                caught = run(simulation, 1 + n).filter(error -> error.invariant() == bug.breaks());
            }
        }
        assertThat(caught)
                .as("%s breaks %s in %d schedules", bug, bug.breaks(), SCHEDULES)
                .isPresent();
        caught.ifPresent(error -> System.out.printf(
                "simulation: %s caught at seed %d: %s: %s%n", bug, error.seed(), error.invariant(), error.problem()));
    }

    @Test
    void breaks_allBugs_leaveNoInvariantOut() {
        assertThat(PlantedBug.values()).extracting(PlantedBug::breaks).contains(Invariant.values());
    }

    private static Optional<InvariantBrokenError> run(Simulation simulation, long seed) {
        try {
            simulation.run(seed);
            return Optional.empty();
        } catch (InvariantBrokenError e) {
            return Optional.of(e);
        }
    }
}
