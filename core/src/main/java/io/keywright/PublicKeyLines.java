package io.keywright;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The one-line form of a public key: {@code algorithm SP base64(blob) [SP comment]}, as sshd(8) describes it under
 * AUTHORIZED_KEYS FILE FORMAT, without options.
 */
final class PublicKeyLines {
    private static final String FORMAT = "public key line";
    /** What the names of OpenSSH's and the RFCs' public key algorithms begin with. */
    private static final List<String> NAME_PREFIXES = List.of("ssh-", "ecdsa-", "sk-");
    /** Base64 of the largest blob: refused before it is decoded. */
    private static final int MAX_BASE64_BYTES = (SshPublicKey.MAX_BLOB_BYTES + 2) / 3 * 4;
    /** A UTF-8 byte order mark, which editors on Windows put in front of a file. */
    private static final int BYTE_ORDER_MARK_BYTES = 3;

    private PublicKeyLines() {}

    static SshPublicKey parse(byte[] line) {
        int end = line.length;
        while (end > 0 && isBlankOrLineEnd(line[end - 1])) {
            end--;
        }
        int start = startsWithByteOrderMark(line) ? BYTE_ORDER_MARK_BYTES : 0;
        while (start < end && isBlankOrLineEnd(line[start])) {
            start++;
        }
        int lineEnd = start;
        while (lineEnd < end && line[lineEnd] != '\n' && line[lineEnd] != '\r') {
            lineEnd++;
        }
        int nameEnd = skipWord(line, start, lineEnd);
        int blobStart = skipBlanks(line, nameEnd, lineEnd);
        int blobEnd = skipWord(line, blobStart, lineEnd);
        int commentStart = skipBlanks(line, blobEnd, lineEnd);
        String algorithm = new String(line, start, nameEnd - start, StandardCharsets.ISO_8859_1);
        byte[] blob = decodeBlob(line, blobStart, blobEnd, algorithm, lineEnd < end);
        return SshPublicKey.fromBlob(blob)
                .withComment(KeyComment.ofBytes(Arrays.copyOfRange(line, commentStart, lineEnd)));
    }

    /** Decodes the second word and holds it against the first, which tells a broken key from what never was one. */
    private static byte[] decodeBlob(byte[] line, int from, int to, String algorithm, boolean moreLines) {
        if (from == to) {
            throw new NotAKeyException("not a public key line: an algorithm and a base64 blob are expected");
        }
        boolean named = NAME_PREFIXES.stream().anyMatch(algorithm::startsWith);
        if (named && moreLines) {
            throw new MalformedKeyException(FORMAT, "line end", "more than one line where one key is expected");
        }
        if (to - from > MAX_BASE64_BYTES) {
            throw new LimitExceededException(
                    "public key line, base64 size in bytes", to - from, MAX_BASE64_BYTES, "this limit is fixed");
        }
        byte[] blob;
        try {
            blob = Base64.getDecoder().decode(Arrays.copyOfRange(line, from, to));
        } catch (IllegalArgumentException e) {
            // Without its cause: the decoder names the offending character, which may be part of a mis-pasted secret.
            if (named) {
                throw new MalformedKeyException(FORMAT, "blob", "not base64");
            }
            throw new NotAKeyException("not a public key line: the second word is not base64");
        }
        if (!beginsWithName(blob, algorithm)) {
            if (named) {
                throw new MalformedKeyException(
                        FORMAT, "algorithm", "the blob does not begin with the algorithm that the line names");
            }
            throw new NotAKeyException("not a public key line: the second word is not the blob of such a key");
        }
        if (moreLines) {
            throw new MalformedKeyException(FORMAT, "line end", "more than one line where one key is expected");
        }
        return blob;
    }

    private static boolean beginsWithName(byte[] blob, String algorithm) {
        try {
            return SshPublicKey.algorithmOf(blob).equals(algorithm);
        } catch (MalformedKeyException e) {
            // Whatever this is, it is not the blob of a key of that name.
            return false;
        }
    }

    private static boolean startsWithByteOrderMark(byte[] line) {
        return line.length >= BYTE_ORDER_MARK_BYTES
                && line[0] == (byte) 0xef
                && line[1] == (byte) 0xbb
                && line[2] == (byte) 0xbf;
    }

    static byte[] format(SshPublicKey key) {
        if (!key.comment().fitsInLine()) {
            throw new SshKeyException("the comment of " + key.fingerprint()
                    + " holds control characters and cannot stand in a line: replace it with withComment(...)");
        }
        byte[] head = (key.algorithm() + " " + Base64.getEncoder().encodeToString(key.blobInPlace()))
                .getBytes(StandardCharsets.US_ASCII);
        byte[] comment = key.comment().toByteArray();
        if (comment.length == 0) {
            return head;
        }
        byte[] line = Arrays.copyOf(head, head.length + 1 + comment.length);
        line[head.length] = ' ';
        System.arraycopy(comment, 0, line, head.length + 1, comment.length);
        return line;
    }

    private static int skipBlanks(byte[] line, int from, int end) {
        int i = from;
        while (i < end && (line[i] == ' ' || line[i] == '\t')) {
            i++;
        }
        return i;
    }

    private static int skipWord(byte[] line, int from, int end) {
        int i = from;
        while (i < end && line[i] != ' ' && line[i] != '\t') {
            i++;
        }
        return i;
    }

    private static boolean isBlankOrLineEnd(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
