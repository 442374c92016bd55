package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keywright schedule}, against SSH servers in this process. */
@Tag("once")
class ScheduleCommandTest {
    @TempDir
    Path folder;

    private TestFleet fleet;

    @BeforeEach
    void start() throws IOException {
        fleet = new TestFleet(folder, 1);
        fleet.makeCheapStore();
    }

    @AfterEach
    void stop() {
        fleet.close();
    }

    private void policy(String policy) throws IOException {
        fleet.credential = fleet.credential("deploy-prod", "policy: { attempts: 1, " + policy + " }");
    }

    private JsonNode schedule(Object... more) throws IOException {
        return fleet.keywright("schedule", Cli.arguments(java.util.List.of("--json"), more))
                .done()
                .json()
                .at("/credentials/0");
    }

    @Test
    void schedule_wholeLife_waitsRotatesAndWaitsForTheProof() throws IOException {
        fleet.keywright("install", "--password-file", fleet.password).quietly();
        assertThat(fleet.keywright("schedule").quietly().out())
                .as("not automatic")
                .containsPattern("deploy-prod +- +- +- +-");

        policy("automatic: true, interval: P90D");
        JsonNode waiting = schedule("--run");
        assertThat(waiting.get("next").asText()).isEqualTo("rotate");
        assertThat(waiting.get("start").asText()).isEqualTo(waiting.get("due").asText());
        assertThat(waiting.get("result").isNull()).as("not due yet").isTrue();

        policy("automatic: true, interval: PT0.001S");
        String before = fleet.authorizedKeys(1);
        assertThat(fleet.keywright("schedule").quietly().out()).containsPattern("deploy-prod +rotate .* now +-");
        assertThat(fleet.authorizedKeys(1)).as("only looked at").isEqualTo(before);
        assertThat(schedule("--run").get("result").asText()).isEqualTo("settling");
        assertThat(fleet.authorizedKeys(1)).isNotEqualTo(before);
        assertThat(schedule("--run").get("next").asText()).isEqualTo("prove");
    }

    @Test
    void schedule_overlapThatWasAskedFor_isNoFailure() throws IOException {
        fleet.keywright("install", "--password-file", fleet.password).quietly();
        policy("automatic: true, interval: PT0.001S, overlap: P2D");
        JsonNode overlapping = schedule("--run");
        assertThat(overlapping.get("result").asText()).isEqualTo("overlapping");
        assertThat(overlapping.get("failed").asBoolean()).isFalse();
    }

    @Test
    void schedule_credentialWithoutAKey_failsAndSaysSo() {
        Cli.Result result = fleet.keywright("schedule");
        assertThat(result.exitCode()).isEqualTo(Keywright.FAILED);
        assertThat(result.out()).contains("the store has no key for deploy-prod");
    }
}
