package io.keywright.authorizedkeys;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One line of an {@code authorized_keys} file, byte for byte. Sealed; it may grow as sshd(8) does. Immutable and
 * thread-safe.
 */
public abstract sealed class Line permits Line.Blank, Line.Comment, Line.Malformed, Entry {
    final byte[] data;
    final int from;
    final int to;
    final LineLayout layout;
    private final int number;

    Line(byte[] data, int from, int to, LineLayout layout, int number) {
        this.data = data;
        this.from = from;
        this.to = to;
        this.layout = layout;
        this.number = number;
    }

    static Line of(byte[] data, int from, int to, LineLayout layout, int number) {
        return switch (layout.kind) {
            case BLANK -> new Blank(data, from, to, layout, number);
            case COMMENT -> new Comment(data, from, to, layout, number);
            case ENTRY -> new Entry(data, from, to, layout, number);
            case MALFORMED -> new Malformed(data, from, to, layout, number);
        };
    }

    /**
     * Returns the line's number.
     *
     * @return 1 for the first line
     */
    public final int number() {
        return number;
    }

    /**
     * Returns the line's bytes, its line end included.
     *
     * @return a copy
     */
    public final byte[] toBytes() {
        return Arrays.copyOfRange(data, from, to);
    }

    /**
     * Returns the line's bytes without its line end.
     *
     * @return a copy, without the LF and one CR before it
     */
    public final byte[] textBytes() {
        return Arrays.copyOfRange(data, from, layout.textEnd);
    }

    /**
     * Returns the line's text without its line end, for showing to a person.
     *
     * @return the text; bytes that are not UTF-8 become U+FFFD
     */
    public final String text() {
        return new String(data, from, layout.textEnd - from, StandardCharsets.UTF_8);
    }

    /**
     * Returns how the line ends.
     *
     * @return {@code "\n"}, {@code "\r\n"}, or, for the last line only, {@code ""} or {@code "\r"}
     */
    public final String lineEnd() {
        return new String(data, layout.textEnd, to - layout.textEnd, StandardCharsets.US_ASCII);
    }

    /** Compares kind, number and bytes. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Line that
                && number == that.number
                && Arrays.equals(data, from, to, that.data, that.from, that.to);
    }

    @Override
    public final int hashCode() {
        int hash = number;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + data[i];
        }
        return hash;
    }

    /** Why sshd(8) sees no key in a line. */
    public enum Problem {
        /** There is no key type followed by a blob. */
        NO_KEY("no key type and key are found"),
        /** A quote in the options is not closed. */
        UNTERMINATED_QUOTE("a quote is not closed"),
        /** What follows a key type is not base64. */
        BAD_BASE64("what follows the key type is not base64"),
        /** The key type in the line is not the one in the blob. */
        TYPE_MISMATCH("the line and its key name different types"),
        /** The line begins with a UTF-8 byte order mark, which sshd takes for text. */
        BYTE_ORDER_MARK("it begins with a byte order mark, which sshd does not skip"),
        /** The file is UTF-16. */
        UTF_16("it is UTF-16, which sshd does not read"),
        /** A NUL byte ends the line for sshd before a key is complete. */
        NUL_BYTE("it holds a NUL byte, where sshd stops reading");

        private final String words;

        Problem(String words) {
            this.words = words;
        }

        /**
         * Describes the problem.
         *
         * @return half a sentence, without any of the line's bytes
         */
        public String description() {
            return words;
        }
    }

    /** A line of nothing but spaces and tabs. Immutable and thread-safe. */
    public static final class Blank extends Line {
        Blank(byte[] data, int from, int to, LineLayout layout, int number) {
            super(data, from, to, layout, number);
        }

        /** Says which line this is. */
        @Override
        public String toString() {
            return "line " + number() + ": blank";
        }
    }

    /** A line whose first character, blanks apart, is {@code #}. Immutable and thread-safe. */
    public static final class Comment extends Line {
        Comment(byte[] data, int from, int to, LineLayout layout, int number) {
            super(data, from, to, layout, number);
        }

        /** Says which line this is, not what it says. */
        @Override
        public String toString() {
            return "line " + number() + ": comment";
        }
    }

    /** A line in which sshd(8) finds no key; it is kept as it is. Immutable and thread-safe. */
    public static final class Malformed extends Line {
        Malformed(byte[] data, int from, int to, LineLayout layout, int number) {
            super(data, from, to, layout, number);
        }

        /**
         * Returns why there is no key.
         *
         * @return the problem
         */
        public Problem problem() {
            return java.util.Objects.requireNonNull(layout.problem);
        }

        /** Says which line this is and why it is no entry; none of its bytes, which may be a mis-pasted secret. */
        @Override
        public String toString() {
            return "line " + number() + ": malformed, " + problem().description();
        }
    }
}
