package io.keywright.rotation;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Computes a file's checksum as the tool of a server does, so that the server can compare without seeing the content. */
final class FileDigest {
    /** The polynomial of POSIX {@code cksum}, without its highest term. */
    private static final int POLYNOMIAL = 0x04C11DB7;

    private FileDigest() {}

    /**
     * Computes a checksum.
     *
     * @param tool {@code cksum}, or any of the names under which SHA-256 is found
     * @return in the form that {@code edit.sh} prints it
     */
    static String of(String tool, byte[] content) {
        if (tool.equals("cksum")) {
            return String.format(Locale.ROOT, "%d-%d", Integer.toUnsignedLong(cksum(content)), content.length);
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** POSIX.1-2017, cksum: the content, then its length, least byte first, without leading zeros. */
    private static int cksum(byte[] content) {
        int crc = 0;
        for (byte octet : content) {
            crc = shift(crc, octet & 0xff);
        }
        for (int length = content.length; length != 0; length >>>= 8) {
            crc = shift(crc, length & 0xff);
        }
        return ~crc;
    }

    private static int shift(int crc, int octet) {
        int next = crc ^ (octet << 24);
        for (int bit = 0; bit < 8; bit++) {
            next = next < 0 ? (next << 1) ^ POLYNOMIAL : next << 1;
        }
        return next;
    }
}
