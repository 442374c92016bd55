package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The text of a PPK file, taken apart and not yet decrypted. Wipes the private blob when closed.
 *
 * <pre>
 *   PuTTY-User-Key-File-3: algorithm        or -2, or -1
 *   Encryption: none | aes256-cbc
 *   Comment: bytes up to the line's end
 *   Public-Lines: n                         and so many lines of base64
 *   Key-Derivation: Argon2id | Argon2i | Argon2d, Argon2-Memory (KiB), -Passes, -Parallelism, -Salt (hex)
 *                                           in version 3, when encrypted
 *   Private-Lines: n                        and so many lines of base64
 *   Private-MAC: hex                        in version 1 maybe Private-Hash
 * </pre>
 */
final class PpkFile implements AutoCloseable {
    static final String FORMAT = KeyFormat.PPK.displayName();
    static final String NONE = "none";
    static final String AES = "aes256-cbc";
    /** What no header but the comment is longer than. */
    private static final int MAX_VALUE_BYTES = 256;
    /** A file of a mebibyte has fewer lines; more digits would only overflow. */
    private static final int MAX_DIGITS = 9;

    private final KeyBlock block;
    private int at;
    private int lineFrom;
    private int lineTo;

    final int version;
    final String algorithm;
    final String encryption;
    final KeyComment comment;
    final byte[] publicBlob;
    final @Nullable Argon2Cost argon2;
    final byte[] salt;
    final byte[] privateBlob;
    /** Whether {@link #mac} is a mere hash. */
    final boolean hashOnly;

    final byte[] mac;

    /** What {@code Key-Derivation} and its kin declare. */
    record Argon2Cost(String kind, long memoryKib, long passes, long parallelism) {}

    PpkFile(KeyBlock block) {
        this.block = block;
        this.at = block.bodyFrom();
        version = readVersion();
        algorithm = value();
        encryption = header("Encryption");
        requireLine("Comment");
        comment = KeyComment.ofBytes(Arrays.copyOfRange(block.text(), lineFrom, lineTo));
        publicBlob = readBody("Public-Lines");
        if (version == 3 && !encryption.equals(NONE)) {
            String kind = header("Key-Derivation");
            long memory = number("Argon2-Memory");
            long passes = number("Argon2-Passes");
            argon2 = new Argon2Cost(kind, memory, passes, number("Argon2-Parallelism"));
            salt = hex("Argon2-Salt");
        } else {
            argon2 = null;
            salt = new byte[0];
        }
        privateBlob = readBody("Private-Lines");
        boolean parsed = false;
        try {
            hashOnly = version == 1 && isNext("Private-Hash");
            mac = hex(hashOnly ? "Private-Hash" : "Private-MAC");
            parsed = true;
        } finally {
            if (!parsed) {
                close();
            }
        }
    }

    boolean isEncrypted() {
        return !encryption.equals(NONE);
    }

    /** Decodes the public half, with the comment. */
    SshPublicKey publicKey() {
        SshPublicKey key = SshPublicKey.fromBlob(publicBlob).withComment(comment);
        if (!key.algorithm().equals(algorithm)) {
            throw malformed("algorithm", "the first line and the public key name different ones");
        }
        return key;
    }

    private int readVersion() {
        if (!nextLine() || !startsWith("PuTTY-User-Key-File-") || lineTo - lineFrom < 22) {
            throw malformed("first line", "it is cut off");
        }
        byte[] text = block.text();
        int digit = text[lineFrom + 20] - '0';
        if (text[lineFrom + 21] != ':') {
            throw malformed("first line", "a version of one digit and a colon are expected");
        }
        if (digit < 1 || digit > 3) {
            throw new UnsupportedKeyException(
                    FORMAT, "of PPK, versions 1 to 3 are read: write the key anew with puttygen -O private");
        }
        lineFrom = skipBlank(lineFrom + 22);
        return digit;
    }

    private byte[] readBody(String name) {
        long count = number(name);
        int from = at;
        for (long i = 0; i < count; i++) {
            if (!nextLine() || indexOfColon() >= 0) {
                throw malformed(name, "there are fewer lines than it says");
            }
        }
        int to = at;
        int before = at;
        if (!nextLine() || indexOfColon() < 0) {
            throw malformed(name, "there are more lines than it says, or the text is cut off");
        }
        at = before;
        return block.decodeBase64(from, to);
    }

    private String header(String name) {
        requireLine(name);
        return value();
    }

    private void requireLine(String name) {
        if (!nextLine() || !startsWith(name + ":")) {
            throw malformed(name, "this header is expected here");
        }
        int start = lineFrom + name.length() + 1;
        // One blank belongs to the header; a comment may begin with more.
        lineFrom = start < lineTo && block.text()[start] == ' ' ? start + 1 : start;
    }

    /** Looks ahead. */
    private boolean isNext(String name) {
        int before = at;
        boolean found = nextLine() && startsWith(name + ":");
        at = before;
        return found;
    }

    private String value() {
        int from = skipBlank(lineFrom);
        int to = lineTo;
        while (to > from && isBlank(block.text()[to - 1])) {
            to--;
        }
        if (to - from > MAX_VALUE_BYTES) {
            throw malformed("header", "a value is too long");
        }
        for (int i = from; i < to; i++) {
            if (block.text()[i] < 0x20 || block.text()[i] > 0x7e) {
                throw malformed("header", "not printable US-ASCII");
            }
        }
        String value = new String(block.text(), from, to - from, StandardCharsets.US_ASCII);
        if (value.isEmpty()) {
            throw malformed("header", "a value is missing");
        }
        return value;
    }

    private long number(String name) {
        String value = header(name);
        if (value.length() > MAX_DIGITS || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformed(name, "a number of at most " + MAX_DIGITS + " digits is expected");
        }
        return Long.parseLong(value);
    }

    private byte[] hex(String name) {
        try {
            return HexFormat.of().parseHex(header(name));
        } catch (IllegalArgumentException e) {
            throw malformed(name, "hexadecimal digits are expected");
        }
    }

    /** Goes to the next line that is not blank, without the blanks in front of it. */
    private boolean nextLine() {
        byte[] text = block.text();
        while (at < block.bodyTo()) {
            lineFrom = skipBlank(at);
            int end = at;
            while (end < block.bodyTo() && text[end] != '\n' && text[end] != '\r') {
                end++;
            }
            lineTo = end;
            at = Math.min(end + 1, block.bodyTo());
            if (lineFrom < lineTo) {
                return true;
            }
        }
        return false;
    }

    private int skipBlank(int from) {
        int i = from;
        while (i < block.bodyTo() && isBlank(block.text()[i])) {
            i++;
        }
        return i;
    }

    private int indexOfColon() {
        for (int i = lineFrom; i < lineTo; i++) {
            if (block.text()[i] == ':') {
                return i;
            }
        }
        return -1;
    }

    private boolean startsWith(String ascii) {
        byte[] prefix = ascii.getBytes(StandardCharsets.US_ASCII);
        return lineTo - lineFrom >= prefix.length
                && Arrays.equals(block.text(), lineFrom, lineFrom + prefix.length, prefix, 0, prefix.length);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(FORMAT, where, problem);
    }

    static WireReader reader(byte[] plain) {
        return new WireReader(FORMAT, plain);
    }

    @Override
    public void close() {
        Arrays.fill(privateBlob, (byte) 0);
    }
}
