package io.keywright.testkit.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.rotation.JournalEntry;
import io.keywright.rotation.RotationJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class InMemoryRotationJournalTest extends RotationJournalContractTest {
    private final InMemoryRotationJournal memory = new InMemoryRotationJournal();

    @Override
    protected RotationJournal reopen() {
        return memory;
    }

    @Nested
    class Hook {
        private final JournalEntry first = entry(JournalEntry.Step.BEGUN, "", Map.of());
        private final JournalEntry second = entry(JournalEntry.Step.PLANNED, "web-1", Map.of());

        @Test
        void crashInsideAnAppend_leavesItsBeginning() {
            RotationJournal.Log log = memory.begin("web", "r1", List.of(first));
            int[] calls = {0};
            memory.onMutation((moment, mutation) -> {
                if (++calls[0] == 3) {
                    throw new AssertionError("crash");
                }
            });
            assertThatThrownBy(() -> log.append(List.of(second, second))).hasMessage("crash");
            assertThat(memory.openLatest("web").orElseThrow().entries()).containsExactly(first, second);
        }

        @Test
        void everyChange_isToldBeforeAndAfter() {
            List<String> told = new ArrayList<>();
            memory.onMutation((moment, mutation) -> told.add(moment + " " + mutation));
            memory.begin("web", "r1", List.of(first, second)).append(List.of(second));
            assertThat(told)
                    .containsExactly("BEFORE begin web", "AFTER begin web", "BEFORE append web", "AFTER append web");
            assertThat(memory.rotations("web")).containsExactly("r1");
        }
    }
}
