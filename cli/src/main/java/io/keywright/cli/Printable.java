package io.keywright.cli;

/**
 * Makes text from outside safe to show: nothing in it can move the cursor, colour the terminal, begin a line or turn the
 * reading direction.
 */
final class Printable {
    private Printable() {}

    /** Escapes every control and format character as {@code \}{@code u{hex}}. */
    static String of(String text) {
        if (text.codePoints().noneMatch(Printable::isActive)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isActive(c)) {
                safe.append("\\u{").append(Integer.toHexString(c)).append('}');
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
