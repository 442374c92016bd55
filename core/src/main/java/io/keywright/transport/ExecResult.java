package io.keywright.transport;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** How a command ended and what it printed. Immutable. */
public final class ExecResult {
    private final @Nullable Integer exitStatus;
    private final @Nullable String signal;
    private final byte[] stdout;
    private final byte[] stderr;

    /**
     * Makes a result; the arrays are copied.
     *
     * @param exitStatus the exit status, or null when the server sent none
     * @param signal the signal's name without {@code SIG} (RFC 4254, section 6.10), or null
     * @param stdout what was printed to standard output
     * @param stderr what was printed to standard error
     */
    public ExecResult(@Nullable Integer exitStatus, @Nullable String signal, byte[] stdout, byte[] stderr) {
        this.exitStatus = exitStatus;
        this.signal = signal;
        this.stdout = stdout.clone();
        this.stderr = stderr.clone();
    }

    /**
     * Returns the exit status.
     *
     * @return the status, or empty when a signal ended the command or the server said nothing
     */
    public OptionalInt exitStatus() {
        return exitStatus == null ? OptionalInt.empty() : OptionalInt.of(exitStatus);
    }

    /**
     * Returns the signal that ended the command.
     *
     * @return its name without {@code SIG}, or empty
     */
    public Optional<String> signal() {
        return Optional.ofNullable(signal);
    }

    /**
     * Tells whether the command ended with status 0.
     *
     * @return true for status 0, false for any other end
     */
    public boolean succeeded() {
        return exitStatus != null && exitStatus == 0;
    }

    /**
     * Returns standard output.
     *
     * @return a copy of the bytes
     */
    public byte[] stdout() {
        return stdout.clone();
    }

    /**
     * Returns standard output as UTF-8 text.
     *
     * @return the text
     */
    public String stdoutText() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    /**
     * Returns standard error.
     *
     * @return a copy of the bytes
     */
    public byte[] stderr() {
        return stderr.clone();
    }

    /**
     * Returns standard error as UTF-8 text.
     *
     * @return the text
     */
    public String stderrText() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /** Says how the command ended, and how much it printed. */
    @Override
    public String toString() {
        return "ExecResult[status " + exitStatus + ", signal " + signal + ", " + stdout.length + " + " + stderr.length
                + " bytes]";
    }
}
