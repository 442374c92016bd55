package io.keywright.testkit.simulation;

import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.RotationJournal;
import io.keywright.testkit.rotation.InMemoryCredentialStore;
import io.keywright.testkit.rotation.InMemoryRotationJournal;
import java.time.Clock;

/** A store and a journal in memory. */
final class InMemoryParts implements PartsUnderTest {
    private final InMemoryCredentialStore store;
    private final InMemoryRotationJournal journal = new InMemoryRotationJournal();

    InMemoryParts(Clock clock) {
        store = new InMemoryCredentialStore(clock);
    }

    @Override
    public CredentialStore store() {
        return store;
    }

    @Override
    public RotationJournal journal() {
        return journal;
    }

    @Override
    public void lapse() {
        store.releaseLeases();
    }

    @Override
    public void close() {
        store.close();
    }
}
