package io.keywright.cli;

import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * Makes text from outside safe to show: nothing in it can move the cursor, colour the terminal, begin a line or turn the
 * reading direction.
 */
final class Printable {
    private Printable() {}

    /** Escapes every control and format character as {@code \}{@code u{hex}}. */
    static String of(String text) {
        return escape(text, Printable::isActive, c -> "\\u{" + Integer.toHexString(c) + "}");
    }

    /**
     * Escapes every control and format character in the texts of a JSON value as JSON does (RFC 8259, section 7): what is read
     * from it is the same. Between its tokens there are none but line ends, which stay.
     */
    static String json(String json) {
        return escape(json, c -> c != '\n' && c != '\r' && isActive(c), Printable::jsonEscape);
    }

    private static String jsonEscape(int c) {
        StringBuilder escape = new StringBuilder(12);
        for (char unit : Character.toChars(c)) {
            escape.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
        }
        return escape.toString();
    }

    private static String escape(String text, IntPredicate isEscaped, IntFunction<String> escape) {
        if (text.codePoints().noneMatch(isEscaped)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isEscaped.test(c)) {
                safe.append(escape.apply(c));
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    /** Joins the lines of a message, which may have more than one, and escapes the rest. */
    static String line(String message) {
        return of(message.strip().replaceAll("\\s*\\R\\s*", "; "));
    }

    private static boolean isActive(int c) {
        int type = Character.getType(c);
        return Character.isISOControl(c)
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }
}
