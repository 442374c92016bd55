package io.keywright.cli;

import java.util.List;

/** Thrown when a file that a person wrote has errors. Each has its place: {@code file:line:column: what is wrong}. */
final class FileErrorsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<String> lines;

    FileErrorsException(List<String> lines) {
        super(String.join("\n", lines));
        this.lines = List.copyOf(lines);
    }

    /** Returns the errors, in the order of their places. */
    List<String> lines() {
        return lines;
    }
}
