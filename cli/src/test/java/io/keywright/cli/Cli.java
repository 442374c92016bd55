package io.keywright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the command line in this process, with streams that are looked at afterwards. */
final class Cli {
    private final Map<String, String> environment = new HashMap<>();
    private byte[] input = {};
    private List<String> answers;
    private final List<String> questions = new ArrayList<>();
    private int barColumns;

    static Cli shell() {
        return new Cli();
    }

    /** Runs a command without a terminal, an environment or an input. */
    static Result run(Object... args) {
        return shell().keywright(args);
    }

    Cli withInput(byte[] bytes) {
        input = bytes.clone();
        return this;
    }

    Cli withVariable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Puts a person at a terminal, who answers in this order and then closes the input. */
    Cli withPerson(String... typed) {
        answers = new ArrayList<>(List.of(typed));
        return this;
    }

    Cli withBar(int columns) {
        barColumns = columns;
        return this;
    }

    List<String> questions() {
        return questions;
    }

    Result keywright(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Shell shell = Shell.of(
                new ByteArrayInputStream(input),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment);
        if (answers != null) {
            shell = shell.withPrompt(question -> {
                questions.add(question);
                return answers.isEmpty() ? null : answers.remove(0).toCharArray();
            });
        }
        int exitCode = Keywright.run(
                shell.withBar(barColumns),
                Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        return new Result(exitCode, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** What a command did. */
    static final class Result {
        private final int exitCode;
        private final byte[] bytes;
        private final String err;

        private Result(int exitCode, byte[] bytes, String err) {
            this.exitCode = exitCode;
            this.bytes = bytes;
            this.err = err;
        }

        int exitCode() {
            return exitCode;
        }

        byte[] bytes() {
            return bytes.clone();
        }

        String err() {
            return err;
        }

        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        /** Fails unless it is done, without a word on standard error. */
        Result quietly() {
            assertThat(err).isEmpty();
            assertThat(exitCode).isZero();
            return this;
        }

        /** Fails unless it is done. */
        Result done() {
            assertThat(exitCode).as(err + out()).isZero();
            return this;
        }

        /** Fails unless the command failed, and returns the one line that says why. */
        String failure() {
            return line(Keywright.FAILED);
        }

        /** Fails unless it was called wrongly, and returns the one line that says how. */
        String usageError() {
            return line(Keywright.WRONG_USAGE);
        }

        private String line(int expected) {
            assertThat(exitCode).as(err + out()).isEqualTo(expected);
            assertThat(err).startsWith("keywright: ").endsWith("\n").doesNotContain("\tat ");
            assertThat(err.lines()).hasSize(1);
            return err.strip();
        }

        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(bytes);
        }
    }

    /** Turns file names into what stands on a command line. */
    static Object[] arguments(List<Object> first, Object... rest) {
        List<Object> all = new ArrayList<>(first);
        all.addAll(Arrays.asList(rest));
        return all.toArray();
    }

    static Path file(Path folder, String name, String content) throws IOException {
        return java.nio.file.Files.writeString(folder.resolve(name), content);
    }

    /** Writes a file that only its owner can read. */
    static Path secret(Path folder, String name, String content) throws IOException {
        Path file = java.nio.file.Files.createFile(
                folder.resolve(name),
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
        return java.nio.file.Files.writeString(file, content);
    }
}
