package io.keywright.cli.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM with the class path of this one. Closing it kills it, unless it has ended already. */
final class JavaProcess implements AutoCloseable {
    /** What {@code kill -9} makes of a process, as a shell and {@link Process#exitValue()} say it: 128 and the signal. */
    static final int KILLED = 128 + 9;

    // Killing takes the system an instant; a process that is still there after this cannot be killed.
    private static final long KILL_WAIT_SECONDS = 10;

    private final Process process;

    private JavaProcess(Process process) {
        this.process = process;
    }

    /** Starts a program, with a pipe to its standard input. */
    static JavaProcess start(
            Class<?> program, ProcessBuilder.Redirect output, ProcessBuilder.Redirect errors, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // No line of the JVM may reach standard output; short lives need no parallel collector.
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(arguments);
        return new JavaProcess(new ProcessBuilder(command)
                .redirectOutput(output)
                .redirectError(errors)
                .start());
    }

    long pid() {
        return process.pid();
    }

    BufferedReader output() {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    BufferedReader errors() {
        return new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    }

    /** Sends a line to its standard input. */
    void tell(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Ends its standard input. */
    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Waits for its end. Returns whether it came in time. */
    boolean ends(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Kills it as {@code kill -9} does: it gets no chance to finish anything. What it has written can still be read. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Kills it unless it has ended, and waits until it is gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = false;
        try {
            if (!process.waitFor(KILL_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("process " + pid() + " cannot be killed");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
