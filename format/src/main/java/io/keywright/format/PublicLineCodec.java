package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import java.util.Arrays;
import java.util.Optional;

/** OpenSSH's public key line, without options: {@code algorithm SP base64(blob) [SP comment]}. */
final class PublicLineCodec implements KeyCodec {
    static final PublicLineCodec INSTANCE = new PublicLineCodec();

    private PublicLineCodec() {}

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        throw new UnexpectedPublicKeyException(readPublic(block, context));
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        return SshPublicKey.parseLine(block.body());
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        SshPublicKey key = readPublic(block, context);
        return Inspections.of(block, key).comment(Optional.of(key.comment())).build();
    }

    static EncodedKey write(SshPublicKey key) {
        byte[] line = key.toLineBytes();
        byte[] file = Arrays.copyOf(line, line.length + 1);
        file[line.length] = '\n';
        return new EncodedKey(KeyFormat.PUBLIC_LINE, keepsComment(key.comment()), SecretBytes.takeOver(file));
    }

    /** Whoever reads a line takes blanks at the comment's ends for blanks around it. */
    private static boolean keepsComment(KeyComment comment) {
        byte[] bytes = comment.toByteArray();
        return bytes.length == 0 || !(isBlank(bytes[0]) || isBlank(bytes[bytes.length - 1]));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
