package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;

/**
 * A table of combinations of a tool, a format, a key type and an encryption. Two threads work it off, for starting the tools
 * takes most of the time; each combination is a test of its own. What a tool or we refuse is asserted, too, but not counted.
 */
final class Matrix implements AutoCloseable {
    /** What holds for one combination. */
    @FunctionalInterface
    interface Check {
        /** Throws when it does not hold; the folder is empty and nobody else's. */
        void run(Path folder) throws Exception;
    }

    private final Path root;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final List<DynamicTest> tests = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Integer> combinations = new TreeMap<>();
    private int refusals;

    Matrix(Path root) {
        this.root = root;
    }

    /** Adds a combination that must work. The first word of the name is the tool's. */
    void add(String name, Check check) {
        combinations.merge(name.substring(0, name.indexOf(' ')), 1, Integer::sum);
        start(name, check);
    }

    /** Adds a combination that does not exist, with the reason; the check asserts that it is refused. */
    void refused(String name, String reason, Check check) {
        refusals++;
        start(name + " is refused: " + reason, check);
    }

    /** Adds a combination that the tool itself refuses to write. */
    void toolRefuses(String name, String reason, Object... command) {
        refused(
                name,
                reason,
                folder -> assertThat(Tools.tryRun(command).exitCode()).isNotZero());
    }

    private void start(String name, Check check) {
        assertThat(names.add(name)).as("%s is there twice", name).isTrue();
        Path folder = root.resolve("cell-" + names.size());
        Future<?> running = threads.submit(() -> {
            check.run(Files.createDirectory(folder));
            return null;
        });
        tests.add(DynamicTest.dynamicTest(name, () -> {
            try {
                running.get();
            } catch (ExecutionException e) {
                throw new AssertionError(name + ": " + e.getCause().getMessage(), e.getCause());
            }
        }));
    }

    /** Returns the combinations, and a last test which prints how many they are and requires that many. */
    List<DynamicTest> tests(String title, int atLeast) {
        List<DynamicTest> all = new ArrayList<>(tests);
        int count = combinations.values().stream().mapToInt(Integer::intValue).sum();
        all.add(DynamicTest.dynamicTest("count", () -> {
            System.out.printf("%s: %d combinations %s, %d refusals%n", title, count, combinations, refusals);
            assertThat(count).isGreaterThanOrEqualTo(atLeast);
        }));
        return all;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** Returns all numbers of a pair and its comment as text, which is equal for equal pairs. */
    static String numbers(SshKeyPair pair) {
        try (EncodedKey encoded = KeyWriter.ppk().write(pair)) {
            return encoded.toText();
        }
    }
}
