package io.keywright.testkit.simulation;

import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.RotationJournal;
import io.keywright.testkit.fleet.SimulatedProcess;
import java.util.List;
import java.util.Optional;

/**
 * A journal whose every entry is a step of one process, so that it may die in the midst of an append; those that a rotation
 * begins with are one.
 */
final class SteppedJournal implements RotationJournal {
    private final RotationJournal journal;
    private final SimulatedProcess process;
    private final Invariants invariants;

    SteppedJournal(RotationJournal journal, SimulatedProcess process, Invariants invariants) {
        this.journal = journal;
        this.process = process;
        this.invariants = invariants;
    }

    @Override
    public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
        return process.step("journal.begin " + rotation, () -> {
            Log log = journal.begin(credential, rotation, beginning);
            beginning.forEach(entry -> invariants.appended(process.name(), rotation, entry));
            return new SteppedLog(log);
        });
    }

    @Override
    public Optional<Log> openLatest(String credential) {
        process.requireAlive();
        return journal.openLatest(credential).map(SteppedLog::new);
    }

    private final class SteppedLog implements Log {
        private final Log log;

        SteppedLog(Log log) {
            this.log = log;
        }

        @Override
        public String rotation() {
            return log.rotation();
        }

        @Override
        public List<JournalEntry> entries() {
            process.requireAlive();
            return log.entries();
        }

        @Override
        public void append(List<JournalEntry> entries) {
            for (JournalEntry entry : entries) {
                String what = "journal." + entry.step()
                        + entry.device().map(id -> " " + id).orElse("");
                process.step(what, () -> {
                    log.append(List.of(entry));
                    invariants.appended(process.name(), log.rotation(), entry);
                });
            }
        }

        @Override
        public void close() {
            if (process.isAlive()) {
                log.close();
            }
        }
    }
}
