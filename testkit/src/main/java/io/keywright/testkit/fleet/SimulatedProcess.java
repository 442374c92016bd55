package io.keywright.testkit.fleet;

import io.keywright.rotation.Pause;
import io.keywright.testkit.rotation.MutationHook;
import io.keywright.transport.SshTransport;
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
     * Returns a pause that advances the fleet's clock, as a step of this process.
     *
     * @return the pause; it never sleeps
     */
    public Pause pause() {
        return time -> step("pause " + time, () -> fleet.clock().advance(time));
    }

    /**
     * Returns a hook that makes every durable change of an in-memory store or journal a step of this process.
     *
     * @param of what changes, e.g. {@code "store"}; begins the steps' names
     * @return the hook, for one store or journal
     */
    public MutationHook hook(String of) {
        return new LocalSteps(this, of);
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
        LocalStep step = begin(what);
        try {
            step.before();
            T result = effect.get();
            step.after();
            return result;
        } finally {
            step.end();
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

    LocalStep begin(String what) {
        requireAlive();
        return new LocalStep(fleet, this, fleet.begin(this, "-", "-", Verb.LOCAL, what));
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
