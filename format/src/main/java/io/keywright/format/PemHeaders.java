package io.keywright.format;

import io.keywright.MalformedKeyException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header lines between the BEGIN line and the base64 of a traditional PEM file (RFC 1421, section 4.4): {@code name:
 * value}, of which {@code Proc-Type} and {@code DEK-Info} count and others are skipped. No base64 holds a colon, so the first
 * line without one begins the body, whether or not the blank line that belongs there was lost on the way.
 *
 * @param encryption what {@code DEK-Info} says; null when the key is plain
 * @param bodyFrom where the base64 begins
 */
record PemHeaders(@Nullable DekInfo encryption, int bodyFrom) {
    private static final String PROC_TYPE = "Proc-Type";
    private static final String DEK_INFO = "DEK-Info";
    private static final String ENCRYPTED = "4,ENCRYPTED";
    /** The longest value that is looked at: OpenSSL's longest cipher name and IV have less than half of it. */
    private static final int MAX_VALUE_BYTES = 128;

    private static final Pattern DEK_INFO_VALUE = Pattern.compile("([A-Za-z0-9-]{1,32})(?:\\s*,\\s*([0-9A-Fa-f]*))?");

    /** A cipher by its name in the file, and its IV as hexadecimal digits. */
    record DekInfo(String cipherName, String ivHex) {
        /** Decodes the IV. */
        byte[] iv() {
            return HexFormat.of().parseHex(ivHex);
        }
    }

    /**
     * Reads the headers of a block.
     *
     * @throws MalformedKeyException when they contradict each other
     */
    static PemHeaders read(KeyBlock block) {
        byte[] text = block.text();
        String procType = null;
        String dekInfo = null;
        int at = block.bodyFrom();
        while (at < block.bodyTo()) {
            int lineEnd = at;
            int colon = -1;
            while (lineEnd < block.bodyTo() && text[lineEnd] != '\n' && text[lineEnd] != '\r') {
                colon = colon < 0 && text[lineEnd] == ':' ? lineEnd : colon;
                lineEnd++;
            }
            if (colon < 0 && !isBlank(text, at, lineEnd)) {
                break;
            }
            if (isNamed(text, at, colon, PROC_TYPE)) {
                procType = value(text, colon, lineEnd, PROC_TYPE, procType);
            } else if (isNamed(text, at, colon, DEK_INFO)) {
                dekInfo = value(text, colon, lineEnd, DEK_INFO, dekInfo);
            }
            at = lineEnd + 1;
        }
        return new PemHeaders(encryption(procType, dekInfo), Math.min(at, block.bodyTo()));
    }

    private static @Nullable DekInfo encryption(@Nullable String procType, @Nullable String dekInfo) {
        if (procType == null && dekInfo == null) {
            return null;
        }
        if (procType == null || !procType.replace(" ", "").equals(ENCRYPTED)) {
            throw malformed(PROC_TYPE, ENCRYPTED + " is expected");
        }
        Matcher parts = DEK_INFO_VALUE.matcher(dekInfo == null ? "" : dekInfo);
        if (!parts.matches()) {
            throw malformed(DEK_INFO, "a cipher's name, a comma and an IV in hexadecimal digits are expected");
        }
        String iv = parts.group(2);
        if (iv == null || iv.length() % 2 != 0) {
            throw malformed(DEK_INFO, "an IV of whole bytes in hexadecimal digits is expected");
        }
        return new DekInfo(parts.group(1), iv);
    }

    private static boolean isNamed(byte[] text, int from, int colon, String name) {
        int start = from;
        while (start < colon && (text[start] == ' ' || text[start] == '\t')) {
            start++;
        }
        return colon - start == name.length() && ascii(text, start, colon).equalsIgnoreCase(name);
    }

    private static String value(byte[] text, int colon, int lineEnd, String name, @Nullable String before) {
        if (before != null) {
            throw malformed(name, "it is there twice");
        }
        if (lineEnd - colon > MAX_VALUE_BYTES) {
            throw malformed(name, "its value has more than " + MAX_VALUE_BYTES + " bytes");
        }
        return ascii(text, colon + 1, lineEnd).strip();
    }

    private static boolean isBlank(byte[] text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text[i] != ' ' && text[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private static String ascii(byte[] text, int from, int to) {
        return new String(text, from, to - from, StandardCharsets.US_ASCII);
    }

    private static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(KeyFormat.PEM.displayName(), where, problem);
    }
}
