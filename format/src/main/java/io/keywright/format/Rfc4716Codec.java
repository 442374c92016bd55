package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The public key file of RFC 4716:
 *
 * <pre>
 *   ---- BEGIN SSH2 PUBLIC KEY ----
 *   Comment: "value"            a header, see {@link Ssh2Headers}
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

    private static final String BEGIN = "---- BEGIN SSH2 PUBLIC KEY ----";
    private static final String END = "---- END SSH2 PUBLIC KEY ----";
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
        Ssh2Headers headers = Ssh2Headers.read(block);
        return SshPublicKey.fromBlob(block.decodeBase64(headers.bodyFrom, block.bodyTo()))
                .withComment(headers.comment == null ? KeyComment.EMPTY : unquoted(headers.comment));
    }

    /** Takes quotes away, and within them the backslashes that PuTTY puts before quotes and backslashes. */
    private static KeyComment unquoted(byte[] value) {
        byte[] quoted = Ssh2Headers.withoutQuotes(value);
        if (quoted == null) {
            return KeyComment.ofBytes(value);
        }
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (int i = 0; i < quoted.length; i++) {
            boolean escape =
                    quoted[i] == '\\' && i + 1 < quoted.length && (quoted[i + 1] == '"' || quoted[i + 1] == '\\');
            plain.write(quoted[escape ? ++i : i]);
        }
        return KeyComment.ofBytes(plain.toByteArray());
    }

    // --- writing ---

    static EncodedKey write(SshPublicKey key) {
        byte[] header = key.comment().isEmpty() ? new byte[0] : header(Ssh2Headers.requireWritable(key.comment()));
        byte[] file = KeyBlock.armour(BEGIN, header, END, key.blob(), COLUMNS);
        return new EncodedKey(KeyFormat.PUBLIC_RFC4716, true, SecretBytes.takeOver(file));
    }

    private static byte[] header(byte[] comment) {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes("Comment: \"".getBytes(StandardCharsets.US_ASCII));
        for (byte b : comment) {
            if (b == '"' || b == '\\') {
                header.write('\\');
            }
            header.write(b);
        }
        header.write('"');
        return wrapped(header.toByteArray());
    }

    /** Breaks a header into lines of at most 72 bytes with their backslash, never within a character of UTF-8. */
    private static byte[] wrapped(byte[] header) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
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
        return file.toByteArray();
    }
}
