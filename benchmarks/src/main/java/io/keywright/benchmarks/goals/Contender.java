package io.keywright.benchmarks.goals;

import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/**
 * One side of a comparison: a benchmark method with its parameters.
 *
 * @param benchmark class and method, e.g. {@code KeyCryptoBenchmark.sign}
 * @param parameters by name
 */
record Contender(String benchmark, Map<String, String> parameters) {
    Contender {
        parameters = Map.copyOf(parameters);
    }

    static Contender of(String benchmark, String... namesAndValues) {
        Map<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            parameters.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Contender(benchmark, parameters);
    }

    /** The regular expression by which JMH finds the benchmark. */
    String include() {
        return "\\." + benchmark.replace(".", "\\.") + "$";
    }

    boolean isMeasuredBy(RunResult result) {
        BenchmarkParams params = result.getParams();
        return params.getBenchmark().endsWith("." + benchmark)
                && parameters.entrySet().stream()
                        .allMatch(parameter -> parameter.getValue().equals(params.getParam(parameter.getKey())));
    }

    /** Whether each time is another: RSA keys differ by a factor of ten in what their primes cost. */
    boolean generatesRsaKeys() {
        return benchmark.startsWith("RsaGeneration");
    }

    @Override
    public String toString() {
        return benchmark + new TreeMap<>(parameters);
    }
}
