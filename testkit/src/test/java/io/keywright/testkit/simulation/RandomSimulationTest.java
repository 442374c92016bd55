package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The engine in schedules that are drawn from seeds, each in a world of its own, several worlds at a time. {@code
 * -Dkeywright.simulationSeed=N} repeats one of them, {@code -Psimulation} runs a million.
 */
@Tag("once")
class RandomSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("keywright.simulations", 20_000);
    private static final long FIRST_SEED = Long.getLong("keywright.simulationFirstSeed", 1);
    private static final int THREADS = Integer.getInteger(
            "keywright.simulationThreads", Runtime.getRuntime().availableProcessors());
    /** In so many schedules each trouble strikes, whatever their seeds. */
    private static final int MANY = 5_000;

    @Test
    @Timeout(value = 8, unit = TimeUnit.HOURS)
    void run_randomSchedules_everyInvariantHolds() throws Exception {
        Long only = Long.getLong("keywright.simulationSeed");
        Seeds seeds = only == null ? new Seeds(FIRST_SEED, SCHEDULES) : new Seeds(only, 1);
        Sums sums = new Sums();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Sums>> shares = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                shares.add(() -> share(seeds));
            }
            for (Future<Sums> share : threads.invokeAll(shares)) {
                sums.add(share.get());
            }
        } finally {
            threads.shutdownNow();
        }
        seeds.requireNoFailure();
        System.out.printf(
                "simulation: %d schedules, %d engines, %d steps; troubles %s%n",
                sums.schedules, sums.lives, sums.steps, sums.troubles);
        assertThat(sums.schedules < MANY || sums.troubles.keySet().containsAll(List.of(Trouble.values())))
                .as("every trouble strikes")
                .isTrue();
    }

    /** Runs one schedule after the other, of those that nobody else has taken. */
    @SuppressWarnings("IllegalCatch") // whatever it is, the seed is told
    private static Sums share(Seeds seeds) {
        Sums sums = new Sums();
        try (Simulation simulation = Simulation.create()) {
            for (OptionalLong seed = seeds.next(); seed.isPresent(); seed = seeds.next()) {
                try {
                    sums.add(simulation.run(seed.getAsLong()));
                } catch (RuntimeException | Error e) {
                    seeds.failed(seed.getAsLong(), e);
                }
            }
        }
        return sums;
    }

    /** The seeds that are left, given out in order; none any more once enough have failed. */
    private static final class Seeds {
        private static final int ENOUGH = 10;

        private final long end;
        private long next;
        private final SortedMap<Long, Throwable> failures = new TreeMap<>();

        Seeds(long first, int count) {
            next = first;
            end = first + count;
        }

        synchronized OptionalLong next() {
            return failures.size() < ENOUGH && next < end ? OptionalLong.of(next++) : OptionalLong.empty();
        }

        synchronized void failed(long seed, Throwable thrown) {
            failures.put(seed, thrown);
        }

        /** Tells the earliest failure whole, and of the others the seeds. */
        synchronized void requireNoFailure() {
            if (!failures.isEmpty()) {
                Throwable first = failures.get(failures.firstKey());
                throw new AssertionError(
                        failures.keySet() + " failed; to repeat the first: mvn -Dquick -pl testkit -am test"
                                + " -Dtest=RandomSimulationTest -Dkeywright.simulationSeed=" + failures.firstKey()
                                + "\n"
                                + first.getMessage(),
                        first);
            }
        }
    }

    /** What happened in several schedules. */
    private static final class Sums {
        private final Map<Trouble, Integer> troubles = new EnumMap<>(Trouble.class);
        private int schedules;
        private long steps;
        private long lives;

        void add(ScheduleResult result) {
            schedules++;
            steps += result.steps();
            lives += result.lives();
            result.troubles().forEach((trouble, count) -> troubles.merge(trouble, count, Integer::sum));
        }

        void add(Sums other) {
            schedules += other.schedules;
            steps += other.steps;
            lives += other.lives;
            other.troubles.forEach((trouble, count) -> troubles.merge(trouble, count, Integer::sum));
        }
    }
}
