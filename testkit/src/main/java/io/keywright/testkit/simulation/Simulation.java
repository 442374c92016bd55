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
    /** Two devices are where most of what can go wrong between devices does. */
    private static final List<Integer> DEVICES = List.of(1, 2, 2, 3);

    private static final long PLAIN_SEED = 1;
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
        long count = 0;
        int steps = calmSteps().size();
        for (int n = 1; n <= steps; n++) {
            for (Fault fault : List.of(Fault.crashBefore(), Fault.crashAfter())) {
                try (Run run = world(PLAIN_SEED, PLAIN)) {
                    Life first = run.begin();
                    run.against(AtStep.of(first, n, fault));
                    first.player.goOn();
                    run.endWell();
                    count++;
                }
            }
        }
        return count;
    }

    /**
     * Lets the first engine fall asleep before each of its steps, and a second one, which takes over, die after each of its
     * own; then the first one wakes, and a third finishes what both left. All pairs of the two are tried, on two devices.
     *
     * <p>A crash before a step leaves the same world as one after the step before it; and after a step that only asks, the
     * same as before it. So the second engine is killed before its first step, and after each one that changes something.
     *
     * @return how many pairs were tried
     * @throws InvariantBrokenError when an invariant does not hold
     */
    public long everyCrashWithZombie() {
        return everyCrashWithZombie(1);
    }

    /**
     * Tries some of the pairs of {@link #everyCrashWithZombie()}.
     *
     * @param stride 1 for all; else the first engine falls asleep before each stride-th of its steps only
     * @return how many pairs were tried
     * @throws InvariantBrokenError when an invariant does not hold
     */
    public long everyCrashWithZombie(int stride) {
        long count = 0;
        int steps = calmSteps().size();
        for (int asleepAt = 1; asleepAt <= steps; asleepAt += stride) {
            for (int diesAt : changesAfterSleep(asleepAt)) {
                try (Run run = world(PLAIN_SEED, PLAIN)) {
                    run.allowLeftovers();
                    Life zombie = fallAsleep(run, asleepAt);
                    Life second = run.begin();
                    run.against(
                            diesAt == 0
                                    ? AtStep.of(second, 1, Fault.crashBefore())
                                    : AtStep.of(second, diesAt, Fault.crashAfter()));
                    second.player.goOn();
                    zombie.wake();
                    zombie.player.goOn();
                    run.endWell();
                    count++;
                }
            }
        }
        return count;
    }

    /** The steps of the second engine that change something, when the first one sleeps; 0 for none of them. */
    private List<Integer> changesAfterSleep(int asleepAt) {
        try (Run run = world(PLAIN_SEED, PLAIN)) {
            fallAsleep(run, asleepAt);
            List<Integer> changes = new ArrayList<>(List.of(0));
            int[] step = {0};
            run.against((taken, life) -> {
                step[0]++;
                if (changesSomething(taken)) {
                    changes.add(step[0]);
                }
                return List.of();
            });
            run.begin().player.goOn();
            return changes;
        }
    }

    private static Life fallAsleep(Run run, int step) {
        Life life = run.begin();
        run.against(AtStep.of(life, step, Fault.before(s -> life.sleep())));
        life.player.goOn();
        run.world.parts.lapse();
        return life;
    }

    private static boolean changesSomething(Step step) {
        return switch (step.verb()) {
            case CREATE, CREATE_SYNCED, APPEND, OVERWRITE, SET_PERMISSIONS, SET_OWNER -> true;
            case RENAME, POSIX_RENAME, REMOVE, MAKE_DIRECTORY, REMOVE_DIRECTORY, EXEC -> true;
            case LOCAL -> !step.detail().equals("store.requireValid");
            default -> false;
        };
    }

    /** The steps of an engine with which nothing goes wrong. */
    private List<Step> calmSteps() {
        try (Run run = world(PLAIN_SEED, PLAIN)) {
            List<Step> steps = new ArrayList<>();
            Life life = run.begin();
            run.against((step, whose) -> {
                steps.add(step);
                return List.of();
            });
            life.player.goOn();
            return List.copyOf(steps);
        }
    }

    /**
     * Runs one schedule, in which everything may go wrong.
     *
     * @param seed determines the whole schedule
     * @return what went wrong in it, and did no harm
     * @throws InvariantBrokenError when an invariant does not hold
     */
    public ScheduleResult run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RotationPolicy.OnFailure onFailure =
                random.nextBoolean() ? RotationPolicy.OnFailure.ABORT : RotationPolicy.OnFailure.QUARANTINE;
        World.Sort sort =
                new World.Sort(DEVICES.get(random.nextInt(DEVICES.size())), true, onFailure, 1 + random.nextInt(3));
        try (Run run = world(seed, sort)) {
            Chaos chaos = new Chaos(run, random);
            chaos.play();
            run.endWell();
            return new ScheduleResult(run.world.schedule.steps(), run.lives(), chaos.counts());
        }
    }

    /** Ends the threads of simulated engines, which wait for nothing. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
