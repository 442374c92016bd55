package io.keywright.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs every benchmark for a moment, with its smallest parameters: it must work; how fast it is says nothing here.
 */
@Tag("once")
class BenchmarkSmokeTest {
    @Test
    @Timeout(300)
    void benchmarks_eachRunOnce_giveAResult() throws RunnerException {
        // Nothing is measured, so it does not matter when somebody measures at the same time.
        System.setProperty("jmh.ignoreLock", "true");
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(20))
                        .param("lines", "100")
                        .param("devices", "10")
                        .param("algorithm", "ed25519")
                        .param("content", "ed25519")
                        .shouldFailOnError(true)
                        .build())
                .run();
        assertThat(results)
                .hasSizeGreaterThanOrEqualTo(40)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }
}
