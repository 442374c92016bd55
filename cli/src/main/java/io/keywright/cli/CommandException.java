package io.keywright.cli;

/** Thrown when a command cannot do what it was asked for. The message is one line and says what to do. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandException(String message) {
        super(message);
    }
}
