package io.keywright.cli;

/** Prints texts and JSON that the library laid out. */
final class Answers {
    private Answers() {}

    /** Prints a text of one or more lines, each ended by one line end. What is active on a terminal is escaped. */
    static void print(Shell shell, String text) {
        text.stripTrailing().lines().map(Printable::of).forEach(shell.out()::println);
    }
}
