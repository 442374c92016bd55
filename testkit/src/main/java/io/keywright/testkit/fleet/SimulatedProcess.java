package io.keywright.testkit.fleet;

import io.keywright.transport.SshTransport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A process that calls the fleet and may be killed, like the machine that an engine runs on.
 *
 * <p>Once killed, it does nothing any more: its connections are gone, every further call throws {@link SimulatedCrash}, and
 * closing does nothing, so that {@code finally} blocks of the code under test cannot tidy up behind the kill. Whatever else
 * has effects, a store or a journal, should be wrapped in {@link #step}. A process that merely stalls and wakes later, a
 * zombie, is made with {@link Fault#before(java.util.function.Consumer)}: what others do meanwhile happens in there.
 * Thread-safe.
 */
public final class SimulatedProcess {
    private final InMemoryFleet fleet;
    private final String name;
    private final String address;
    private final List<ServerSession> sessions = new ArrayList<>();
    private volatile boolean alive = true;

    SimulatedProcess(InMemoryFleet fleet, String name, String address) {
        this.fleet = fleet;
        this.name = name;
        this.address = address;
    }

    /**
     * Returns the name.
     *
     * @return the name in traces
     */
    public String name() {
        return name;
    }

    /**
     * Returns where it runs.
     *
     * @return the address from which servers see it connect
     */
    public String address() {
        return address;
    }

    /**
     * Makes a transport that this process uses.
     *
     * @return the transport; the caller closes it
     */
    public SshTransport transport() {
        requireAlive();
        return new SimulatedTransport(fleet, this);
    }

    /**
     * Tells whether it was not killed.
     *
     * @return true until {@link #kill()} or a {@link SimulatedCrash}
     */
    public boolean isAlive() {
        return alive;
    }

    /** Kills the process: its connections break, and it has no effect any more. */
    public void kill() {
        List<ServerSession> orphans;
        synchronized (sessions) {
            alive = false;
            orphans = List.copyOf(sessions);
            sessions.clear();
        }
        orphans.forEach(ServerSession::end);
    }

    /**
     * Lives on, or does not.
     *
     * @throws SimulatedCrash when the process was killed
     */
    public void requireAlive() {
        if (!alive) {
            throw new SimulatedCrash(name, "before");
        }
    }

    /**
     * Takes a step that reaches no device, with a number of its own, at which faults can strike: a write of the store or the
     * journal.
     *
     * @param what its name in traces, e.g. {@code "store.promote"}
     * @param effect what it does
     * @param <T> what it returns
     * @return what the effect returned
     * @throws SimulatedCrash when the process is killed before or after it
     */
    public <T> T step(String what, Supplier<T> effect) {
        requireAlive();
        Step step = fleet.begin(this, "-", "-", Verb.LOCAL, what);
        Instant at = fleet.clock().instant();
        TraceEntry.Outcome outcome = TraceEntry.Outcome.CRASHED_BEFORE;
        try {
            List<Fault> faults = fleet.faults().strike(step);
            faults.forEach(fault -> strike(fault, false, step));
            requireAlive();
            outcome = TraceEntry.Outcome.REFUSED;
            T result = effect.get();
            outcome = TraceEntry.Outcome.CRASHED_AFTER;
            faults.forEach(fault -> strike(fault, true, step));
            requireAlive();
            outcome = TraceEntry.Outcome.DONE;
            return result;
        } finally {
            fleet.record(step, outcome, at);
        }
    }

    /**
     * Takes a step that reaches no device and returns nothing, see {@link #step(String, Supplier)}.
     *
     * @param what its name in traces
     * @param effect what it does
     */
    public void step(String what, Runnable effect) {
        this.<Boolean>step(what, () -> {
            effect.run();
            return true;
        });
    }

    private void strike(Fault fault, boolean afterEffect, Step step) {
        if (fault instanceof Fault.Act act && act.afterEffect == afterEffect) {
            act.actor.accept(step);
        } else if (fault instanceof Fault.Delay delay && !afterEffect) {
            fleet.clock().advance(delay.duration);
        } else if (fault instanceof Fault.Break broken && broken.afterEffect == afterEffect) {
            throw die(step, afterEffect);
        }
    }

    SimulatedCrash die(Step step, boolean afterEffect) {
        kill();
        return new SimulatedCrash(name, (afterEffect ? "after step " : "before step ") + step);
    }

    void own(ServerSession session) {
        synchronized (sessions) {
            requireAlive();
            sessions.add(session);
        }
    }

    void disown(ServerSession session) {
        synchronized (sessions) {
            sessions.remove(session);
        }
    }

    /** Says the name. */
    @Override
    public String toString() {
        return "SimulatedProcess[" + name + " at " + address + (alive ? "]" : ", killed]");
    }
}
