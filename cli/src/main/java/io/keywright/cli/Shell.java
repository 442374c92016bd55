package io.keywright.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds a command: its streams, its environment, and the person at the terminal, if there is one. Immutable; as
 * thread-safe as the streams.
 */
public final class Shell {
    /** What a bar is drawn into where nobody says how wide the terminal is. */
    private static final int DEFAULT_COLUMNS = 80;
    /** Narrower, and a bar has no room beside its numbers. */
    private static final int MIN_COLUMNS = 60;
    /** Wider, and a bar is no easier to read. */
    private static final int MAX_COLUMNS = 120;

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final @Nullable Prompt prompt;
    private final int barColumns;

    /** Asks the person at the terminal for something that is not shown while it is typed. */
    @FunctionalInterface
    public interface Prompt {

        /**
         * Asks.
         *
         * @param question what is wanted, without a colon
         * @return the answer, which the caller wipes; null when the input ended instead
         */
        char @Nullable [] ask(String question);
    }

    private Shell(
            InputStream in,
            PrintStream out,
            PrintStream err,
            Map<String, String> environment,
            @Nullable Prompt prompt,
            int barColumns) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.environment = Map.copyOf(environment);
        this.prompt = prompt;
        this.barColumns = barColumns;
    }

    /**
     * Makes a shell without a terminal.
     *
     * @param in standard input
     * @param out standard output
     * @param err standard error
     * @param environment the environment variables
     * @return the shell
     */
    public static Shell of(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
        return new Shell(
                Objects.requireNonNull(in, "in"),
                Objects.requireNonNull(out, "out"),
                Objects.requireNonNull(err, "err"),
                environment,
                null,
                0);
    }

    /**
     * Returns the shell of this process. What it writes is UTF-8, whatever the locale.
     *
     * @return the shell, with a terminal where the process has one
     */
    @SuppressWarnings("SystemConsoleNull") // it is asked further down whether it is a terminal, where Java can tell
    public static Shell ofProcess() {
        Map<String, String> environment = System.getenv();
        Shell shell = of(System.in, stream(FileDescriptor.out), stream(FileDescriptor.err), environment);
        Console console = System.console();
        if (console != null && isTerminal(console)) {
            shell = shell.withPrompt(question -> console.readPassword("%s: ", question));
        }
        return errorsGoToTerminal(console != null) && !"dumb".equals(environment.get("TERM"))
                ? shell.withBar(columns(environment))
                : shell;
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** From Java 22 on there may be a console that is no terminal; there, and only there, one can ask it. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Java knows of standard input and output only; where Linux tells what standard error is, that is asked. */
    private static boolean errorsGoToTerminal(boolean otherwise) {
        Path link = Path.of("/proc/self/fd/2");
        if (!Files.isSymbolicLink(link)) {
            return otherwise;
        }
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return otherwise;
        }
    }

    private static int columns(Map<String, String> environment) {
        String columns = environment.getOrDefault("COLUMNS", "");
        int count = columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : DEFAULT_COLUMNS;
        return Math.max(MIN_COLUMNS, Math.min(count, MAX_COLUMNS));
    }

    /**
     * Returns this shell with a person to ask.
     *
     * @param asked asks the person
     * @return a copy
     */
    public Shell withPrompt(Prompt asked) {
        return new Shell(in, out, err, environment, Objects.requireNonNull(asked, "asked"), barColumns);
    }

    /**
     * Returns this shell with a terminal at standard error, where a line can be drawn again.
     *
     * @param columns how many characters a line has room for
     * @return a copy
     */
    public Shell withBar(int columns) {
        return new Shell(in, out, err, environment, prompt, columns);
    }

    /**
     * Returns standard input.
     *
     * @return the stream, which is not closed by commands
     */
    public InputStream in() {
        return in;
    }

    /**
     * Returns standard output: what a command was asked for, and nothing else.
     *
     * @return the stream, which is not closed by commands
     */
    public PrintStream out() {
        return out;
    }

    /**
     * Returns standard error: progress, warnings and the one line of a failure.
     *
     * @return the stream, which is not closed by commands
     */
    public PrintStream err() {
        return err;
    }

    /**
     * Looks up an environment variable.
     *
     * @param name its name
     * @return its value, or empty when it is not set
     */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name));
    }

    /**
     * Returns the way to ask a person.
     *
     * @return empty where there is no terminal: then nothing may ask
     */
    public Optional<Prompt> prompt() {
        return Optional.ofNullable(prompt);
    }

    /**
     * Returns how wide a bar on standard error may be.
     *
     * @return characters; 0 where standard error is no terminal
     */
    public int barColumns() {
        return barColumns;
    }

    /** Writes a warning as one line on standard error. */
    void warn(String warning) {
        err.println("keywright: warning: " + Printable.line(warning));
    }
}
