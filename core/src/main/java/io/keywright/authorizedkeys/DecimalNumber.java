package io.keywright.authorizedkeys;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a number as sshd does, with strtoll(3): blanks of all kinds, a sign, and zeros in front are fine, more is not. */
final class DecimalNumber {
    private static final Pattern FORM = Pattern.compile("[ \\t\\n\\x0b\\f\\r]*([+-]?)0*([0-9]*)");
    /** No limit that sshd knows has more digits, and a long has room for them. */
    private static final int MAX_DIGITS = 10;

    private DecimalNumber() {}

    /**
     * Reads a number from 0 on.
     *
     * @param max the greatest that is accepted
     * @return the number, or empty when the text is none, or one out of range
     */
    static OptionalInt parse(String text, int max) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || text.isEmpty() || !isDigit(text.charAt(text.length() - 1))) {
            return OptionalInt.empty();
        }
        String digits = form.group(2);
        if (digits.isEmpty()) {
            return OptionalInt.of(0);
        }
        if (form.group(1).equals("-") || digits.length() > MAX_DIGITS || Long.parseLong(digits) > max) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(digits));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
