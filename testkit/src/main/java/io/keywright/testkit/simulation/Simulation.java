package io.keywright.testkit.simulation;

import io.keywright.rotation.RotationPolicy;
import io.keywright.testkit.fleet.Fault;
import io.keywright.testkit.fleet.SettableClock;
import io.keywright.testkit.fleet.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs rotations in simulated worlds, and checks every {@link Invariant} after every step.
 *
 * <p>For one thread at a time; what happens in a world depends on its seed only.
 */
public final class Simulation implements AutoCloseable {
    private static final World.Sort PLAIN = new World.Sort(2, false, RotationPolicy.OnFailure.ABORT, 3);

    private final Parts parts;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "simulated engine");
        thread.setDaemon(true);
        return thread;
    });

    /** Makes the parts of each schedule's engines. */
    @FunctionalInterface
    public interface Parts {

        /**
         * Makes new parts.
         *
         * @param clock the time of the schedule's world
         * @return parts that know of no credential yet; the simulation closes them
         */
        PartsUnderTest create(SettableClock clock);
    }

    private Simulation(Parts parts) {
        this.parts = parts;
    }

    /**
     * Makes a simulation of engines on a store and a journal in memory.
     *
     * @return a simulation; the caller closes it
     */
    public static Simulation create() {
        return new Simulation(InMemoryParts::new);
    }

    /**
     * Makes a simulation of engines on a caller's store, journal and transport.
     *
     * @param parts makes them, once for each schedule
     * @return a simulation; the caller closes it
     */
    public static Simulation of(Parts parts) {
        return new Simulation(parts);
    }

    private Run world(long seed, World.Sort sort) {
        return new Run(new World(seed, sort, parts), threads);
    }

    /**
     * Kills the engine before and after each of its steps, one at a time, on two devices; another finishes what it left.
     *
     * @return how many crashes were tried
     * @throws InvariantBrokenError when an invariant does not hold
     */
    public long everyCrash() {
        List<Step> steps = steps();
        long count = 0;
        for (int n = 1; n <= steps.size(); n++) {
            for (Fault fault : List.of(Fault.crashBefore(), Fault.crashAfter())) {
                int at = n;
                try (Run run = world(1, PLAIN)) {
                    Life first = run.begin();
                    int[] seen = {0};
                    run.against((step, life) -> life == first && ++seen[0] == at ? List.of(fault) : List.of());
                    first.player.goOn();
                    run.endWell();
                    count++;
                }
            }
        }
        return count;
    }

    /**
     * Runs one schedule, in which everything may go wrong.
     *
     * @param seed determines the whole schedule
     * @throws InvariantBrokenError when an invariant does not hold
     */
    public void run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RotationPolicy.OnFailure onFailure =
                random.nextBoolean() ? RotationPolicy.OnFailure.ABORT : RotationPolicy.OnFailure.QUARANTINE;
        World.Sort sort = new World.Sort(1 + random.nextInt(3), true, onFailure, 1 + random.nextInt(3));
        try (Run run = world(seed, sort)) {
            new Chaos(run, random).play();
            run.endWell();
        }
    }

    private List<Step> steps() {
        try (Run run = world(1, PLAIN)) {
            List<Step> steps = new ArrayList<>();
            run.against((step, life) -> {
                steps.add(step);
                return List.of();
            });
            run.begin().player.goOn();
            List<Step> first = List.copyOf(steps);
            run.endWell();
            return first;
        }
    }

    /** Ends the threads of simulated engines, which wait for nothing. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
