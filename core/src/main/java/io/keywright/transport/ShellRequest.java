package io.keywright.transport;

import java.util.Objects;
import java.util.Optional;

/**
 * A terminal and what runs in it.
 *
 * @param terminal the terminal's name for the server's {@code TERM}, e.g. {@code "xterm-256color"}
 * @param size its size
 * @param command what runs in it, interpreted by the user's shell; empty for the shell itself
 */
public record ShellRequest(String terminal, TerminalSize size, Optional<String> command) {

    /** Checks that the terminal has a name. */
    public ShellRequest {
        Objects.requireNonNull(size, "size");
        Objects.requireNonNull(command, "command");
        if (terminal.isBlank()) {
            throw new IllegalArgumentException("a terminal needs a name, \"dumb\" if nothing else");
        }
    }

    /**
     * Asks for the user's shell.
     *
     * @param terminal the terminal's name, e.g. {@code "xterm-256color"}
     * @param size its size
     * @return the request
     */
    public static ShellRequest of(String terminal, TerminalSize size) {
        return new ShellRequest(terminal, size, Optional.empty());
    }

    /**
     * Returns this request with a command in place of the shell.
     *
     * @param commandLine what to run; it can be seen by others, so no secret may be in it
     * @return a copy
     */
    public ShellRequest withCommand(String commandLine) {
        return new ShellRequest(terminal, size, Optional.of(commandLine));
    }
}
