package io.keywright.testkit.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.JournalException;
import io.keywright.rotation.RotationJournal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What every {@link RotationJournal} must do. Extend it, and say how to open yours. */
public abstract class RotationJournalContractTest {
    private static final Instant NOON = Instant.parse("2026-11-02T12:00:00.123456789Z");

    private RotationJournal journal = new InMemoryRotationJournal();

    /** For subclasses. */
    protected RotationJournalContractTest() {}

    /**
     * Opens the journal, as another process would that knows nothing of this one.
     *
     * @return within one test always the same one, empty at its beginning
     */
    protected abstract RotationJournal reopen();

    @BeforeEach
    void openJournal() {
        journal = reopen();
    }

    static JournalEntry entry(JournalEntry.Step step, String device, Map<String, String> facts) {
        return new JournalEntry(NOON, step, Optional.of(device).filter(id -> !id.isEmpty()), facts);
    }

    private static final JournalEntry BEGUN = entry(JournalEntry.Step.BEGUN, "", Map.of());
    private static final JournalEntry PLANNED = entry(JournalEntry.Step.PLANNED, "web-1", Map.of("port", "22"));

    private List<JournalEntry> readAgain(String credential) {
        try (RotationJournal.Log log = reopen().openLatest(credential).orElseThrow()) {
            return log.entries();
        }
    }

    /** Beginning a journal. */
    @Nested
    class Create {
        @Test
        void newRotation_isEmptyAndFound() {
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                assertThat(log.rotation()).isEqualTo("r1");
                assertThat(log.entries()).isEmpty();
            }
            assertThat(readAgain("web")).isEmpty();
        }

        @Test
        void sameRotation_refused() {
            journal.create("web", "r1").close();
            assertThatThrownBy(() -> journal.create("web", "r1")).isInstanceOf(JournalException.class);
        }

        @Test
        void earlierRotation_refused() {
            journal.create("web", "r2").close();
            assertThatThrownBy(() -> journal.create("web", "r1"))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("r2");
        }

        @Test
        void otherCredential_isApart() {
            journal.create("web", "r2").close();
            try (RotationJournal.Log log = journal.create("db", "r1")) {
                log.append(List.of(BEGUN));
            }
            assertThat(readAgain("web")).isEmpty();
            assertThat(readAgain("db")).containsExactly(BEGUN);
        }

        @Test
        void badName_refused() {
            assertThatThrownBy(() -> journal.create("../web", "r1")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Finding the latest rotation. */
    @Nested
    class OpenLatest {
        @Test
        void neverRotated_empty() {
            assertThat(journal.openLatest("web")).isEmpty();
        }

        @Test
        void severalRotations_theGreatestId() {
            for (String rotation : List.of("r1", "r1-a", "r10", "r2")) {
                journal.create("web", rotation).close();
            }
            try (RotationJournal.Log log = reopen().openLatest("web").orElseThrow()) {
                assertThat(log.rotation()).isEqualTo("r2");
            }
        }
    }

    /** Writing and reading entries. */
    @Nested
    class Append {
        @Test
        void entries_areReadBackInOrder() {
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(List.of(BEGUN));
                log.append(List.of(PLANNED, PLANNED));
                assertThat(log.entries()).containsExactly(BEGUN, PLANNED, PLANNED);
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, PLANNED, PLANNED);
        }

        @Test
        void nothing_changesNothing() {
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(List.of());
            }
            assertThat(readAgain("web")).isEmpty();
        }

        @Test
        void afterReopening_goesOn() {
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(List.of(BEGUN));
            }
            try (RotationJournal.Log log = reopen().openLatest("web").orElseThrow()) {
                log.append(List.of(PLANNED));
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, PLANNED);
        }

        @Test
        void everyStep_survives() {
            List<JournalEntry> entries = new ArrayList<>();
            for (JournalEntry.Step step : JournalEntry.Step.values()) {
                entries.add(entry(step, "web-1", Map.of()));
            }
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(entries);
            }
            assertThat(readAgain("web")).isEqualTo(entries);
        }

        @Test
        void awkwardFacts_survive() {
            JournalEntry awkward = entry(
                    JournalEntry.Step.FAILED,
                    "web-1",
                    Map.of(
                            "line feed", "a\nb\r\u2028c",
                            "quotes", "\",\"sum\":\"0123456789abcdef\"}",
                            "nul", "\0",
                            "", "empty name",
                            "empty value", "",
                            "beyond the BMP", "\ud83d\ude00",
                            "lone surrogate", "\ud800",
                            "long", "x".repeat(100_000)));
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(List.of(awkward));
            }
            assertThat(readAgain("web")).containsExactly(awkward);
        }

        @Test
        void logThatWasOvertaken_refused() {
            try (RotationJournal.Log zombie = journal.create("web", "r1");
                    RotationJournal.Log next = reopen().openLatest("web").orElseThrow()) {
                next.append(List.of(BEGUN));
                assertThatThrownBy(() -> zombie.append(List.of(PLANNED))).isInstanceOf(JournalException.class);
            }
            assertThat(readAgain("web")).containsExactly(BEGUN);
        }

        @Test
        void closedLog_refused() {
            RotationJournal.Log log = journal.create("web", "r1");
            log.close();
            log.close();
            assertThatThrownBy(() -> log.append(List.of(BEGUN))).isInstanceOf(IllegalStateException.class);
        }
    }

    /** Reading one by one. */
    @Nested
    class Replay {
        @Test
        void entries_areGivenInOrder() {
            List<JournalEntry> seen = new ArrayList<>();
            try (RotationJournal.Log log = journal.create("web", "r1")) {
                log.append(List.of(BEGUN, PLANNED));
                log.replay(seen::add);
            }
            assertThat(seen).containsExactly(BEGUN, PLANNED);
        }
    }
}
