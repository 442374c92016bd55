package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PrivateKey;
import io.keywright.Ed448PublicKey;
import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.PassphraseRequiredException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireReader;
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
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.jspecify.annotations.Nullable;

/**
 * PuTTY's private key file, versions 2 and 3 (PuTTY's manual, appendix C); {@link PpkFile} has the text and {@link PpkKeys}
 * the derived keys. The private blob, before encryption:
 *
 * <pre>
 *   ssh-rsa          mpint d, p, q, q^-1 mod p     (the larger prime is p)
 *   ssh-dss          mpint x
 *   ecdsa-sha2-*     mpint d
 *   ssh-ed25519, ssh-ed448   string seed
 *   byte[] padding   to whole blocks of 16 when encrypted: the first bytes of the blob's SHA-1
 * </pre>
 *
 * <p>The MAC is over the strings algorithm, encryption, comment, public blob, and private blob with its padding. It is always
 * checked, in files without encryption too, where it tells damage.
 */
final class PpkCodec implements KeyCodec {
    static final PpkCodec INSTANCE = new PpkCodec();
    private static final String FORMAT = PpkFile.FORMAT;
    private static final int BLOCK_BYTES = 16;
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
        if (file.privateBlob.length == 0 || file.privateBlob.length % BLOCK_BYTES != 0) {
            throw PpkFile.malformed("private blob", "it is no whole number of blocks of " + BLOCK_BYTES);
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
            byte[] mac = keys.mac(file.algorithm, file.encryption, comment, file.publicBlob, plain);
            if (MessageDigest.isEqual(mac, file.mac)) {
                return readPrivate(plain, publicKey.withComment(comment), file.isEncrypted());
            }
        }
        if (file.isEncrypted()) {
            throw new WrongPassphraseException(FORMAT, true);
        }
        throw PpkFile.malformed("Private-MAC", "it does not fit: the file was changed or damaged");
    }

    private static KeyComment trimmed(KeyComment comment) {
        byte[] bytes = comment.toByteArray();
        int end = bytes.length;
        while (end > 0 && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
            end--;
        }
        return KeyComment.ofBytes(Arrays.copyOf(bytes, end));
    }

    private static SshKeyPair readPrivate(byte[] plain, SshPublicKey publicKey, boolean padded) {
        WireReader reader = PpkFile.reader(plain);
        SshPrivateKey key = readKey(reader, publicKey);
        try {
            requirePadding(plain, reader.position(), padded);
        } catch (RuntimeException e) {
            key.close();
            throw e;
        }
        return SshKeyPair.of(publicKey, key);
    }

    private static SshPrivateKey readKey(WireReader reader, SshPublicKey publicKey) {
        if (publicKey instanceof RsaPublicKey) {
            byte[] d = reader.readUnsigned("RSA private exponent");
            byte[] p = reader.readUnsigned("RSA prime p");
            byte[] q = reader.readUnsigned("RSA prime q");
            byte[] coefficient = reader.readUnsigned("RSA coefficient");
            return RsaPrivateKey.takeOver(
                    SecretBytes.takeOver(d),
                    SecretBytes.takeOver(p),
                    SecretBytes.takeOver(q),
                    SecretBytes.takeOver(coefficient));
        } else if (publicKey instanceof DsaPublicKey) {
            return DsaPrivateKey.takeOver(SecretBytes.takeOver(reader.readUnsigned("DSA x")));
        } else if (publicKey instanceof EcdsaPublicKey ec) {
            return EcdsaPrivateKey.takeOver(ec.curve(), SecretBytes.takeOver(reader.readUnsigned("ECDSA scalar")));
        } else if (publicKey instanceof Ed25519PublicKey) {
            return Ed25519PrivateKey.takeOver(readSeed(reader, Ed25519PrivateKey.SEED_BYTES));
        } else if (publicKey instanceof Ed448PublicKey) {
            return Ed448PrivateKey.takeOver(readSeed(reader, Ed448PrivateKey.SEED_BYTES));
        }
        throw unknown(publicKey);
    }

    private static SecretBytes readSeed(WireReader reader, int bytes) {
        int length = reader.readLength("seed");
        if (length != bytes) {
            throw reader.malformed("seed", bytes + " bytes expected, got " + length);
        }
        return SecretBytes.takeOver(reader.readBytes(bytes, "seed"));
    }

    private static void requirePadding(byte[] plain, int from, boolean padded) {
        int count = plain.length - from;
        byte[] expected = padded && count < BLOCK_BYTES ? sha1(plain, from) : new byte[0];
        if (count > expected.length || !Arrays.equals(plain, from, plain.length, expected, 0, count)) {
            throw PpkFile.malformed("padding", "it is not what PuTTY writes");
        }
    }

    private static byte[] sha1(byte[] data, int length) {
        SHA1Digest digest = new SHA1Digest();
        digest.update(data, 0, length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return hash;
    }

    private static UnsupportedKeyException unknown(SshPublicKey key) {
        return new UnsupportedKeyException(
                key.algorithm(),
                FORMAT + " has no place for keys of type " + key.algorithm() + ", which are not written");
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
        byte[] plain = privateBlob(pair, encryption != null);
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

    private static byte[] privateBlob(SshKeyPair pair, boolean padded) {
        try (WireWriter writer = new WireWriter()) {
            SshPrivateKey privateKey = pair.privateKey();
            if (privateKey instanceof RsaPrivateKey key) {
                key.exponent().use(writer::writeUnsigned);
                RsaPrimes primes = RsaPrimes.largerFirst(key);
                writer.writeMpint(primes.p()).writeMpint(primes.q()).writeMpint(primes.coefficient());
            } else if (privateKey instanceof DsaPrivateKey key) {
                key.x().use(writer::writeUnsigned);
            } else if (privateKey instanceof EcdsaPrivateKey key) {
                key.scalar().use(writer::writeUnsigned);
            } else if (privateKey instanceof Ed25519PrivateKey key) {
                key.seed().use(seed -> writer.writeString(seed));
            } else if (privateKey instanceof Ed448PrivateKey key) {
                key.seed().use(seed -> writer.writeString(seed));
            } else {
                throw unknown(pair.publicKey());
            }
            byte[] blob = writer.toByteArray();
            if (padded && blob.length % BLOCK_BYTES != 0) {
                int count = BLOCK_BYTES - blob.length % BLOCK_BYTES;
                writer.writeBytes(Arrays.copyOf(sha1(blob, blob.length), count));
                Arrays.fill(blob, (byte) 0);
                return writer.toByteArray();
            }
            return blob;
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
