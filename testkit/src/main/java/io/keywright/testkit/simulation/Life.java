package io.keywright.testkit.simulation;

import io.keywright.SshKeyException;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import io.keywright.rotation.RotationReport.Outcome;
import io.keywright.testkit.fleet.SimulatedCrash;
import io.keywright.testkit.fleet.SimulatedProcess;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One engine, from the start of its process to its end: it goes on with what it finds, or begins a rotation. */
final class Life {
    private final World world;
    private final SimulatedProcess process;
    private final Duration skew;
    private final boolean rotatesAgain;
    final Turns.Player player;

    private boolean asleep;
    private @Nullable RotationReport report;
    private @Nullable SshKeyException failure;

    /**
     * Makes a life that has not begun.
     *
     * @param skew how much its clock is ahead
     * @param rotatesAgain whether it begins a rotation where the latest one has come to its end, or settles
     */
    Life(World world, Turns turns, Duration skew, boolean rotatesAgain) {
        this.world = world;
        this.process = world.process();
        this.skew = skew;
        this.rotatesAgain = rotatesAgain;
        this.player = turns.add(this::live);
    }

    String name() {
        return process.name();
    }

    SimulatedProcess process() {
        return process;
    }

    boolean isAsleep() {
        return asleep;
    }

    /** Stops here until somebody wakes it; called by the life itself. */
    void sleep() {
        asleep = true;
        player.pause();
    }

    void wake() {
        asleep = false;
    }

    /** How the rotation stood when this life ended, where it got so far. */
    Optional<RotationReport> report() {
        return Optional.ofNullable(report);
    }

    /** What the engine could not do, where it said so. */
    Optional<SshKeyException> failure() {
        return Optional.ofNullable(failure);
    }

    private void live() {
        try (RotationEngine engine = world.engine(process, skew)) {
            Optional<RotationReport> resumed = engine.resume(world.credential, event -> {});
            resumed.ifPresent(this::reported);
            boolean ended = resumed.map(RotationReport::outcome)
                    .map(outcome -> outcome != Outcome.INCOMPLETE && outcome != Outcome.ROLL_BACK_INCOMPLETE)
                    .orElse(false);
            if (resumed.isEmpty() || (ended && rotatesAgain)) {
                reported(engine.rotate(engine.plan(world.credential), event -> {}));
            }
        } catch (SimulatedCrash killed) {
            world.schedule.decided(process.name() + " is dead: " + killed.getMessage());
        } catch (SshKeyException e) {
            failure = e;
            world.schedule.decided(process.name() + " gives up: " + e.getMessage());
        } catch (RuntimeException e) {
            throw world.invariants.fellOver(process.name(), e);
        }
        world.invariants.died(process.name());
    }

    private void reported(RotationReport what) {
        report = what;
        world.schedule.decided(process.name() + " reports " + what.outcome());
        world.invariants.noFalseSuccess(what);
    }
}
