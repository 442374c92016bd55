package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an outcome is called by programs, and what people read about it. */
class DeviceOutcomeTest {
    private static final DeviceFailure DOWN = new DeviceFailure(DeviceFailure.Kind.UNREACHABLE, true, "it is down");

    @Nested
    class Words {
        @Test
        void labelAndDescribe_eachOutcome_saysWhatBecameOfTheDevice() {
            Map<String, String> words = new LinkedHashMap<>();
            for (DeviceOutcome outcome : List.of(
                    new DeviceOutcome.Done(),
                    new DeviceOutcome.Unproven("nobody asked"),
                    new DeviceOutcome.OldKeyAlive(DOWN),
                    new DeviceOutcome.Quarantined(DOWN),
                    new DeviceOutcome.RolledBack(),
                    new DeviceOutcome.RollBackPending(DOWN),
                    new DeviceOutcome.Untouched(),
                    new DeviceOutcome.Removed("scrapped"),
                    new DeviceOutcome.Expanded())) {
                words.put(outcome.label(), outcome.describe());
            }

            assertThat(words)
                    .containsExactly(
                            Map.entry("done", "the new key works and the old one is proved dead"),
                            Map.entry(
                                    "unproven",
                                    "the new key works; that the old one is dead is not proved: nobody asked"),
                            Map.entry("old-key-alive", "the old key is not yet dead: it is down"),
                            Map.entry("quarantined", "keeps its old key until it has caught up: it is down"),
                            Map.entry("rolled-back", "the new key was taken back and the old one logs in"),
                            Map.entry(
                                    "roll-back-pending",
                                    "may still accept the new key, which could not be taken back: it is down"),
                            Map.entry("untouched", "was not touched; the old key logs in as before"),
                            Map.entry("removed", "was removed from the credential: scrapped"),
                            Map.entry("expanded", "accepts both keys; the old one is yet to be removed"));
        }
    }
}
