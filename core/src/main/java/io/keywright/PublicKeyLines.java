package io.keywright;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The one-line form of a public key: {@code algorithm SP base64(blob) [SP comment]}, as sshd(8) describes it under
 * AUTHORIZED_KEYS FILE FORMAT, without options.
 */
final class PublicKeyLines {
    private static final String FORMAT = "public key line";

    private PublicKeyLines() {}

    static SshPublicKey parse(byte[] line) {
        int end = line.length;
        while (end > 0 && isBlankOrLineEnd(line[end - 1])) {
            end--;
        }
        int start = skipBlanks(line, 0, end);
        while (start < end && isBlankOrLineEnd(line[start])) {
            start++;
        }
        int nameEnd = skipWord(line, start, end);
        int blobStart = skipBlanks(line, nameEnd, end);
        int blobEnd = skipWord(line, blobStart, end);
        int commentStart = skipBlanks(line, blobEnd, end);
        if (blobStart == blobEnd) {
            throw new NotAKeyException("not a public key line: an algorithm and a base64 blob are expected");
        }
        for (int i = start; i < end; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                throw new MalformedKeyException(FORMAT, "line end", "more than one line where one key is expected");
            }
        }
        String algorithm = new String(line, start, nameEnd - start, StandardCharsets.ISO_8859_1);
        byte[] blob = decodeBase64(Arrays.copyOfRange(line, blobStart, blobEnd), algorithm);
        String blobAlgorithm = SshPublicKey.algorithmOf(blob);
        if (!blobAlgorithm.equals(algorithm)) {
            throw new MalformedKeyException(FORMAT, "algorithm", "the line and its blob name different algorithms");
        }
        return SshPublicKey.fromBlob(blob).withComment(KeyComment.ofBytes(Arrays.copyOfRange(line, commentStart, end)));
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

    private static byte[] decodeBase64(byte[] base64, String algorithm) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            // The decoder's message names an offending character, which may be part of a mis-pasted secret.
            if (algorithm.startsWith("ssh-") || algorithm.startsWith("ecdsa-") || algorithm.startsWith("sk-")) {
                throw new MalformedKeyException(FORMAT, "blob", "not base64");
            }
            throw new NotAKeyException("not a public key line: the second word is not base64");
        }
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
