package io.keywright;

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
 * A real command that tests hold Keywright against. Missing, it fails the test: a skipped comparison proves nothing. Data
 * goes through files, so that no pipe can fill up, and a command that hangs is killed.
 */
public final class Tool {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path executable;

    private Tool(Path executable) {
        this.executable = executable;
    }

    /** What a command did. */
    public record Result(int exitCode, String output, String errors) {
        /** Returns standard output without its last line end, and fails when the command did. */
        public String orFail() {
            if (exitCode != 0) {
                throw new AssertionError("exit code " + exitCode + ": " + output + errors);
            }
            return output.endsWith("\n") ? output.substring(0, output.length() - 1) : output;
        }
    }

    public static Tool sshKeygen() {
        return find("ssh-keygen", "openssh-client");
    }

    public static Tool find(String name, String debianPackage) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Tool::new)
                .orElseThrow(() -> new AssertionError(
                        name + " is missing; this test needs it (Debian's package " + debianPackage + ")"));
    }

    /** The command at a place that is no part of PATH. */
    public static Tool at(Path executable) {
        return new Tool(executable);
    }

    /** Runs the command in a folder, with an empty standard input. */
    public Result run(Path folder, String... arguments) throws IOException, InterruptedException {
        return run(folder, new byte[0], arguments);
    }

    /** Runs the command in a folder, with a standard input. */
    public Result run(Path folder, byte[] input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(List.of(arguments));
        Path in = Files.createTempFile(folder, "tool-", ".in");
        Path out = Files.createTempFile(folder, "tool-", ".out");
        Path err = Files.createTempFile(folder, "tool-", ".err");
        try {
            Files.write(in, input);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            try {
                if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError(executable.getFileName() + " did not end within " + TIMEOUT);
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
        // Byte for byte: a comment need not be UTF-8.
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }
}
