package io.keywright.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that tests start: a real tool that Keywright is held against, or Keywright itself in a JVM of its own. A tool
 * that is missing fails the test: a skipped comparison proves nothing. Data goes through files, so that no pipe can fill
 * up, and a process that hangs is killed.
 */
final class Tool {
    private static final Duration TIMEOUT = Duration.ofSeconds(100);

    private final List<String> beginning;

    private Tool(List<String> beginning) {
        this.beginning = List.copyOf(beginning);
    }

    /** What a process did. */
    record Result(int exitCode, String output, String errors) {
        /** Returns standard output, and fails when the process did. */
        String orFail() {
            if (exitCode != 0) {
                throw new AssertionError("exit code " + exitCode + ": " + output + errors);
            }
            return output;
        }
    }

    static Tool sshKeygen() {
        return find("ssh-keygen", "openssh-client");
    }

    static Tool find(String name, String debianPackage) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(path -> new Tool(List.of(path.toString())))
                .orElseThrow(() -> new AssertionError(
                        name + " is missing; this test needs it (Debian's package " + debianPackage + ")"));
    }

    /** Returns Keywright in a JVM of its own, with this test's class path. */
    static Tool keywright() {
        return new Tool(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.keywright.cli.Keywright"));
    }

    /** Starts it in a folder, with pipes; the caller ends it. Standard error goes with standard output. */
    Process start(Path folder, String... arguments) throws IOException {
        return new ProcessBuilder(command(arguments))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(beginning);
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs it in a folder, with an empty standard input. */
    Result run(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = command(arguments);
        Path in = Files.createTempFile("tool-", ".in");
        Path out = Files.createTempFile("tool-", ".out");
        Path err = Files.createTempFile("tool-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("LC_ALL", "C");
            builder.environment().remove("JAVA_TOOL_OPTIONS");
            Process process = builder.start();
            try {
                if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError(command.get(0) + " did not end within " + TIMEOUT);
                }
            } finally {
                process.destroyForcibly();
            }
            return new Result(process.exitValue(), text(out), text(err));
        } finally {
            Files.delete(in);
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
