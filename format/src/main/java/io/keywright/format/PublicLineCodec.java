package io.keywright.format;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
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
}
