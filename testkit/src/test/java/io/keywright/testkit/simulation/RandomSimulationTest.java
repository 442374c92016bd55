package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The engine in schedules that are drawn from seeds. {@code -Dkeywright.simulationSeed=N} repeats one of them, {@code
 * -Psimulation} runs a million.
 */
@Tag("once")
class RandomSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("keywright.simulations", 5_000);
    private static final long FIRST_SEED = Long.getLong("keywright.simulationFirstSeed", 1);

    @Test
    @Timeout(value = 8, unit = TimeUnit.HOURS)
    void run_randomSchedules_everyInvariantHolds() {
        Long only = Long.getLong("keywright.simulationSeed");
        Map<Trouble, Integer> troubles = new EnumMap<>(Trouble.class);
        long steps = 0;
        long lives = 0;
        long first = only == null ? FIRST_SEED : only;
        int schedules = only == null ? SCHEDULES : 1;
        try (Simulation simulation = Simulation.create()) {
            for (long seed = first; seed < first + schedules; seed++) {
                ScheduleResult result = run(simulation, seed);
                steps += result.steps();
                lives += result.lives();
                result.troubles().forEach((trouble, count) -> troubles.merge(trouble, count, Integer::sum));
            }
        }
        System.out.printf(
                "simulation: %d schedules, %d engines, %d steps; troubles %s%n", schedules, lives, steps, troubles);
        assertThat(schedules < 5_000 || troubles.keySet().containsAll(java.util.List.of(Trouble.values())))
                .as("every trouble strikes")
                .isTrue();
    }

    private static ScheduleResult run(Simulation simulation, long seed) {
        try {
            return simulation.run(seed);
        } catch (InvariantBrokenError e) {
            throw new AssertionError(
                    "to repeat: mvn -Dquick -pl testkit -am test -Dtest=RandomSimulationTest -Dkeywright.simulationSeed="
                            + seed + "\n" + e.getMessage(),
                    e);
        }
    }
}
