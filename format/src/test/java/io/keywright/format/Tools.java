package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs real programs. A missing program, a failing one, or one that hangs fails the test. In a mutation run, which asks what
 * the tests without tools notice, a test ends where it would begin with them.
 */
final class Tools {
    private static final long TIMEOUT_SECONDS = 60;

    private Tools() {}

    /** How a program ended. */
    record Outcome(int exitCode, String output, String errors) {}

    /** Runs a program that must succeed, and returns its standard output without the final line end. */
    static String run(Object... command) {
        return requireSuccess(tryRun(command), command).output().stripTrailing();
    }

    private static Outcome requireSuccess(Outcome outcome, Object... command) {
        assertThat(outcome.exitCode())
                .as("%s: %s", Arrays.toString(command), outcome.errors())
                .isZero();
        return outcome;
    }

    /** Runs a program to its end; it must exist. */
    static Outcome tryRun(Object... command) {
        assumeFalse(Cases.MUTATION_RUN, "a mutation run starts no programs");
        return start(command);
    }

    /** Runs a program that makes what tests begin with, once a JVM, in a mutation run too. */
    static void prepare(Object... command) {
        requireSuccess(start(command), command);
    }

    private static Outcome start(Object... command) {
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        try {
            Path errors = Files.createTempFile("tool", ".err");
            ProcessBuilder builder = new ProcessBuilder(words)
                    .redirectError(errors.toFile())
                    .redirectInput(Path.of("/dev/null").toFile());
            builder.environment().put("LC_ALL", "C.UTF-8");
            // Nobody may ask a person for a passphrase.
            builder.environment().put("SSH_ASKPASS_REQUIRE", "never");
            Process process = builder.start();
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(words + " did not end");
            }
            String said = Files.readString(errors);
            Files.delete(errors);
            return new Outcome(process.exitValue(), new String(output, StandardCharsets.UTF_8), said);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + words.get(0) + ": is it installed?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
