package io.keywright.benchmarks.goals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Measures what the goals compare, and nothing else, and writes the two reports into a folder. */
public final class Main {
    private Main() {}

    /**
     * Runs it.
     *
     * @param args the folder; then, maybe, {@code --full} to measure five times as long
     * @throws RunnerException when a benchmark fails
     * @throws IOException when a report cannot be written
     */
    public static void main(String[] args) throws RunnerException, IOException {
        Path folder = Path.of(args[0]);
        boolean full = args.length > 1 && "--full".equals(args[1]);
        List<Goal> goals = Goals.all();
        List<RunResult> results = new ArrayList<>();
        for (Map.Entry<Contender, Set<String>> group : groups(goals).entrySet()) {
            results.addAll(measure(group.getKey(), group.getValue(), full));
        }
        List<Outcome> outcomes = goals.stream()
                .map(goal -> Outcome.of(
                        goal,
                        find(results, goal.ours()).getPrimaryResult(),
                        find(results, goal.peer()).getPrimaryResult()))
                .toList();
        Files.writeString(folder.resolve("results.json"), Reports.json(outcomes));
        Files.writeString(
                folder.resolve("RESULTS.md"),
                Reports.markdown(outcomes, machine(), full ? "./bench --full" : "./bench"));
        outcomes.stream()
                .filter(outcome -> !outcome.isReached())
                .forEach(outcome ->
                        System.out.println("not reached: " + outcome.goal().name() + ": " + outcome.ratio()));
    }

    /** Contenders that differ in the peer alone run together. */
    private static Map<Contender, Set<String>> groups(List<Goal> goals) {
        Map<Contender, Set<String>> groups = new LinkedHashMap<>();
        for (Goal goal : goals) {
            for (Contender contender : List.of(goal.ours(), goal.peer())) {
                Map<String, String> parameters = new TreeMap<>(contender.parameters());
                String peer = parameters.remove("peer");
                Set<String> peers = groups.computeIfAbsent(
                        new Contender(contender.benchmark(), parameters), key -> new LinkedHashSet<>());
                if (peer != null) {
                    peers.add(peer);
                }
            }
        }
        return groups;
    }

    private static Collection<RunResult> measure(Contender what, Set<String> peers, boolean full)
            throws RunnerException {
        int times = full ? 5 : 1;
        // RSA keys differ by a factor of ten in what their primes cost: only the average of many means anything.
        int milliseconds = what.benchmark().startsWith("Rsa") ? 3000 : 400;
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(what.include())
                .warmupIterations(2 * times)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementIterations(4 * times)
                .measurementTime(TimeValue.milliseconds(milliseconds))
                .shouldFailOnError(true);
        what.parameters().forEach(options::param);
        if (!peers.isEmpty()) {
            options.param("peer", peers.toArray(String[]::new));
        }
        return new Runner(options.build()).run();
    }

    private static RunResult find(List<RunResult> results, Contender contender) {
        return results.stream()
                .filter(contender::isMeasuredBy)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(contender + " was not measured"));
    }

    private static String machine() {
        return Runtime.getRuntime().availableProcessors() + " processors (" + System.getProperty("os.arch") + "), Java "
                + Runtime.version();
    }
}
