package io.keywright.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.testkit.fleet.Step;
import io.keywright.testkit.fleet.TraceEntry;
import io.keywright.testkit.fleet.Verb;
import java.time.Instant;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WireLogTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final WireLog wire = new WireLog();

    private void refusal(Instant began, long ended, Instant answered) {
        Step step = new Step(1, "engine-1", "web-1", "deploy", Verb.PROBE, "key");
        wire.note(new TraceEntry(step, TraceEntry.Outcome.REFUSED, began), ended, answered);
    }

    @Nested
    class Note {
        @Test
        void note_theQuestionOfAProcessThatSlept_isAnsweredWhenItWakes() {
            refusal(START.plusSeconds(100), 1, START.plusSeconds(101));
            refusal(START.plusSeconds(900), 2, START.plusSeconds(901));
            refusal(START, 3, START.plusSeconds(902));
            WireLog.Answers answers = wire.of("web-1", "key");
            assertThat(answers.refused).isEqualTo(3);
            assertThat(answers.firstRefusal).isEqualTo(START.plusSeconds(101));
            assertThat(answers.lastRefusal).isEqualTo(START.plusSeconds(902));
        }

        @Test
        void changedByEngine_refusalsBefore_countNoMore() {
            refusal(START, 1, START.plusSeconds(1));
            wire.changedByEngine("web-1", "key");
            assertThat(wire.of("web-1", "key").firstRefusal).isNull();
            assertThat(wire.of("web-1", "key").lastRefusal).isNull();
            assertThat(wire.of("web-1", "key").refused).isEqualTo(1);
        }

        @Test
        void changedByOthers_oneMoreRefusal_isEnough() {
            refusal(START, 1, START.plusSeconds(1));
            wire.changedByOthers("web-1", "key");
            assertThat(wire.of("web-1", "key").lastRefusal).isNull();
            refusal(START, 2, START.plusSeconds(2));
            assertThat(wire.of("web-1", "key").firstRefusal).isEqualTo(START.plusSeconds(1));
            assertThat(wire.of("web-1", "key").lastRefusal).isEqualTo(START.plusSeconds(2));
        }
    }
}
