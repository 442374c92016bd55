package io.keywright.testkit.simulation;

import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.RotationJournal;
import io.keywright.testkit.fleet.SimulatedProcess;
import io.keywright.transport.SshTransport;

/**
 * What the engines of one schedule work with, as far as it outlives them. A simulation makes a new one for each schedule.
 *
 * <p>Used by one thread at a time, though not always by the same.
 */
public interface PartsUnderTest extends AutoCloseable {

    /**
     * Returns the store. Engines do not close it, and die without a word to it.
     *
     * @return the same content at each call, as another process would find it
     */
    CredentialStore store();

    /**
     * Returns the journal.
     *
     * @return the same content at each call, as another process would find it
     */
    RotationJournal journal();

    /**
     * Makes the transport of a process.
     *
     * @param process who calls
     * @return the transport, which ends in {@link SimulatedProcess#transport()}; closed by the engine
     */
    default SshTransport transport(SimulatedProcess process) {
        return process.transport();
    }

    /**
     * Returns the store as an engine sees it: a place for what stands between the two.
     *
     * @param store {@link #store()}, where each change is a step of the process
     * @param process whose engine it is
     * @return what the engine is given
     */
    default CredentialStore seenByEngine(CredentialStore store, SimulatedProcess process) {
        return store;
    }

    /**
     * Returns the journal as an engine sees it: a place for what stands between the two.
     *
     * @param journal {@link #journal()}, where each entry is a step of the process
     * @param process whose engine it is
     * @return what the engine is given
     */
    default RotationJournal seenByEngine(RotationJournal journal, SimulatedProcess process) {
        return journal;
    }

    /** Makes every lease of the store free to be taken by others, though its holder may live: it has slept for too long. */
    void lapse();

    /** Ends the schedule. */
    @Override
    void close();
}
