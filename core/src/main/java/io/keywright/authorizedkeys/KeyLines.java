package io.keywright.authorizedkeys;

import io.keywright.KeyComment;
import io.keywright.SshPublicKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Writes lines, and rewrites a part of one. */
final class KeyLines {
    static final byte[] LF = {'\n'};
    static final byte[] CR_LF = {'\r', '\n'};

    private static final byte[] SPACE = {' '};
    private static final byte[] NOTHING = new byte[0];

    private KeyLines() {}

    /** Formats a line without its line end. */
    static byte[] format(KeyOptions options, SshPublicKey key, KeyComment comment) {
        requireFits(comment);
        boolean bare = options.isEmpty();
        return join(
                bare ? NOTHING : options.toBytes(),
                bare ? NOTHING : SPACE,
                key.withComment(comment).toLineBytes());
    }

    /** Puts another key into a line, and leaves every byte that is not carried-over options, key or comment. */
    static byte[] withKey(Entry line, SshPublicKey key, CarryOver carryOver) {
        LineLayout layout = line.layout;
        byte[] tail;
        if (carryOver.carriesComment()) {
            tail = Arrays.copyOfRange(line.data, layout.blobEnd, layout.textEnd);
        } else {
            requireFits(key.comment());
            tail = key.comment().isEmpty() ? NOTHING : join(SPACE, key.comment().toByteArray());
        }
        return join(
                head(line, carryOver.from(line)),
                key.algorithm().getBytes(StandardCharsets.US_ASCII),
                Arrays.copyOfRange(line.data, layout.typeEnd, layout.blobStart),
                Base64.getEncoder().encode(key.blob()),
                tail,
                Arrays.copyOfRange(line.data, layout.textEnd, line.to));
    }

    /** Puts other options into a line, and leaves every byte that is not options. */
    static byte[] withOptions(Entry line, KeyOptions options) {
        return join(head(line, options), Arrays.copyOfRange(line.data, line.layout.typeStart, line.to));
    }

    /** Makes what stands before the key type. */
    private static byte[] head(Entry line, KeyOptions options) {
        LineLayout layout = line.layout;
        boolean had = layout.optionsEnd > layout.optionsStart;
        int optionsStart = had ? layout.optionsStart : layout.typeStart;
        byte[] indent = Arrays.copyOfRange(line.data, line.from, optionsStart);
        byte[] text = options.toBytes();
        if (text.length == 0) {
            return indent;
        }
        return join(indent, text, had ? Arrays.copyOfRange(line.data, layout.optionsEnd, layout.typeStart) : SPACE);
    }

    private static void requireFits(KeyComment comment) {
        if (!comment.fitsInLine()) {
            throw new EditRefusedException(
                    EditRefusedException.Reason.NOT_WRITABLE, "the comment holds control characters");
        }
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
