package io.keywright.format;

import io.keywright.DsaPublicKey;
import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.jspecify.annotations.Nullable;

/**
 * The private key file of ssh.com, which nobody specified: this is what PuTTY and OpenSSH read and write. Headers, see
 * {@link Ssh2Headers}, and in base64:
 *
 * <pre>
 *   uint32  0x3f6ff9eb
 *   uint32  size            of all of this, these two words and all
 *   string  type            "if-modn{sign{rsa..." or "dl-modp{sign{dsa..."
 *   string  cipher          "none" or "3des-cbc"
 *   string  section         encrypted: string payload, and random padding to whole blocks of 8
 * </pre>
 *
 * <p>{@link SshComPayload} is the payload.
 *
 * <p>The key of 3des-cbc is the first 24 bytes of MD5(passphrase) || MD5(passphrase || what came first), the IV is zero.
 * There is no MAC: the payload's length, which has to fit the section, tells that the passphrase was right. The comment
 * stands between quotes, and quotes and backslashes within are as they are.
 */
final class SshComCodec implements KeyCodec {
    static final SshComCodec INSTANCE = new SshComCodec();

    private static final String FORMAT = KeyFormat.SSHCOM.displayName();
    private static final String BEGIN = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----";
    private static final String END = "---- END SSH2 ENCRYPTED PRIVATE KEY ----";
    private static final long MAGIC = 0x3f6ff9ebL;
    private static final String RSA_PREFIX = "if-modn{sign{rsa";
    private static final String RSA_TYPE = RSA_PREFIX + "-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}";
    private static final String DSA_PREFIX = "dl-modp{sign{dsa";
    private static final String DSA_TYPE = DSA_PREFIX + "-nist-sha1},dh{plain}}";
    private static final String NONE = "none";
    private static final CbcCipher CIPHER = CbcCipher.TRIPLE_DES;
    /** As PuTTY and ssh-keygen break lines. */
    private static final int COLUMNS = 70;
    /** PuTTY's lines of the comment, but for the backslash. */
    private static final int COMMENT_COLUMNS = 70;

    private SshComCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        try (Envelope envelope = new Envelope(block)) {
            return open(envelope, context);
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        try (Envelope envelope = new Envelope(block)) {
            if (envelope.isEncrypted()) {
                // An MD5 or two a guess, whatever the cipher.
                return Inspections.of(block, null)
                        .algorithm(envelope.algorithm)
                        .comment(Optional.of(envelope.comment))
                        .encrypted(envelope.cipher, new KdfDescription("MD5", Map.of()))
                        .warnIf(envelope.cipher.equals(CIPHER.displayName), KeyWarning.OUTDATED_CIPHER)
                        .warnIf(true, KeyWarning.CHEAP_KDF)
                        .build();
            }
            try (SshKeyPair pair = open(envelope, context)) {
                return Inspections.of(block, pair.publicKey())
                        .comment(Optional.of(envelope.comment))
                        .warnIf(paddingOf(envelope.section) > 0, KeyWarning.OVER_PADDED)
                        .build();
            }
        }
    }

    private static SshKeyPair open(Envelope envelope, Context context) {
        if (!envelope.isEncrypted()) {
            if (!isPayloadInPlace(envelope.section)) {
                throw malformed("payload", "its length does not fit the data around it");
            }
            return payload(envelope.section, envelope);
        }
        if (!envelope.cipher.equals(CIPHER.displayName)) {
            throw new UnsupportedKeyException(envelope.cipher, "the cipher " + envelope.cipher + " is not known");
        }
        if (envelope.section.length == 0 || envelope.section.length % CIPHER.blockBytes != 0) {
            throw malformed("encrypted section", "it is no whole number of blocks of " + CIPHER.blockBytes);
        }
        if (context.passphrase() == null) {
            throw new PassphraseRequiredException(FORMAT, null);
        }
        byte[] plain = crypt(false, context.passphrase(), envelope.section);
        try {
            if (!isPayloadInPlace(plain)) {
                throw new WrongPassphraseException(FORMAT, true);
            }
            return payload(plain, envelope);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Tells whether the payload leaves less than a block for padding, as by chance one section in 2^29 does. */
    private static boolean isPayloadInPlace(byte[] section) {
        long padding = paddingOf(section);
        return padding >= 0 && padding < CIPHER.blockBytes;
    }

    private static long paddingOf(byte[] section) {
        return section.length < Integer.BYTES
                ? -1
                : section.length - Integer.BYTES - new WireReader(FORMAT, section).readUint32("payload length");
    }

    private static SshKeyPair payload(byte[] section, Envelope envelope) {
        WireReader payload = new WireReader(FORMAT, section).readStringInPlace("payload");
        return SshComPayload.read(payload, envelope.algorithm, envelope.comment);
    }

    private static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(FORMAT, where, problem);
    }

    /** What stands around the section, and the section itself, which is wiped when closed. */
    private static final class Envelope implements AutoCloseable {
        final KeyComment comment;
        /** SSH's name of it. */
        final String algorithm;

        final String cipher;
        final byte[] section;

        Envelope(KeyBlock block) {
            Ssh2Headers headers = Ssh2Headers.read(block);
            byte[] value = Objects.requireNonNullElse(headers.comment, new byte[0]);
            comment = KeyComment.ofBytes(Objects.requireNonNullElse(Ssh2Headers.withoutQuotes(value), value));
            byte[] file = block.decodeBase64(headers.bodyFrom, block.bodyTo());
            try {
                WireReader reader = new WireReader(FORMAT, file);
                if (reader.readUint32("magic") != MAGIC) {
                    throw reader.malformed("magic", "the data does not begin as this format does");
                }
                long size = reader.readUint32("size");
                if (size != file.length) {
                    throw reader.malformed("size", size + " bytes announced, " + file.length + " are there");
                }
                algorithm = algorithm(reader.readName("type"));
                cipher = reader.readName("cipher");
                int length = reader.readLength("section");
                if (length != reader.remaining()) {
                    throw reader.malformed("end", reader.remaining() - length + " bytes too many");
                }
                section = reader.readBytes(length, "section");
            } finally {
                Arrays.fill(file, (byte) 0);
            }
        }

        private static String algorithm(String type) {
            if (type.startsWith(RSA_PREFIX)) {
                return RsaPublicKey.ALGORITHM;
            } else if (type.startsWith(DSA_PREFIX)) {
                return DsaPublicKey.ALGORITHM;
            }
            throw new UnsupportedKeyException(type, "keys of the type " + type + " are not known");
        }

        boolean isEncrypted() {
            return !cipher.equals(NONE);
        }

        @Override
        public void close() {
            Arrays.fill(section, (byte) 0);
        }
    }

    // --- both ways ---

    private static byte[] crypt(boolean encrypt, Passphrase passphrase, byte[] data) {
        byte[] key = passphrase.secret().use(SshComCodec::key);
        try {
            return CIPHER.process(encrypt, key, new byte[CIPHER.blockBytes], data);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] key(byte[] passphrase) {
        MD5Digest digest = new MD5Digest();
        byte[] blocks = new byte[2 * digest.getDigestSize()];
        digest.update(passphrase, 0, passphrase.length);
        digest.doFinal(blocks, 0);
        digest.update(passphrase, 0, passphrase.length);
        digest.update(blocks, 0, digest.getDigestSize());
        digest.doFinal(blocks, digest.getDigestSize());
        byte[] key = Arrays.copyOf(blocks, CIPHER.keyBytes);
        Arrays.fill(blocks, (byte) 0);
        return key;
    }

    // --- writing ---

    /** Encodes a key pair, encrypted when there is a passphrase. */
    static EncodedKey write(SshKeyPair pair, KeyComment comment, @Nullable Passphrase passphrase, SecureRandom random) {
        byte[] header = header(Ssh2Headers.requireWritable(comment));
        byte[] section = section(pair, passphrase == null ? null : random);
        byte[] stored = passphrase == null ? section : crypt(true, passphrase, section);
        String type = pair.privateKey() instanceof RsaPrivateKey ? RSA_TYPE : DSA_TYPE;
        String cipher = passphrase == null ? NONE : CIPHER.displayName;
        try (WireWriter writer = new WireWriter()) {
            writer.writeUint32(MAGIC)
                    .writeUint32(5 * Integer.BYTES + type.length() + cipher.length() + stored.length)
                    .writeString(type)
                    .writeString(cipher)
                    .writeString(stored);
            byte[] file = writer.toByteArray();
            byte[] text = KeyBlock.armour(BEGIN, header, END, file, COLUMNS);
            Arrays.fill(file, (byte) 0);
            return new EncodedKey(KeyFormat.SSHCOM, true, SecretBytes.takeOver(text));
        } finally {
            Arrays.fill(section, (byte) 0);
            Arrays.fill(stored, (byte) 0);
        }
    }

    private static byte[] header(byte[] comment) {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.writeBytes("Comment: \"".getBytes(StandardCharsets.US_ASCII));
        int room = COMMENT_COLUMNS - header.size();
        int from = 0;
        while (comment.length - from > room) {
            header.write(comment, from, room);
            header.write('\\');
            header.write('\n');
            from += room;
            room = COMMENT_COLUMNS;
        }
        header.write(comment, from, comment.length - from);
        header.write('"');
        header.write('\n');
        return header.toByteArray();
    }

    /** Encodes the section in the clear, padded when there is a random source. */
    private static byte[] section(SshKeyPair pair, @Nullable SecureRandom paddingFrom) {
        byte[] payload = SshComPayload.write(pair);
        try (WireWriter section = new WireWriter()) {
            section.writeString(payload);
            if (paddingFrom != null) {
                byte[] padding = new byte[-section.size() & (CIPHER.blockBytes - 1)];
                paddingFrom.nextBytes(padding);
                section.writeBytes(padding);
            }
            return section.toByteArray();
        } finally {
            Arrays.fill(payload, (byte) 0);
        }
    }
}
