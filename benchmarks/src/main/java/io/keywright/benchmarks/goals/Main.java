package io.keywright.benchmarks.goals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures what the goals compare, and nothing else, writes the two reports into a folder, and the README's figures. */
public final class Main {
    private Main() {}

    /**
     * Runs it. What cannot be measured is told in the reports as well.
     *
     * @param args the folder; the README, whose figures are to be replaced; then, maybe, {@code --full} to measure three times
     *     as long, or {@code --smoke} to measure nothing and see everything run, in a folder below the build's output
     * @throws IOException when a report cannot be written
     */
    public static void main(String[] args) throws IOException {
        Effort effort = Effort.of(Arrays.copyOfRange(args, 2, args.length));
        List<Goal> goals = Goals.all();
        List<RunResult> results = new ArrayList<>();
        for (Map.Entry<Group, Set<String>> group : groups(goals).entrySet()) {
            if (!effort.includes(group.getKey().what())) {
                continue;
            }
            try {
                results.addAll(measure(group.getKey(), group.getValue(), effort));
            } catch (RunnerException e) {
                // The others take a quarter of an hour: what they say is not thrown away.
                System.err.println(group.getKey() + " failed: " + e);
            }
        }
        List<Outcome> outcomes = new ArrayList<>(
                goals.stream().map(goal -> outcome(goal, results)).toList());
        Counts counts = Counts.measure(effort == Effort.SMOKE ? 20 : 600);
        System.out.println(counts);
        Goals.counted().forEach(goal -> outcomes.add(Outcome.of(goal, counts)));
        write(Path.of(args[0]), Path.of(args[1]), effort, outcomes);
        outcomes.stream()
                .filter(outcome -> outcome.isPromised() && !outcome.isReached())
                .forEach(outcome -> System.out.println("not reached: " + outcome.goal() + ": " + outcome.ratio()));
    }

    private static Outcome outcome(Goal goal, List<RunResult> results) {
        Optional<RunResult> ours = find(results, goal.ours());
        Optional<RunResult> peer = find(results, goal.peer());
        if (ours.isEmpty() || peer.isEmpty()) {
            String which = (ours.isEmpty() ? goal.ours() : goal.peer()).toString();
            return new Outcome(goal.name(), Double.NaN, Double.NaN, goal.target(), which + " could not be measured");
        }
        return Outcome.of(goal, ours.get().getPrimaryResult(), peer.get().getPrimaryResult());
    }

    private static void write(Path folder, Path readme, Effort effort, List<Outcome> outcomes) throws IOException {
        boolean real = effort != Effort.SMOKE;
        Path into =
                real ? folder : Files.createDirectories(folder.resolve("target").resolve("smoke"));
        Files.writeString(into.resolve("results.json"), Reports.json(outcomes));
        Files.writeString(into.resolve("RESULTS.md"), Reports.markdown(outcomes, machine(), effort.command()));
        if (real) {
            Files.writeString(
                    readme,
                    Figures.replacedIn(Files.readString(readme), Files.readString(into.resolve("results.json"))));
        }
    }

    /**
     * Contenders that differ in the peer alone and run together.
     *
     * @param what the contender without its peer
     * @param close whether a goal of theirs is a matter of a few percent
     */
    private record Group(Contender what, boolean close) {}

    private static Map<Group, Set<String>> groups(List<Goal> goals) {
        Map<Group, Set<String>> groups = new LinkedHashMap<>();
        for (Goal goal : goals) {
            for (Contender contender : List.of(goal.ours(), goal.peer())) {
                Map<String, String> parameters = new TreeMap<>(contender.parameters());
                String peer = parameters.remove("peer");
                boolean close = goals.stream()
                        .anyMatch(other -> other.isClose()
                                && (other.ours().equals(contender)
                                        || other.peer().equals(contender)));
                Set<String> peers = groups.computeIfAbsent(
                        new Group(new Contender(contender.benchmark(), parameters), close),
                        key -> new LinkedHashSet<>());
                if (peer != null) {
                    peers.add(peer);
                }
            }
        }
        return groups;
    }

    private static Collection<RunResult> measure(Group group, Set<String> peers, Effort effort) throws RunnerException {
        Contender what = group.what();
        ChainedOptionsBuilder options =
                new OptionsBuilder().include(what.include()).shouldFailOnError(true);
        effort.apply(options, what, group.close());
        what.parameters().forEach(options::param);
        if (!peers.isEmpty()) {
            options.param("peer", peers.toArray(String[]::new));
        }
        return new Runner(options.build()).run();
    }

    private static Optional<RunResult> find(List<RunResult> results, Contender contender) {
        return results.stream().filter(contender::isMeasuredBy).findFirst();
    }

    private static String machine() {
        return Runtime.getRuntime().availableProcessors() + " processors (" + System.getProperty("os.arch") + "), Java "
                + Runtime.version();
    }
}
