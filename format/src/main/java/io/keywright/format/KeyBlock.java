package io.keywright.format;

import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.UnsupportedKeyException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one key in a text: its format, told by content alone, and where its body starts and ends.
 *
 * <p>A marker may stand anywhere, so indentation, a byte order mark, blank lines and text in front (what OpenSSL prints as
 * "Bag Attributes") do no harm, nor does text behind. Two keys in one text are refused, for a caller who expects one must not
 * get an arbitrary one; certificates and other PEM blocks do not count.
 *
 * <p>The text may hold a private key: it is looked at in place and never copied into a message.
 */
final class KeyBlock {
    private record Marker(KeyFormat format, String begin, String end) {
        static Marker pem(KeyFormat format, String label) {
            return new Marker(format, "-----BEGIN " + label + "-----", "-----END " + label + "-----");
        }

        static Marker ssh2(KeyFormat format, String label) {
            return new Marker(format, "---- BEGIN " + label + " ----", "---- END " + label + " ----");
        }
    }

    private static final List<Marker> ARMOURS = List.of(
            Marker.pem(KeyFormat.OPENSSH, "OPENSSH PRIVATE KEY"),
            Marker.pem(KeyFormat.PEM, "RSA PRIVATE KEY"),
            Marker.pem(KeyFormat.PEM, "EC PRIVATE KEY"),
            Marker.pem(KeyFormat.PEM, "DSA PRIVATE KEY"),
            Marker.pem(KeyFormat.PKCS8, "PRIVATE KEY"),
            Marker.pem(KeyFormat.PKCS8, "ENCRYPTED PRIVATE KEY"),
            Marker.pem(KeyFormat.PUBLIC_PEM, "PUBLIC KEY"),
            Marker.pem(KeyFormat.PUBLIC_PEM, "RSA PUBLIC KEY"),
            Marker.ssh2(KeyFormat.SSHCOM, "SSH2 ENCRYPTED PRIVATE KEY"),
            Marker.ssh2(KeyFormat.PUBLIC_RFC4716, "SSH2 PUBLIC KEY"));

    private static final String PPK_START = "PuTTY-User-Key-File-";
    /** What an armour looks like from far; only then are the markers compared. */
    private static final byte[] DASHES = {'-', '-', '-', '-'};

    private static final String SSH1_START = "SSH PRIVATE KEY FILE FORMAT 1.1\n";

    private final KeyFormat format;
    private final byte[] text;
    private final String begin;
    private final int from;
    private final int bodyFrom;
    private final int bodyTo;
    private final int to;

    private KeyBlock(KeyFormat format, byte[] text, String begin, int from, int bodyFrom, int bodyTo, int to) {
        this.format = format;
        this.text = text;
        this.begin = begin;
        this.from = from;
        this.bodyFrom = bodyFrom;
        this.bodyTo = bodyTo;
        this.to = to;
    }

    /**
     * Finds the key.
     *
     * @throws NotAKeyException when there is none
     * @throws MalformedKeyException when the text is cut off, or there is more than one key
     * @throws UnsupportedKeyException when it is something known that is no SSH key file
     */
    static KeyBlock find(byte[] text) {
        int start = startsWith(text, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
        List<int[]> lines = contentLines(text, start);
        if (!lines.isEmpty() && text[lines.get(0)[0]] == '{') {
            // First of all, since a string of JSON may hold a whole PEM file.
            int from = lines.get(0)[0];
            return new KeyBlock(KeyFormat.JWK, text, "{", from, from, text.length, text.length);
        }
        List<KeyBlock> blocks = new ArrayList<>(2);
        int at = 0;
        while (at < text.length && blocks.size() < 2) {
            KeyBlock block = blockAt(text, at);
            if (block != null) {
                blocks.add(block);
                at = block.to;
            } else {
                at++;
            }
        }
        if (blocks.isEmpty()) {
            return findWithoutMarker(text, start, lines);
        }
        if (blocks.size() > 1) {
            throw twoKeys();
        }
        return blocks.get(0);
    }

    private static @Nullable KeyBlock blockAt(byte[] text, int at) {
        if (text[at] == 'P' && startsWith(text, at, PPK_START) && isFirstInLine(text, at)) {
            // To the end, or to where another one starts.
            int end = at + PPK_START.length();
            while (end < text.length && !(startsWith(text, end, PPK_START) && isFirstInLine(text, end))) {
                end++;
            }
            return new KeyBlock(KeyFormat.PPK, text, PPK_START, at, at, end, end);
        }
        if (text[at] != '-' || !startsWith(text, at, DASHES)) {
            return null;
        }
        for (Marker marker : ARMOURS) {
            if (startsWith(text, at, marker.begin)) {
                int bodyFrom = at + marker.begin.length();
                int bodyTo = indexOf(text, bodyFrom, marker.end);
                if (bodyTo < 0) {
                    throw new MalformedKeyException(
                            marker.format.displayName(),
                            "END line",
                            "the data is cut off before the END line: copy the whole text, up to and with that line");
                }
                int to = bodyTo + marker.end.length();
                return new KeyBlock(marker.format, text, marker.begin, at, bodyFrom, bodyTo, to);
            }
        }
        return null;
    }

    private static KeyBlock findWithoutMarker(byte[] text, int start, List<int[]> lines) {
        if (lines.isEmpty()) {
            throw new NotAKeyException("no key: the text is empty or holds nothing but blank lines and comments");
        }
        int[] first = lines.get(0);
        if (isPublicKey(text, first[0], first[1])) {
            if (lines.size() > 1) {
                int[] second = lines.get(1);
                throw isPublicKey(text, second[0], second[1])
                        ? twoKeys()
                        : new MalformedKeyException(
                                KeyFormat.PUBLIC_LINE.displayName(),
                                "line end",
                                "the key goes on in another line: a public key is one line");
            }
            return new KeyBlock(KeyFormat.PUBLIC_LINE, text, "", first[0], first[0], first[1], first[1]);
        }
        throw nothingKnown(text, start);
    }

    private static RuntimeException nothingKnown(byte[] text, int start) {
        if (startsWith(text, start, SSH1_START)) {
            return new UnsupportedKeyException(
                    "ssh1", "this is a key for SSH protocol 1, which is no longer in use: make a new key");
        }
        if (text.length > 1 && ((text[0] & text[1]) == (byte) 0xfe) && (text[0] ^ text[1]) == 1) {
            return new NotAKeyException("no key: the text is in UTF-16; save it as UTF-8 or plain text");
        }
        if (text[0] == 0x30 && text.length > 1 && text[1] < 0) {
            return new UnsupportedKeyException(
                    "DER", "this looks like binary DER: convert it to PEM, which begins with -----BEGIN");
        }
        if (indexOf(text, 0, "PRIVATE KEY-----") >= 0 || indexOf(text, 0, "PRIVATE KEY ----") >= 0) {
            return new MalformedKeyException(
                    "key file",
                    "BEGIN line",
                    "a key's BEGIN line is missing or damaged: copy the whole text, from that line on");
        }
        if (indexOf(text, 0, "-----BEGIN CERTIFICATE") >= 0) {
            return new UnsupportedKeyException("X.509", "this is an X.509 certificate, not a key");
        }
        return new NotAKeyException(
                "no key: neither a private key's BEGIN line or header nor a public key line was found"
                        + " (to read a file, give a Path, not its name as text)");
    }

    static MalformedKeyException twoKeys() {
        return new MalformedKeyException(
                "key file", "second key", "two keys where one is expected: give each its own text");
    }

    KeyFormat format() {
        return format;
    }

    /** Tells whether the block begins with a certain line, where a format has several. */
    boolean beginsWith(String label) {
        return begin.contains("BEGIN " + label);
    }

    byte[] text() {
        return text;
    }

    int bodyFrom() {
        return bodyFrom;
    }

    int bodyTo() {
        return bodyTo;
    }

    /** Copies the body. */
    byte[] body() {
        return Arrays.copyOfRange(text, bodyFrom, bodyTo);
    }

    /**
     * Decodes a body that is nothing but base64, however it is broken into lines.
     *
     * @return the bytes, which the caller wipes when they are secret
     */
    byte[] decodeBase64() {
        return decodeBase64(bodyFrom, bodyTo);
    }

    byte[] decodeBase64(int start, int end) {
        byte[] room = new byte[end - start];
        int count = 0;
        for (int i = start; i < end; i++) {
            byte b = text[i];
            if (b != '\n' && b != '\r' && b != ' ' && b != '\t') {
                room[count++] = b;
            }
        }
        byte[] dense = count == room.length ? room : Arrays.copyOf(room, count);
        try {
            return Base64.getDecoder().decode(dense);
        } catch (IllegalArgumentException e) {
            // The decoder's message quotes the input, so it goes no further.
            throw new MalformedKeyException(
                    format.displayName(),
                    "base64",
                    "something between BEGIN and END is not base64, or a part is missing");
        } finally {
            Arrays.fill(room, (byte) 0);
            Arrays.fill(dense, (byte) 0);
        }
    }

    /** Lists what is unusual about the text around and between. */
    List<KeyWarning> textWarnings() {
        List<KeyWarning> warnings = new ArrayList<>(2);
        if (format != KeyFormat.PUBLIC_LINE && format != KeyFormat.JWK && !endsWithLineEnd()) {
            warnings.add(KeyWarning.MISSING_FINAL_NEWLINE);
        }
        if (from > 0 || hasUnusualBlanks()) {
            warnings.add(KeyWarning.UNUSUAL_TEXT);
        }
        return warnings;
    }

    private boolean endsWithLineEnd() {
        int end = format == KeyFormat.PPK ? text.length - 1 : to;
        return end < text.length && (text[end] == '\n' || text[end] == '\r');
    }

    /** Carriage returns; blanks at the edges of lines; and blanks anywhere where the body is base64 alone. */
    private boolean hasUnusualBlanks() {
        boolean armoured = format != KeyFormat.PUBLIC_LINE && format != KeyFormat.JWK && format != KeyFormat.PPK;
        boolean noHeaders = format == KeyFormat.OPENSSH || format == KeyFormat.PKCS8 || format == KeyFormat.PUBLIC_PEM;
        int end = Math.min(text.length, to + 1);
        for (int i = from; i < end; i++) {
            if (text[i] == '\r') {
                return true;
            }
            // A header's value may be continued with a blank.
            boolean atStart = i > 0 && text[i - 1] == '\n' && (i < 2 || text[i - 2] != '\\');
            boolean atEdge = atStart || (i + 1 < end && text[i + 1] == '\n');
            boolean inBody = noHeaders && i >= bodyFrom && i < bodyTo;
            if (armoured && isBlank(text[i]) && (atEdge || inBody)) {
                return true;
            }
        }
        return false;
    }

    // --- bytes ---

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** Finds the lines, trimmed, that are neither blank nor a comment; two are enough to know. */
    private static List<int[]> contentLines(byte[] text, int start) {
        List<int[]> lines = new ArrayList<>();
        int at = start;
        while (at < text.length && lines.size() < 2) {
            int lineEnd = at;
            while (lineEnd < text.length && text[lineEnd] != '\n' && text[lineEnd] != '\r') {
                lineEnd++;
            }
            int lineFrom = at;
            int lineTo = lineEnd;
            while (lineFrom < lineTo && isBlank(text[lineFrom])) {
                lineFrom++;
            }
            while (lineTo > lineFrom && isBlank(text[lineTo - 1])) {
                lineTo--;
            }
            if (lineFrom < lineTo && text[lineFrom] != '#') {
                lines.add(new int[] {lineFrom, lineTo});
            }
            at = lineEnd + 1;
        }
        return lines;
    }

    private static boolean isPublicKey(byte[] text, int from, int to) {
        return looksLikePublicKey(text, from, to)
                || PublicLineCodec.findOptions(Arrays.copyOfRange(text, from, to))
                        .isPresent();
    }

    /** An algorithm's name as the first word, or a second word as every blob in base64 begins. */
    private static boolean looksLikePublicKey(byte[] text, int from, int to) {
        int wordEnd = from;
        while (wordEnd < to && !isBlank(text[wordEnd])) {
            wordEnd++;
        }
        int next = wordEnd;
        while (next < to && isBlank(text[next])) {
            next++;
        }
        boolean named = startsWith(text, from, "ssh-")
                || startsWith(text, from, "ecdsa-sha2-")
                || startsWith(text, from, "sk-ssh-")
                || startsWith(text, from, "sk-ecdsa-");
        return next < to && (named || startsWith(text, next, "AAAA"));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static boolean isFirstInLine(byte[] text, int at) {
        int i = at - 1;
        while (i >= 0 && isBlank(text[i])) {
            i--;
        }
        boolean afterMark = i == 2 && startsWith(text, 0, BYTE_ORDER_MARK);
        return i < 0 || text[i] == '\n' || text[i] == '\r' || afterMark;
    }

    private static boolean startsWith(byte[] text, int at, String ascii) {
        if (at + ascii.length() > text.length) {
            return false;
        }
        for (int i = 0; i < ascii.length(); i++) {
            if (text[at + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] text, int at, byte[] prefix) {
        return at + prefix.length <= text.length
                && Arrays.equals(text, at, at + prefix.length, prefix, 0, prefix.length);
    }

    private static int indexOf(byte[] text, int start, String ascii) {
        for (int i = start; i + ascii.length() <= text.length; i++) {
            if (startsWith(text, i, ascii)) {
                return i;
            }
        }
        return -1;
    }

    /** Says the format; never the text. */
    @Override
    public String toString() {
        return "KeyBlock[" + format.displayName() + "]";
    }

    /** Writes a body of base64 between a BEGIN and an END line, with LF and a final one. */
    static byte[] armour(String begin, String end, byte[] body, int columns) {
        return armour(begin, new byte[0], end, body, columns);
    }

    /** Writes header lines, each with its LF, and a body of base64 between a BEGIN and an END line. */
    static byte[] armour(String begin, byte[] headers, String end, byte[] body, int columns) {
        byte[] base64 = Base64.getEncoder().encode(body);
        int lines = (base64.length + columns - 1) / columns;
        byte[] out = new byte[begin.length() + 1 + headers.length + base64.length + lines + end.length() + 1];
        int at = put(out, 0, begin);
        System.arraycopy(headers, 0, out, at, headers.length);
        at += headers.length;
        for (int done = 0; done < base64.length; done += columns) {
            int count = Math.min(columns, base64.length - done);
            System.arraycopy(base64, done, out, at, count);
            at += count;
            out[at++] = '\n';
        }
        put(out, at, end);
        Arrays.fill(base64, (byte) 0);
        return out;
    }

    private static int put(byte[] out, int at, String line) {
        byte[] ascii = line.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, out, at, ascii.length);
        out[at + ascii.length] = '\n';
        return at + ascii.length + 1;
    }
}
