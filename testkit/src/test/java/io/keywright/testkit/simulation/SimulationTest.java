package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine with every single thing that can cut it off, and every pair of two engines that are. */
@Tag("once")
class SimulationTest {

    @Test
    void everyCrash_twoDevices_endsWell() {
        try (Simulation simulation = Simulation.create()) {
            long crashes = simulation.everyCrash();
            System.out.printf("simulation: %d single crashes, each before or after one step%n", crashes);
            assertThat(crashes).isGreaterThan(400);
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyCrashWithZombie_twoDevicesTwoEngines_endsWell() {
        try (Simulation simulation = Simulation.create()) {
            long pairs = simulation.everyCrashWithZombie();
            System.out.printf("simulation: %d pairs of one crash and one zombie that wakes%n", pairs);
            assertThat(pairs).isGreaterThan(5_000);
        }
    }
}
