package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * OpenSSH's public key line: {@code [options SP] algorithm SP base64(blob) [SP comment]}. Options are read where the caller
 * allows them, and never written.
 */
final class PublicLineCodec implements KeyCodec {
    static final PublicLineCodec INSTANCE = new PublicLineCodec();

    private PublicLineCodec() {}

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        throw new UnexpectedPublicKeyException(readPublic(block, context));
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        byte[] line = block.body();
        Optional<Entry> withOptions = findOptions(line);
        if (withOptions.isEmpty()) {
            return SshPublicKey.parseLine(line);
        }
        if (!context.optionsAllowed()) {
            throw new MalformedKeyException(
                    KeyFormat.PUBLIC_LINE.displayName(),
                    "options",
                    "options stand in front of the key, as in authorized_keys: remove them, allow them with"
                            + " KeyReader.withOptionsAllowed, or read the line with AuthorizedKeys");
        }
        return withOptions.get().key().withComment(withOptions.get().comment());
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        SshPublicKey key = readPublic(block, new Context(context.limits(), null, true));
        return Inspections.of(block, key)
                .comment(Optional.of(key.comment()))
                .warnIf(findOptions(block.body()).isPresent(), KeyWarning.OPTIONS_IN_FRONT)
                .build();
    }

    /** Finds the key of a line of {@code authorized_keys} that has options in front, as sshd splits it. */
    static Optional<Entry> findOptions(byte[] line) {
        List<Entry> entries = AuthorizedKeys.parse(line).entries();
        return entries.size() == 1 && !entries.get(0).options().isEmpty()
                ? Optional.of(entries.get(0))
                : Optional.empty();
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
