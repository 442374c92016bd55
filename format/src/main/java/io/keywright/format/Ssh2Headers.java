package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SshKeyException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header lines (RFC 4716, section 3.3) with which both files of {@code SSH2 ... KEY} begin, up to their base64:
 *
 * <pre>
 *   Tag: value          tag of at most 64 bytes, in any case; value of at most 1024
 *   Tag: val\           a backslash at the end: the value goes on in the next line
 *   ue
 * </pre>
 *
 * <p>Quotes and backslashes within a value are each format's own affair.
 */
final class Ssh2Headers {
    /** RFC 4716, section 3.3.1. Twice as much is read, since PuTTY's backslashes may come on top. */
    static final int MAX_VALUE_BYTES = 1024;

    private static final String COMMENT_TAG = "comment";
    /** RFC 4716, section 3.3.1. */
    private static final int MAX_TAG_BYTES = 64;
    /** What would end the file for a reader that looks for its end before it looks at lines. */
    private static final String END_MARK = "---- END ";

    /** The last comment's value, in whatever quotes it stands; null when there is none. */
    final byte @Nullable [] comment;
    /** Where the base64 begins. */
    final int bodyFrom;

    private Ssh2Headers(byte @Nullable [] comment, int bodyFrom) {
        this.comment = comment;
        this.bodyFrom = bodyFrom;
    }

    // --- reading ---

    static Ssh2Headers read(KeyBlock block) {
        Lines lines = new Lines(block.text(), block.bodyFrom(), block.bodyTo());
        byte[] comment = null;
        int bodyFrom = lines.at;
        while (lines.next()) {
            int colon = lines.indexOf((byte) ':');
            if (colon < 0) {
                if (lines.from < lines.to) {
                    break;
                }
            } else {
                byte[] value = readHeader(lines, colon, block.format().displayName());
                if (value != null) {
                    comment = value;
                }
            }
            bodyFrom = lines.at;
        }
        return new Ssh2Headers(comment, bodyFrom);
    }

    /** Reads a header with its continuations. Returns a comment's value, and null for any other tag. */
    private static byte @Nullable [] readHeader(Lines lines, int colon, String format) {
        if (colon - lines.from > MAX_TAG_BYTES) {
            throw new MalformedKeyException(format, "header", "a tag has at most " + MAX_TAG_BYTES + " bytes");
        }
        String tag = lines.ascii(lines.from, colon).strip().toLowerCase(Locale.ROOT);
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        int from = colon + 1;
        while (from < lines.to && isBlank(lines.text[from])) {
            from++;
        }
        while (lines.endsWithBackslash()) {
            value.write(lines.text, from, Math.max(0, lines.to - 1 - from));
            if (!lines.next()) {
                throw new MalformedKeyException(format, "header", "it is to be continued, and nothing follows");
            }
            from = lines.start;
        }
        value.write(lines.text, from, lines.to - from);
        if (value.size() > 2 * MAX_VALUE_BYTES) {
            throw new MalformedKeyException(format, "header", "a value has at most " + MAX_VALUE_BYTES + " bytes");
        }
        return tag.equals(COMMENT_TAG) ? value.toByteArray() : null;
    }

    /** Takes the quotes around a value away; null when there are none. */
    static byte @Nullable [] withoutQuotes(byte[] value) {
        return value.length < 2 || value[0] != '"' || value[value.length - 1] != '"'
                ? null
                : Arrays.copyOfRange(value, 1, value.length - 1);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Walks through lines, which end with LF, CRLF or CR; what it points at has no blanks around. */
    private static final class Lines {
        final byte[] text;
        final int end;
        int at;
        int start;
        int from;
        int to;

        Lines(byte[] text, int start, int end) {
            this.text = text;
            this.end = end;
            this.at = start;
        }

        boolean next() {
            if (at >= end) {
                return false;
            }
            start = at;
            from = at;
            to = at;
            while (to < end && text[to] != '\n' && text[to] != '\r') {
                to++;
            }
            boolean isCrlf = to + 1 < end && text[to] == '\r' && text[to + 1] == '\n';
            at = Math.min(end, to + (isCrlf ? 2 : 1));
            while (from < to && isBlank(text[from])) {
                from++;
            }
            while (to > from && isBlank(text[to - 1])) {
                to--;
            }
            return true;
        }

        int indexOf(byte b) {
            for (int i = from; i < to; i++) {
                if (text[i] == b) {
                    return i;
                }
            }
            return -1;
        }

        boolean endsWithBackslash() {
            return to > from && text[to - 1] == '\\';
        }

        String ascii(int start, int stop) {
            return new String(text, start, stop - start, StandardCharsets.US_ASCII);
        }
    }

    // --- writing ---

    /** Refuses a comment that could not be read again. */
    static byte[] requireWritable(KeyComment comment) {
        byte[] bytes = comment.toByteArray();
        if (!comment.fitsInLine() || bytes.length > MAX_VALUE_BYTES || contains(bytes, END_MARK)) {
            throw new SshKeyException(
                    "the comment holds control characters or the mark of an END line, or has more than "
                            + MAX_VALUE_BYTES + " bytes, and cannot stand in this format: write another one");
        }
        return bytes;
    }

    private static boolean contains(byte[] bytes, String ascii) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(ascii);
    }
}
