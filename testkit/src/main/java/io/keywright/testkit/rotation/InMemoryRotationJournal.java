package io.keywright.testkit.rotation;

import io.keywright.rotation.Credential;
import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.JournalException;
import io.keywright.rotation.RotationJournal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A rotation journal in memory. It outlives its logs as a directory does: a log that a simulated crash left open is simply
 * forgotten, and another is opened.
 *
 * <p>The {@link MutationHook} is called around every single entry that is appended, so that a crash can leave the beginning
 * of an append, as it can in a file; but once around all of those that a rotation begins with. Thread-safe.
 */
public final class InMemoryRotationJournal implements RotationJournal {
    private final Map<String, NavigableMap<String, List<JournalEntry>>> rotations = new HashMap<>();
    private MutationHook hook = (moment, mutation) -> {};

    /** Creates a journal that knows no rotation. */
    public InMemoryRotationJournal() {}

    /**
     * Sets what sees every change from now on.
     *
     * @param newHook is told {@code begin} and, for each entry after the beginning, {@code append}
     */
    public synchronized void onMutation(MutationHook newHook) {
        hook = newHook;
    }

    /**
     * Lists a credential's rotations.
     *
     * @param credential the credential's name
     * @return their ids, oldest first
     */
    public synchronized List<String> rotations(String credential) {
        return List.copyOf(ofCredential(credential).keySet());
    }

    @Override
    public synchronized Log begin(String credential, String rotation, List<JournalEntry> beginning) {
        Credential.requireName(credential);
        if (beginning.isEmpty()) {
            throw new IllegalArgumentException("a rotation begins with an entry");
        }
        hook.at(MutationHook.Moment.BEFORE, "begin " + credential);
        NavigableMap<String, List<JournalEntry>> known = ofCredential(credential);
        if (!known.isEmpty() && known.lastKey().compareTo(rotation) >= 0) {
            throw new JournalException(
                    "rotation " + rotation + " of " + credential + " must come after " + known.lastKey(), null);
        }
        known.put(rotation, new ArrayList<>(beginning));
        hook.at(MutationHook.Moment.AFTER, "begin " + credential);
        return new MemoryLog(credential, rotation, beginning.size());
    }

    @Override
    public synchronized Optional<Log> openLatest(String credential) {
        Credential.requireName(credential);
        return Optional.ofNullable(ofCredential(credential).lastEntry())
                .map(latest -> new MemoryLog(
                        credential, latest.getKey(), latest.getValue().size()));
    }

    private NavigableMap<String, List<JournalEntry>> ofCredential(String credential) {
        return rotations.computeIfAbsent(credential, name -> new TreeMap<>());
    }

    private final class MemoryLog implements Log {
        private final String credential;
        private final String rotation;
        private final List<JournalEntry> entries;
        private int seen;
        private boolean closed;

        MemoryLog(String credential, String rotation, int seen) {
            this.credential = credential;
            this.rotation = rotation;
            this.entries =
                    java.util.Objects.requireNonNull(ofCredential(credential).get(rotation));
            this.seen = seen;
        }

        @Override
        public String rotation() {
            return rotation;
        }

        @Override
        public List<JournalEntry> entries() {
            synchronized (InMemoryRotationJournal.this) {
                requireOpen();
                return List.copyOf(entries);
            }
        }

        @Override
        public void append(List<JournalEntry> more) {
            synchronized (InMemoryRotationJournal.this) {
                requireOpen();
                if (more.isEmpty()) {
                    return;
                }
                if (entries.size() != seen) {
                    throw new JournalException(
                            "somebody else has appended to rotation " + rotation + ": open it again", null);
                }
                for (JournalEntry entry : List.copyOf(more)) {
                    hook.at(MutationHook.Moment.BEFORE, "append " + credential);
                    entries.add(entry);
                    hook.at(MutationHook.Moment.AFTER, "append " + credential);
                }
                seen = entries.size();
            }
        }

        @Override
        public void close() {
            synchronized (InMemoryRotationJournal.this) {
                closed = true;
            }
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException("the journal of rotation " + rotation + " is closed");
            }
        }
    }
}
