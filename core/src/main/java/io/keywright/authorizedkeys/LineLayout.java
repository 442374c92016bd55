package io.keywright.authorizedkeys;

import org.jspecify.annotations.Nullable;

/**
 * Where the parts of one line stand: {@code [blanks] [options blanks] type blanks blob [blanks comment] [CR] [LF]}.
 *
 * <p>Read as sshd(8) does: first as a bare key; when that fails, a run of characters up to a blank outside quotes is
 * skipped as options and a key is read after it. Types that sshd knows go first in both tries, so that no line can hide a
 * key that sshd sees behind one that it does not. The blob is checked for its alphabet and the name it begins with,
 * nothing else is decoded.
 */
final class LineLayout {
    enum Kind {
        BLANK,
        COMMENT,
        ENTRY,
        MALFORMED
    }

    Kind kind = Kind.BLANK;
    /** After the last byte that is neither the line's LF nor the CR before it. */
    int textEnd;

    Line.@Nullable Problem problem;
    int optionsStart;
    int optionsEnd;
    int typeStart;
    int typeEnd;
    int blobStart;
    int blobEnd;
    String algorithm = "";

    /**
     * Reads a line, into the same layout as the line before: where one is looked for among many, the others cost no memory.
     *
     * @param data the bytes
     * @param from the line's first byte
     * @param to after its last one, the LF included if there is one
     * @param mayHoldNul false when it is known that there is no NUL byte
     */
    void read(byte[] data, int from, int to, boolean mayHoldNul) {
        problem = null;
        optionsStart = 0;
        optionsEnd = 0;
        algorithm = "";
        textEnd = to;
        if (textEnd > from && data[textEnd - 1] == '\n') {
            textEnd--;
        }
        if (textEnd > from && data[textEnd - 1] == '\r') {
            textEnd--;
        }
        int start = skipBlanks(data, from, textEnd);
        if (start == textEnd) {
            kind = Kind.BLANK;
        } else if (data[start] == '#') {
            kind = Kind.COMMENT;
        } else {
            // sshd reads C strings: a NUL ends the line for it, whatever follows.
            readEntry(data, from, start, mayHoldNul ? firstNul(data, start, textEnd) : textEnd);
        }
    }

    private void readEntry(byte[] data, int from, int start, int stop) {
        kind = Kind.ENTRY;
        if (readKey(data, start, stop, true)) {
            return;
        }
        int optionsTo = skipOptions(data, start, stop);
        int afterOptions = optionsTo < 0 ? stop : skipBlanks(data, optionsTo, stop);
        if (readKey(data, afterOptions, stop, true)
                || readKey(data, start, stop, false)
                || readKey(data, afterOptions, stop, false)) {
            if (typeStart > start) {
                optionsStart = start;
                optionsEnd = optionsTo;
            }
            return;
        }
        kind = Kind.MALFORMED;
        problem = problem(data, from, textEnd, stop, start, afterOptions, optionsTo);
    }

    private boolean readKey(byte[] data, int at, int stop, boolean knownTypes) {
        int wordEnd = skipWord(data, at, stop);
        if (wordEnd == at || wordEnd == stop) {
            return false;
        }
        Base64Text.Beginning beginning;
        if (knownTypes) {
            beginning = KeyTypeNames.blobBeginning(data, at, wordEnd);
        } else {
            String name = KeyTypeNames.possibleAlgorithm(data, at, wordEnd);
            beginning = name == null ? null : new Base64Text.Beginning(name);
        }
        if (beginning == null) {
            return false;
        }
        int from = skipBlanks(data, wordEnd, stop);
        int digitsEnd = Base64Text.digitsEnd(data, from, stop);
        int to = skipWord(data, digitsEnd, stop);
        if (!beginning.stands(data, from, to) || !Base64Text.isValid(data, from, to, digitsEnd)) {
            return false;
        }
        typeStart = at;
        typeEnd = wordEnd;
        blobStart = from;
        blobEnd = to;
        algorithm = beginning.string();
        return true;
    }

    private static Line.Problem problem(
            byte[] data, int from, int textEnd, int stop, int start, int afterOptions, int optionsEnd) {
        int first = data[from] & 0xff;
        int second = from + 1 < textEnd ? data[from + 1] & 0xff : 0x100;
        if (first == 0xef && second == 0xbb && from + 2 < textEnd && (data[from + 2] & 0xff) == 0xbf) {
            return Line.Problem.BYTE_ORDER_MARK;
        }
        if ((first == 0xff && second == 0xfe) || (first == 0xfe && second == 0xff)) {
            return Line.Problem.UTF_16;
        }
        if (stop < textEnd) {
            return Line.Problem.NUL_BYTE;
        }
        if (optionsEnd < 0) {
            return Line.Problem.UNTERMINATED_QUOTE;
        }
        Line.Problem bare = keyProblem(data, start, stop);
        return bare != null
                ? bare
                : java.util.Objects.requireNonNullElse(keyProblem(data, afterOptions, stop), Line.Problem.NO_KEY);
    }

    /** Says what is wrong with a key whose type is known; null when there is no such type. */
    private static Line.@Nullable Problem keyProblem(byte[] data, int at, int stop) {
        int wordEnd = skipWord(data, at, stop);
        if (wordEnd == at || KeyTypeNames.blobBeginning(data, at, wordEnd) == null) {
            return null;
        }
        int from = skipBlanks(data, wordEnd, stop);
        int to = skipWord(data, from, stop);
        if (from == to) {
            return Line.Problem.NO_KEY;
        }
        return Base64Text.isValid(data, from, to, Base64Text.digitsEnd(data, from, to))
                ? Line.Problem.TYPE_MISMATCH
                : Line.Problem.BAD_BASE64;
    }

    /** Returns the end of the run that sshd skips as options, or -1 when a quote stays open. */
    static int skipOptions(byte[] data, int from, int stop) {
        boolean quoted = false;
        int i = from;
        while (i < stop && (quoted || !isBlank(data[i]))) {
            if (data[i] == '\\' && i + 1 < stop && data[i + 1] == '"') {
                i++;
            } else if (data[i] == '"') {
                quoted = !quoted;
            }
            i++;
        }
        return quoted ? -1 : i;
    }

    static int skipBlanks(byte[] data, int from, int stop) {
        int i = from;
        while (i < stop && isBlank(data[i])) {
            i++;
        }
        return i;
    }

    private static int skipWord(byte[] data, int from, int stop) {
        int i = from;
        while (i < stop && !isBlank(data[i])) {
            i++;
        }
        return i;
    }

    private static int firstNul(byte[] data, int from, int stop) {
        int i = from;
        while (i < stop && data[i] != 0) {
            i++;
        }
        return i;
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
