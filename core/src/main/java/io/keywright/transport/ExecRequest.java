package io.keywright.transport;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A command to run on a server. Immutable; its input, which may be secret, is not printed. */
public final class ExecRequest {
    /** Output kept by default, in bytes, of each of the two streams: more than any command that Keywright runs prints. */
    public static final int DEFAULT_OUTPUT_LIMIT_BYTES = 4 << 20;

    private final String command;
    private final byte[] stdin;
    private final int outputLimitBytes;
    private final @Nullable Duration timeout;

    private ExecRequest(String command, byte[] stdin, int outputLimitBytes, @Nullable Duration timeout) {
        this.command = Objects.requireNonNull(command, "command");
        this.stdin = stdin;
        this.outputLimitBytes = outputLimitBytes;
        this.timeout = timeout;
    }

    /**
     * Makes a request without input.
     *
     * @param command the command line, interpreted by the user's shell; it can be seen by others, so no secret may be in it
     * @return the request
     */
    public static ExecRequest of(String command) {
        return new ExecRequest(command, new byte[0], DEFAULT_OUTPUT_LIMIT_BYTES, null);
    }

    /**
     * Returns this request with input, which is copied.
     *
     * @param input what the command reads before it sees the end of its standard input
     * @return a copy
     */
    public ExecRequest withStdin(byte[] input) {
        return new ExecRequest(command, input.clone(), outputLimitBytes, timeout);
    }

    /**
     * Returns this request with another bound on output.
     *
     * @param bytes the most that standard output, and standard error, may each hold
     * @return a copy
     */
    public ExecRequest withOutputLimit(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("an output limit cannot be negative, got " + bytes);
        }
        return new ExecRequest(command, stdin, bytes, timeout);
    }

    /**
     * Returns this request with its own timeout in place of the target's.
     *
     * @param fromStartToExit how long the command may run
     * @return a copy
     */
    public ExecRequest withTimeout(Duration fromStartToExit) {
        return new ExecRequest(command, stdin, outputLimitBytes, fromStartToExit);
    }

    /**
     * Returns the command line.
     *
     * @return the command
     */
    public String command() {
        return command;
    }

    /**
     * Returns the input.
     *
     * @return a copy of the bytes
     */
    public byte[] stdin() {
        return stdin.clone();
    }

    /**
     * Returns the bound on each output stream.
     *
     * @return bytes
     */
    public int outputLimitBytes() {
        return outputLimitBytes;
    }

    /**
     * Returns this request's own timeout.
     *
     * @return the timeout, or empty for the target's
     */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /** Says the command and the size of its input. */
    @Override
    public String toString() {
        return "ExecRequest[" + command + ", " + stdin.length + " bytes of input]";
    }
}
