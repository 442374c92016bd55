package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The public key file of RFC 4716:
 *
 * <pre>
 *   ---- BEGIN SSH2 PUBLIC KEY ----
 *   Comment: "value"            tag of at most 64 bytes, in any case; value of at most 1024
 *   base64 of the blob
 *   ---- END SSH2 PUBLIC KEY ----
 * </pre>
 *
 * <p>No line has more than 72 bytes; a header that is longer goes on in the next line after a backslash. Quotes around the
 * value are not part of it. The RFC says nothing of quotes within: PuTTY puts a backslash before quotes and backslashes, and
 * so do we. PuTTY never wraps a header, so longer lines are read.
 */
final class Rfc4716Codec implements KeyCodec {
    static final Rfc4716Codec INSTANCE = new Rfc4716Codec();

    private static final String FORMAT = KeyFormat.PUBLIC_RFC4716.displayName();
    private static final String BEGIN = "---- BEGIN SSH2 PUBLIC KEY ----";
    private static final String END = "---- END SSH2 PUBLIC KEY ----";
    private static final String COMMENT_TAG = "comment";
    /** RFC 4716, section 3.3.1. */
    private static final int MAX_TAG_BYTES = 64;
    /** RFC 4716, section 3.3.1. Twice as much is read, since PuTTY's backslashes may come on top. */
    private static final int MAX_VALUE_BYTES = 1024;
    /** RFC 4716, section 3. */
    private static final int MAX_LINE_BYTES = 72;
    /** As ssh-keygen breaks its lines: within the RFC's 72. */
    private static final int COLUMNS = 70;

    private Rfc4716Codec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        throw new UnexpectedPublicKeyException(readPublic(block, context));
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        SshPublicKey key = readPublic(block, context);
        return Inspections.of(block, key).comment(Optional.of(key.comment())).build();
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        Lines lines = new Lines(block.text(), block.bodyFrom(), block.bodyTo());
        KeyComment comment = KeyComment.EMPTY;
        int bodyFrom = lines.at;
        while (lines.next()) {
            int colon = lines.indexOf((byte) ':');
            if (colon < 0) {
                if (lines.from < lines.to) {
                    break;
                }
            } else {
                byte[] value = readHeader(lines, colon);
                if (value != null) {
                    comment = KeyComment.ofBytes(unquote(value));
                }
            }
            bodyFrom = lines.at;
        }
        return SshPublicKey.fromBlob(block.decodeBase64(bodyFrom, block.bodyTo()))
                .withComment(comment);
    }

    /** Reads a header with its continuations. Returns a comment's value, and null for any other tag. */
    private static byte @Nullable [] readHeader(Lines lines, int colon) {
        if (colon - lines.from > MAX_TAG_BYTES) {
            throw new MalformedKeyException(FORMAT, "header", "a tag has at most " + MAX_TAG_BYTES + " bytes");
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
                throw new MalformedKeyException(FORMAT, "header", "it is to be continued, and nothing follows");
            }
            from = lines.start;
        }
        value.write(lines.text, from, lines.to - from);
        if (value.size() > 2 * MAX_VALUE_BYTES) {
            throw new MalformedKeyException(FORMAT, "header", "a value has at most " + MAX_VALUE_BYTES + " bytes");
        }
        return tag.equals(COMMENT_TAG) ? value.toByteArray() : null;
    }

    /** Takes quotes away, and within them the backslashes that PuTTY puts before quotes and backslashes. */
    private static byte[] unquote(byte[] value) {
        if (value.length < 2 || value[0] != '"' || value[value.length - 1] != '"') {
            return value;
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int i = 1; i < value.length - 1; i++) {
            boolean escape = value[i] == '\\' && i + 2 < value.length && (value[i + 1] == '"' || value[i + 1] == '\\');
            plain.write(value[escape ? ++i : i]);
        }
        return plain.toByteArray();
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
            at = to < end ? to + 1 : to;
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

    static EncodedKey write(SshPublicKey key) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        line(file, BEGIN);
        if (!key.comment().isEmpty()) {
            writeComment(file, key);
        }
        String base64 = Base64.getEncoder().encodeToString(key.blob());
        for (int i = 0; i < base64.length(); i += COLUMNS) {
            line(file, base64.substring(i, Math.min(base64.length(), i + COLUMNS)));
        }
        line(file, END);
        return new EncodedKey(KeyFormat.PUBLIC_RFC4716, true, SecretBytes.takeOver(file.toByteArray()));
    }

    private static void writeComment(ByteArrayOutputStream file, SshPublicKey key) {
        byte[] comment = key.comment().toByteArray();
        if (!key.comment().fitsInLine() || comment.length > MAX_VALUE_BYTES) {
            throw new SshKeyException("the comment of " + key.fingerprint()
                    + " holds control characters or has more than " + MAX_VALUE_BYTES
                    + " bytes and cannot stand in this format: replace it with withComment(...)");
        }
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes("Comment: \"".getBytes(StandardCharsets.US_ASCII));
        for (byte b : comment) {
            if (b == '"' || b == '\\') {
                header.write('\\');
            }
            header.write(b);
        }
        header.write('"');
        wrap(file, header.toByteArray());
    }

    /** Breaks a header into lines of at most 72 bytes with their backslash, never within a character of UTF-8. */
    private static void wrap(ByteArrayOutputStream file, byte[] header) {
        int from = 0;
        while (header.length - from > MAX_LINE_BYTES) {
            int to = from + MAX_LINE_BYTES - 1;
            for (int i = 0; i < 3 && (header[to] & 0xc0) == 0x80; i++) {
                to--;
            }
            file.write(header, from, to - from);
            file.write('\\');
            file.write('\n');
            from = to;
        }
        file.write(header, from, header.length - from);
        file.write('\n');
    }

    private static void line(ByteArrayOutputStream file, String ascii) {
        file.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
        file.write('\n');
    }
}
