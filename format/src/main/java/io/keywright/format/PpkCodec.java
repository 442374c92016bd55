package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * PuTTY's private key file, versions 2 and 3 (PuTTY's manual, appendix C) and, to be read only, version 1, which PuTTY's
 * snapshots between 0.51 and 0.52 wrote. {@link PpkFile} has the text, {@link PpkPrivateBlob} the private half, and {@link
 * PpkKeys} the keys and the MAC, which is always checked, in files without encryption too, where it tells damage.
 */
final class PpkCodec implements KeyCodec {
    static final PpkCodec INSTANCE = new PpkCodec();
    private static final String FORMAT = PpkFile.FORMAT;
    /** As PuTTY breaks its lines. */
    private static final int COLUMNS = 64;
    /** Half of puttygen's memory times the passes that it takes on a slow machine. */
    private static final long CHEAP_BELOW_WORK_KIB = 8192L * 4;

    private PpkCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        try (PpkFile file = new PpkFile(block)) {
            return open(file, context);
        }
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        try (PpkFile file = new PpkFile(block)) {
            if (file.isEncrypted()) {
                return file.publicKey();
            }
            try (SshKeyPair pair = open(file, context)) {
                return pair.publicKey();
            }
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        try (PpkFile file = new PpkFile(block)) {
            if (!file.isEncrypted()) {
                try (SshKeyPair pair = open(file, context)) {
                    return Inspections.of(block, pair.publicKey())
                            .comment(Optional.of(pair.comment()))
                            .build();
                }
            }
            SshPublicKey key = file.publicKey();
            PpkFile.Argon2Cost cost = file.argon2;
            boolean cheap = cost == null || cost.memoryKib() * cost.passes() < CHEAP_BELOW_WORK_KIB;
            return Inspections.of(block, key)
                    .comment(Optional.of(key.comment()))
                    .encrypted(file.encryption, describe(cost))
                    .warnIf(cheap, KeyWarning.CHEAP_KDF)
                    .warnIf(exceeds(cost, context.limits()), KeyWarning.KDF_ABOVE_LIMIT)
                    .build();
        }
    }

    private static KdfDescription describe(PpkFile.@Nullable Argon2Cost cost) {
        if (cost == null) {
            return new KdfDescription("SHA-1", Map.of());
        }
        Map<String, Long> costs = new LinkedHashMap<>();
        costs.put("memory KiB", cost.memoryKib());
        costs.put("passes", cost.passes());
        costs.put("parallelism", cost.parallelism());
        return new KdfDescription(cost.kind(), costs);
    }

    private static boolean exceeds(PpkFile.@Nullable Argon2Cost cost, ReadLimits limits) {
        try {
            if (cost != null) {
                limits.requireArgon2(cost.memoryKib(), cost.passes(), cost.parallelism());
            }
            return false;
        } catch (LimitExceededException e) {
            return true;
        }
    }

    private static SshKeyPair open(PpkFile file, Context context) {
        SshPublicKey publicKey = file.publicKey();
        if (!file.isEncrypted()) {
            try (PpkKeys keys = PpkKeys.plain(file.version)) {
                return verified(file, keys, file.privateBlob, publicKey);
            }
        }
        if (!file.encryption.equals(PpkFile.AES)) {
            throw new UnsupportedKeyException(file.encryption, "the cipher " + file.encryption + " is not known");
        }
        if (file.privateBlob.length == 0 || file.privateBlob.length % PpkPrivateBlob.BLOCK_BYTES != 0) {
            throw PpkFile.malformed("private blob", "it is no whole number of blocks of " + PpkPrivateBlob.BLOCK_BYTES);
        }
        if (context.passphrase() == null) {
            throw new PassphraseRequiredException(FORMAT, publicKey);
        }
        try (PpkKeys keys = PpkKeys.derive(context.passphrase(), file.argon2, file.salt, context.limits())) {
            byte[] plain = CbcCipher.AES256.process(false, keys.key, keys.iv, file.privateBlob);
            try {
                return verified(file, keys, plain, publicKey);
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
    }

    private static SshKeyPair verified(PpkFile file, PpkKeys keys, byte[] plain, SshPublicKey publicKey) {
        // An editor may have left blanks behind the comment, or the comment may end with blanks: the MAC tells.
        for (KeyComment comment : new KeyComment[] {file.comment, trimmed(file.comment)}) {
            if (MessageDigest.isEqual(mac(file, keys, comment, plain), file.mac)) {
                return PpkPrivateBlob.read(plain, publicKey.withComment(comment), file.version, file.isEncrypted());
            }
        }
        if (file.isEncrypted()) {
            throw new WrongPassphraseException(FORMAT, true);
        }
        throw PpkFile.malformed("Private-MAC", "it does not fit: the file was changed or damaged");
    }

    private static byte[] mac(PpkFile file, PpkKeys keys, KeyComment comment, byte[] plain) {
        if (file.hashOnly) {
            return PpkPrivateBlob.sha1(plain, plain.length);
        }
        return file.version == 1
                ? keys.mac(plain)
                : keys.mac(file.algorithm, file.encryption, comment, file.publicBlob, plain);
    }

    private static KeyComment trimmed(KeyComment comment) {
        byte[] bytes = comment.toByteArray();
        int end = bytes.length;
        while (end > 0 && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
            end--;
        }
        return KeyComment.ofBytes(Arrays.copyOf(bytes, end));
    }

    // --- writing ---

    /** Encodes a key pair, encrypted unless {@code encryption} is null. */
    static EncodedKey write(
            SshKeyPair pair,
            KeyComment comment,
            int version,
            PpkKeyWriter.@Nullable Encryption encryption,
            SecureRandom random) {
        if (!comment.fitsInLine()) {
            throw new SshKeyException(
                    "the comment holds control characters and cannot stand in PPK: write another one");
        }
        byte[] salt = new byte[encryption != null && version == 3 ? PpkKeyWriter.SALT_BYTES : 0];
        random.nextBytes(salt);
        byte[] plain = PpkPrivateBlob.write(pair, encryption != null);
        try (PpkKeys keys = encryption == null
                ? PpkKeys.plain(version)
                : PpkKeys.derive(encryption.passphrase(), encryption.cost(), salt, ReadLimits.defaults())) {
            byte[] stored = encryption == null ? plain : CbcCipher.AES256.process(true, keys.key, keys.iv, plain);
            String algorithm = pair.publicKey().algorithm();
            String cipher = encryption == null ? PpkFile.NONE : PpkFile.AES;
            byte[] blob = pair.publicKey().blob();
            Text text = new Text();
            text.line("PuTTY-User-Key-File-" + version + ": " + algorithm);
            text.line("Encryption: " + cipher);
            text.line("Comment: ", comment.toByteArray());
            text.body("Public-Lines: ", blob);
            PpkFile.Argon2Cost cost = encryption == null ? null : encryption.cost();
            if (cost != null) {
                text.line("Key-Derivation: " + cost.kind());
                text.line("Argon2-Memory: " + cost.memoryKib());
                text.line("Argon2-Passes: " + cost.passes());
                text.line("Argon2-Parallelism: " + cost.parallelism());
                text.line("Argon2-Salt: " + HexFormat.of().formatHex(salt));
            }
            text.body("Private-Lines: ", stored);
            byte[] mac = keys.mac(algorithm, cipher, comment, blob, plain);
            text.line("Private-MAC: " + HexFormat.of().formatHex(mac));
            return new EncodedKey(KeyFormat.PPK, true, text.take());
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Collects lines. */
    private static final class Text {
        private final WireWriter out = new WireWriter();

        void line(String ascii) {
            line(ascii, new byte[0]);
        }

        void line(String ascii, byte[] bytes) {
            out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII))
                    .writeBytes(bytes)
                    .writeByte('\n');
        }

        void body(String header, byte[] content) {
            byte[] base64 = Base64.getEncoder().encode(content);
            line(header + (base64.length + COLUMNS - 1) / COLUMNS);
            for (int from = 0; from < base64.length; from += COLUMNS) {
                line("", Arrays.copyOfRange(base64, from, Math.min(base64.length, from + COLUMNS)));
            }
            Arrays.fill(base64, (byte) 0);
        }

        SecretBytes take() {
            SecretBytes content = SecretBytes.takeOver(out.toByteArray());
            out.close();
            return content;
        }
    }
}
