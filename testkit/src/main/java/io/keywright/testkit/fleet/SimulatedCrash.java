package io.keywright.testkit.fleet;

/**
 * Thrown where a simulated process is killed.
 *
 * <p>An {@link Error}, so that no {@code catch (Exception e)} of the code under test survives it, as none survives a
 * SIGKILL. What {@code finally} blocks still try has no effect: see {@link SimulatedProcess}.
 */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1;

    private final String process;

    SimulatedCrash(String process, String where) {
        super("process " + process + " was killed " + where);
        this.process = process;
    }

    /**
     * Returns the process that was killed.
     *
     * @return its name
     */
    public String process() {
        return process;
    }
}
