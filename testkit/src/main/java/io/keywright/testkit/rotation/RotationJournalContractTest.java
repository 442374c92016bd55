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
    private static final JournalEntry LATER = entry(JournalEntry.Step.EXPANDING, "web-1", Map.of());

    private RotationJournal.Log begin(String rotation) {
        return journal.begin("web", rotation, List.of(BEGUN));
    }

    private List<JournalEntry> readAgain(String credential) {
        try (RotationJournal.Log log = reopen().openLatest(credential).orElseThrow()) {
            return log.entries();
        }
    }

    /** Beginning a journal. */
    @Nested
    class Begin {
        @Test
        void newRotation_hasItsBeginningAndIsFound() {
            try (RotationJournal.Log log = journal.begin("web", "r1", List.of(BEGUN, PLANNED))) {
                assertThat(log.rotation()).isEqualTo("r1");
                assertThat(log.entries()).containsExactly(BEGUN, PLANNED);
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, PLANNED);
        }

        @Test
        void nothingToBeginWith_refusedAndHidesNothing() {
            begin("r1").close();
            assertThatThrownBy(() -> journal.begin("web", "r2", List.of()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertLatest("r1");
        }

        @Test
        void sameRotation_refusedAndTheFirstIsKept() {
            begin("r1").close();
            assertThatThrownBy(() -> journal.begin("web", "r1", List.of(PLANNED)))
                    .isInstanceOf(JournalException.class);
            assertThat(readAgain("web")).containsExactly(BEGUN);
        }

        @Test
        void earlierRotation_refused() {
            begin("r2").close();
            assertThatThrownBy(() -> begin("r1"))
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("r2");
        }

        @Test
        void otherCredential_isApart() {
            begin("r2").close();
            journal.begin("db", "r1", List.of(BEGUN, PLANNED)).close();
            assertThat(readAgain("web")).containsExactly(BEGUN);
            assertThat(readAgain("db")).containsExactly(BEGUN, PLANNED);
        }

        @Test
        void badName_refused() {
            assertThatThrownBy(() -> journal.begin("../web", "r1", List.of(BEGUN)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private void assertLatest(String rotation) {
        try (RotationJournal.Log log = reopen().openLatest("web").orElseThrow()) {
            assertThat(log.rotation()).isEqualTo(rotation);
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
                begin(rotation).close();
            }
            assertLatest("r2");
        }
    }

    /** Writing and reading entries. */
    @Nested
    class Append {
        @Test
        void entries_areReadBackInOrder() {
            try (RotationJournal.Log log = begin("r1")) {
                log.append(List.of(PLANNED));
                log.append(List.of(LATER, LATER));
                assertThat(log.entries()).containsExactly(BEGUN, PLANNED, LATER, LATER);
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, PLANNED, LATER, LATER);
        }

        @Test
        void nothing_changesNothing() {
            try (RotationJournal.Log log = begin("r1")) {
                log.append(List.of());
            }
            assertThat(readAgain("web")).containsExactly(BEGUN);
        }

        @Test
        void afterReopening_goesOn() {
            begin("r1").close();
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
            try (RotationJournal.Log log = journal.begin("web", "r1", entries.subList(0, 1))) {
                log.append(entries.subList(1, entries.size()));
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
            try (RotationJournal.Log log = begin("r1")) {
                log.append(List.of(awkward));
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, awkward);
        }

        @Test
        void logThatWasOvertaken_refused() {
            try (RotationJournal.Log zombie = begin("r1");
                    RotationJournal.Log next = reopen().openLatest("web").orElseThrow()) {
                next.append(List.of(PLANNED));
                assertThatThrownBy(() -> zombie.append(List.of(LATER))).isInstanceOf(JournalException.class);
            }
            assertThat(readAgain("web")).containsExactly(BEGUN, PLANNED);
        }

        @Test
        void closedLog_refused() {
            RotationJournal.Log log = begin("r1");
            log.close();
            log.close();
            assertThatThrownBy(() -> log.append(List.of(PLANNED))).isInstanceOf(IllegalStateException.class);
        }
    }

    /** Reading one by one. */
    @Nested
    class Replay {
        @Test
        void entries_areGivenInOrder() {
            List<JournalEntry> seen = new ArrayList<>();
            try (RotationJournal.Log log = begin("r1")) {
                log.append(List.of(PLANNED, LATER));
                log.replay(seen::add);
            }
            assertThat(seen).containsExactly(BEGUN, PLANNED, LATER);
        }
    }
}
