package io.keywright.format;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.OpaquePublicKey;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * openssh-key-v1, OpenSSH's own private key file (its PROTOCOL.key). In base64 between a BEGIN and an END line:
 *
 * <pre>
 *   "openssh-key-v1" and a zero byte
 *   string  cipher          "none", or a name that ssh-keygen -Z takes
 *   string  KDF             "none" or "bcrypt"
 *   string  KDF options     empty, or: string salt, uint32 rounds
 *   uint32  count           of keys: always 1
 *   string  public key blob in the clear
 *   string  private section encrypted, a whole number of blocks
 *   byte[]  tag             of an authenticated cipher, outside of any string
 * </pre>
 *
 * <p>The private section, see {@link OpensshPrivateSection}, is two equal random words, the key with its comment, and
 * padding. Equal words tell that the passphrase was right. Where they differ the file may just as well be damaged; but when
 * the key's type stands in clear behind them, then only the file is to blame.
 */
final class OpensshCodec implements KeyCodec {
    static final OpensshCodec INSTANCE = new OpensshCodec();
    static final String FORMAT = KeyFormat.OPENSSH.displayName();

    private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final String BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
    private static final String END = "-----END OPENSSH PRIVATE KEY-----";
    private static final String NONE = "none";
    private static final String BCRYPT = "bcrypt";
    /** As ssh-keygen breaks its lines. */
    private static final int COLUMNS = 70;
    /** As ssh-keygen chooses it. */
    private static final int SALT_BYTES = 16;
    /** The block where there is no cipher. */
    private static final int PLAIN_BLOCK_BYTES = 8;
    /** RFC 4251, section 6: a name has at most 64 characters. A longer one would only blow up messages. */
    private static final int MAX_NAME_LENGTH = 64;
    /** What ssh-keygen wrote for most of its life; it writes 24 now. */
    private static final int CHEAP_BELOW_ROUNDS = 16;

    private OpensshCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        try (Envelope envelope = new Envelope(block.decodeBase64())) {
            return open(envelope, context).pair();
        }
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        try (Envelope envelope = new Envelope(block.decodeBase64())) {
            if (envelope.isEncrypted() || envelope.publicKey instanceof OpaquePublicKey) {
                return envelope.publicKey;
            }
            try (SshKeyPair pair = open(envelope, context).pair()) {
                return pair.publicKey();
            }
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        try (Envelope envelope = new Envelope(block.decodeBase64())) {
            if (envelope.isEncrypted()) {
                Map<String, Long> cost = envelope.kdf.equals(BCRYPT) ? Map.of("rounds", envelope.rounds) : Map.of();
                return Inspections.of(block, envelope.publicKey)
                        .encrypted(envelope.cipherName, new KdfDescription(envelope.kdf, cost))
                        .warnIf(envelope.cipher == OpensshCipher.TRIPLE_DES_CBC, KeyWarning.OUTDATED_CIPHER)
                        .warnIf(envelope.rounds < CHEAP_BELOW_ROUNDS, KeyWarning.CHEAP_KDF)
                        .warnIf(envelope.rounds > context.limits().maxBcryptRounds(), KeyWarning.KDF_ABOVE_LIMIT)
                        .build();
            }
            if (envelope.publicKey instanceof OpaquePublicKey) {
                return Inspections.of(block, envelope.publicKey).build();
            }
            OpensshPrivateSection.Opened opened = open(envelope, context);
            try (SshKeyPair pair = opened.pair()) {
                return Inspections.of(block, pair.publicKey())
                        .comment(Optional.of(pair.comment()))
                        .warnIf(opened.overPadded(), KeyWarning.OVER_PADDED)
                        .build();
            }
        }
    }

    /** Decrypts and reads the private section. */
    private static OpensshPrivateSection.Opened open(Envelope envelope, Context context) {
        if (envelope.publicKey instanceof OpaquePublicKey) {
            throw new UnsupportedKeyException(
                    envelope.publicKey.algorithm(),
                    "private keys of type " + envelope.publicKey.algorithm() + " are not known");
        }
        if (!envelope.isEncrypted()) {
            WireReader section = new WireReader(FORMAT, envelope.file, envelope.from, envelope.to);
            if (!readEqualCheckNumbers(section)) {
                throw section.malformed("check numbers", "they differ: the data is damaged");
            }
            return OpensshPrivateSection.read(section, envelope.publicKey, PLAIN_BLOCK_BYTES);
        }
        OpensshCipher cipher = envelope.requireReadable();
        if (context.passphrase() == null) {
            throw new PassphraseRequiredException(FORMAT, envelope.publicKey);
        }
        context.limits().requireBcryptRounds(envelope.rounds);
        byte[] plain = decrypt(envelope, cipher, context.passphrase());
        try {
            WireReader section = new WireReader(FORMAT, plain);
            if (!readEqualCheckNumbers(section)) {
                throw differingCheckNumbers(plain, envelope.publicKey);
            }
            return OpensshPrivateSection.read(section, envelope.publicKey, cipher.blockBytes);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static boolean readEqualCheckNumbers(WireReader section) {
        long first = section.readUint32("check number");
        return first == section.readUint32("check number");
    }

    private static byte[] decrypt(Envelope envelope, OpensshCipher cipher, Passphrase passphrase) {
        byte[] keyAndIv = passphrase
                .secret()
                .use(secret ->
                        BcryptPbkdf.derive(secret, envelope.salt, envelope.rounds, cipher.keyBytes + cipher.ivBytes));
        try {
            byte[] plain =
                    SectionCipher.decrypt(cipher, keyAndIv, envelope.file, envelope.from, envelope.to - envelope.from);
            if (plain == null) {
                throw new WrongPassphraseException(FORMAT, true);
            }
            return plain;
        } finally {
            Arrays.fill(keyAndIv, (byte) 0);
        }
    }

    private static RuntimeException differingCheckNumbers(byte[] plain, SshPublicKey publicKey) {
        byte[] type;
        try (WireWriter writer = new WireWriter()) {
            type = writer.writeString(publicKey.algorithm()).toByteArray();
        }
        boolean typeInClear =
                plain.length >= 8 + type.length && Arrays.equals(plain, 8, 8 + type.length, type, 0, type.length);
        return typeInClear
                ? new MalformedKeyException(
                        FORMAT, "check numbers", "they differ although the passphrase is right: the data is damaged")
                : new WrongPassphraseException(FORMAT, true);
    }

    /** What stands in front of the private section, parsed, and where that is. Wipes the file when closed. */
    private static final class Envelope implements AutoCloseable {
        final byte[] file;
        final String cipherName;
        /** Null when there is none, or none that is known. */
        final @Nullable OpensshCipher cipher;

        final String kdf;
        byte[] salt = new byte[0];
        long rounds;
        final SshPublicKey publicKey;
        final int from;
        final int to;

        @SuppressWarnings("resource") // what a failing constructor leaves open is wiped here
        Envelope(byte[] file) {
            this.file = file;
            boolean parsed = false;
            try {
                if (file.length < MAGIC.length || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
                    throw new MalformedKeyException(FORMAT, "magic", "the data does not begin with openssh-key-v1");
                }
                WireReader reader = new WireReader(FORMAT, file, MAGIC.length, file.length);
                cipherName = name(reader, "cipher");
                cipher = OpensshCipher.ofSshName(cipherName).orElse(null);
                kdf = name(reader, "KDF");
                readKdfOptions(reader);
                long count = reader.readUint32("key count");
                if (count != 1) {
                    throw reader.malformed("key count", "1 expected, got " + count);
                }
                publicKey = SshPublicKey.fromBlob(reader.readString("public key"));
                int length = reader.readLength("private section");
                from = reader.position();
                to = from + length;
                requireWholeBlocks(reader, length);
                parsed = true;
            } finally {
                if (!parsed) {
                    close();
                }
            }
        }

        private void readKdfOptions(WireReader reader) {
            WireReader options = reader.readStringInPlace("KDF options");
            if (kdf.equals(NONE) != cipherName.equals(NONE)) {
                throw reader.malformed("KDF", "cipher and KDF must both be none, or neither");
            }
            if (kdf.equals(BCRYPT)) {
                salt = options.readString("KDF salt");
                rounds = options.readUint32("KDF rounds");
                if (salt.length == 0 || rounds == 0) {
                    throw options.malformed("KDF options", "salt and rounds must not be empty");
                }
            }
            if (kdf.equals(BCRYPT) || kdf.equals(NONE)) {
                options.requireEnd("KDF options");
            }
        }

        /** Only a known cipher tells how long a block is and whether a tag follows. */
        private void requireWholeBlocks(WireReader reader, int length) {
            if (isEncrypted() && cipher == null) {
                return;
            }
            int block = cipher == null ? PLAIN_BLOCK_BYTES : cipher.blockBytes;
            if (length < block || length % block != 0) {
                throw reader.malformed("private section", length + " bytes are no whole number of blocks of " + block);
            }
            int tag = cipher != null && cipher.isAuthenticated() ? SectionCipher.TAG_BYTES : 0;
            int rest = reader.remaining() - length;
            if (rest != tag) {
                throw reader.malformed("end", tag + " bytes expected behind the private section, got " + rest);
            }
        }

        boolean isEncrypted() {
            return !cipherName.equals(NONE);
        }

        OpensshCipher requireReadable() {
            if (cipher == null) {
                throw new UnsupportedKeyException(cipherName, "the cipher " + cipherName + " is not known");
            }
            if (!kdf.equals(BCRYPT)) {
                throw new UnsupportedKeyException(kdf, "the key derivation " + kdf + " is not known");
            }
            return cipher;
        }

        private static String name(WireReader reader, String field) {
            String name = reader.readName(field);
            if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
                throw reader.malformed(field, "a name of 1 to " + MAX_NAME_LENGTH + " characters is expected");
            }
            return name;
        }

        @Override
        public void close() {
            Arrays.fill(file, (byte) 0);
        }
    }

    // --- writing ---

    /** How to encrypt. */
    record Encryption(Passphrase passphrase, OpensshCipher cipher, int rounds) {}

    /** Encodes a key pair, encrypted unless {@code encryption} is null. */
    static EncodedKey write(SshKeyPair pair, KeyComment comment, @Nullable Encryption encryption, SecureRandom random) {
        int block = encryption == null ? PLAIN_BLOCK_BYTES : encryption.cipher().blockBytes;
        byte[] section = OpensshPrivateSection.write(pair, comment, random.nextInt(), block);
        try (WireWriter writer = new WireWriter()) {
            writer.writeBytes(MAGIC);
            byte[] stored = encryption == null
                    ? writePlainHeader(writer, section)
                    : writeEncryptedHeader(writer, section, encryption, random);
            writer.writeUint32(1).writeString(pair.publicKey().blob());
            writer.writeUint32(section.length).writeBytes(stored);
            byte[] file = writer.toByteArray();
            try {
                return new EncodedKey(
                        KeyFormat.OPENSSH, true, SecretBytes.takeOver(KeyBlock.armour(BEGIN, END, file, COLUMNS)));
            } finally {
                Arrays.fill(file, (byte) 0);
            }
        } finally {
            Arrays.fill(section, (byte) 0);
        }
    }

    private static byte[] writePlainHeader(WireWriter writer, byte[] section) {
        writer.writeString(NONE).writeString(NONE).writeString(new byte[0]);
        return section;
    }

    /** Writes cipher and KDF, and returns the encrypted section with its tag, which is not part of the section's length. */
    private static byte[] writeEncryptedHeader(
            WireWriter writer, byte[] section, Encryption encryption, SecureRandom random) {
        OpensshCipher cipher = encryption.cipher();
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        writer.writeString(cipher.sshName()).writeString(BCRYPT);
        try (WireWriter options = new WireWriter()) {
            writer.writeString(
                    options.writeString(salt).writeUint32(encryption.rounds()).toByteArray());
        }
        byte[] keyAndIv = encryption
                .passphrase()
                .secret()
                .use(secret -> BcryptPbkdf.derive(secret, salt, encryption.rounds(), cipher.keyBytes + cipher.ivBytes));
        try {
            return SectionCipher.encrypt(cipher, keyAndIv, section);
        } finally {
            Arrays.fill(keyAndIv, (byte) 0);
        }
    }
}
