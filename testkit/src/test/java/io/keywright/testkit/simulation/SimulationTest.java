package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The engine in the simulator. What fails here tells its schedule, and how to repeat it. */
class SimulationTest {

    @Nested
    @Tag("once")
    class Exhaustive {
        @Test
        void everyCrash_twoDevices_endsWell() {
            try (Simulation simulation = Simulation.create()) {
                long crashes = simulation.everyCrash();
                System.out.printf("simulation: %d single crash points%n", crashes);
                assertThat(crashes).isGreaterThan(400);
            }
        }
    }
}
