package io.keywright.cli;

import java.util.function.Supplier;

/** Prints texts and JSON that the library laid out. */
final class Answers {
    private Answers() {}

    /** Prints an answer for a program or for a person. */
    static void print(Shell shell, JsonOption json, Supplier<String> asJson, Supplier<String> asText) {
        if (json.wanted) {
            Json.print(shell, asJson.get());
        } else {
            print(shell, asText.get());
        }
    }

    /** Prints a text of one or more lines, each ended by one line end. What is active on a terminal is escaped. */
    static void print(Shell shell, String text) {
        text.stripTrailing().lines().map(Printable::of).forEach(shell.out()::println);
    }
}
