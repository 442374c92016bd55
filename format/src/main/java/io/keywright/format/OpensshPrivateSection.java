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
import io.keywright.KeyMismatchException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SkEcdsaPublicKey;
import io.keywright.SkEd25519PublicKey;
import io.keywright.SkPrivateKey;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * The private section of an openssh-key-v1 file, decrypted:
 *
 * <pre>
 *   uint32 check, uint32 check   the same random number twice
 *   string type                  and then
 *     ssh-rsa                    mpint n, e, d, q^-1 mod p, p, q      (n before e, unlike in a blob)
 *     ssh-dss                    mpint p, q, g, y, x
 *     ecdsa-sha2-*               string curve, string Q, mpint d
 *     ssh-ed25519, ssh-ed448     string point, string seed || point
 *     sk-ecdsa-*                 string curve, string Q, string application, byte flags, string handle, string reserved
 *     sk-ssh-ed25519*            string point, string application, byte flags, string handle, string reserved
 *   string comment
 *   byte[] padding               1, 2, 3, ... to a whole block; none when that is whole already
 * </pre>
 *
 * <p>Ed448 is not in OpenSSH; PuTTY writes it like this. The public numbers stand here a second time, and are compared with
 * the blob outside of the encryption: a file whose blob was exchanged must not pass for another key.
 */
final class OpensshPrivateSection {
    private static final String FORMAT = OpensshCodec.FORMAT;

    /** PuTTY pads to 16 with every cipher; nobody pads further. */
    private static final int MAX_PADDING_BYTES = 16;

    private OpensshPrivateSection() {}

    /** A key pair, and whether there was a block of padding too much. */
    record Opened(SshKeyPair pair, boolean overPadded) {}

    // --- reading ---

    /** Reads what follows the check numbers. */
    static Opened read(WireReader section, SshPublicKey publicKey, int block) {
        if (!section.readName("key type").equals(publicKey.algorithm())) {
            throw mismatch("key type");
        }
        SshPrivateKey privateKey = readKey(section, publicKey);
        try {
            KeyComment comment = KeyComment.ofBytes(section.readString("comment"));
            int padding = section.remaining();
            requirePadding(section);
            return new Opened(SshKeyPair.of(publicKey.withComment(comment), privateKey), padding >= block);
        } catch (RuntimeException e) {
            privateKey.close();
            throw e;
        }
    }

    private static SshPrivateKey readKey(WireReader section, SshPublicKey publicKey) {
        try (Secrets secrets = new Secrets(section)) {
            SshPrivateKey key;
            if (publicKey instanceof RsaPublicKey rsa) {
                key = readRsa(section, rsa, secrets);
            } else if (publicKey instanceof DsaPublicKey dsa) {
                requireEqual(section.readMpint("DSA p"), dsa.p(), "DSA p");
                requireEqual(section.readMpint("DSA q"), dsa.q(), "DSA q");
                requireEqual(section.readMpint("DSA g"), dsa.g(), "DSA g");
                requireEqual(section.readMpint("DSA y"), dsa.y(), "DSA y");
                key = DsaPrivateKey.takeOver(secrets.number("DSA x"));
            } else if (publicKey instanceof EcdsaPublicKey ecdsa) {
                requireCurve(section, ecdsa.curve().sshName());
                requireEqual(section.readString("point"), ecdsa.point(), "point");
                key = EcdsaPrivateKey.takeOver(ecdsa.curve(), secrets.number("ECDSA scalar"));
            } else if (publicKey instanceof Ed25519PublicKey ed) {
                key = Ed25519PrivateKey.takeOver(readSeed(section, ed.point(), Ed25519PrivateKey.SEED_BYTES, secrets));
            } else if (publicKey instanceof Ed448PublicKey ed) {
                key = Ed448PrivateKey.takeOver(readSeed(section, ed.point(), Ed448PrivateKey.SEED_BYTES, secrets));
            } else if (publicKey instanceof SkEcdsaPublicKey sk) {
                requireCurve(section, "nistp256");
                requireEqual(section.readString("point"), sk.point(), "point");
                key = readSk(section, sk.applicationBytes(), secrets);
            } else if (publicKey instanceof SkEd25519PublicKey sk) {
                requireEqual(section.readString("point"), sk.point(), "point");
                key = readSk(section, sk.applicationBytes(), secrets);
            } else {
                throw unknown(publicKey);
            }
            secrets.release();
            return key;
        }
    }

    private static RsaPrivateKey readRsa(WireReader section, RsaPublicKey rsa, Secrets secrets) {
        requireEqual(section.readMpint("RSA modulus"), rsa.modulus(), "RSA modulus");
        requireEqual(section.readMpint("RSA exponent"), rsa.exponent(), "RSA exponent");
        SecretBytes d = secrets.number("RSA private exponent");
        SecretBytes coefficient = secrets.number("RSA coefficient");
        SecretBytes p = secrets.number("RSA prime p");
        return RsaPrivateKey.takeOver(d, p, secrets.number("RSA prime q"), coefficient);
    }

    private static SecretBytes readSeed(WireReader section, byte[] point, int seedBytes, Secrets secrets) {
        requireEqual(section.readString("point"), point, "point");
        int length = section.readLength("seed and point");
        if (length != seedBytes + point.length) {
            throw section.malformed("seed and point", (seedBytes + point.length) + " bytes expected, got " + length);
        }
        SecretBytes seed = secrets.bytes(seedBytes, "seed");
        requireEqual(section.readBytes(point.length, "point behind the seed"), point, "point behind the seed");
        return seed;
    }

    private static SkPrivateKey readSk(WireReader section, byte[] application, Secrets secrets) {
        requireEqual(section.readString("application"), application, "application");
        int flags = section.readByte("flags");
        SecretBytes handle = secrets.bytes(section.readLength("key handle"), "key handle");
        return SkPrivateKey.takeOver(flags, handle, secrets.bytes(section.readLength("reserved"), "reserved"));
    }

    private static void requireCurve(WireReader section, String curve) {
        if (!section.readName("curve").equals(curve)) {
            throw mismatch("curve");
        }
    }

    private static void requireEqual(byte[] inner, byte[] outer, String field) {
        if (!Arrays.equals(inner, outer)) {
            throw mismatch(field);
        }
    }

    private static void requireEqual(BigInteger inner, BigInteger outer, String field) {
        if (!inner.equals(outer)) {
            throw mismatch(field);
        }
    }

    private static KeyMismatchException mismatch(String field) {
        return new KeyMismatchException(
                FORMAT,
                "public key and private section",
                "the " + field + " differs: the public key in the clear is not this private key's");
    }

    /** The values count, not the length: whoever pads further than needed does no harm. */
    private static void requirePadding(WireReader section) {
        if (section.remaining() > MAX_PADDING_BYTES) {
            throw section.malformed(
                    "padding", "at most " + MAX_PADDING_BYTES + " bytes expected, got " + section.remaining());
        }
        for (int expected = 1; section.remaining() > 0; expected++) {
            if (section.readByte("padding") != expected) {
                throw section.malformed("padding", "it must count 1, 2, 3 and so on");
            }
        }
    }

    private static UnsupportedKeyException unknown(SshPublicKey publicKey) {
        return new UnsupportedKeyException(
                publicKey.algorithm(), "private keys of type " + publicKey.algorithm() + " are not known");
    }

    /** Secrets that were read and belong to no key yet: wiped when reading stops half-way. */
    private static final class Secrets implements AutoCloseable {
        private final WireReader section;
        private final SecretBytes[] taken = new SecretBytes[4];
        private int count;

        Secrets(WireReader section) {
            this.section = section;
        }

        SecretBytes number(String field) {
            return add(section.readUnsigned(field));
        }

        SecretBytes bytes(int length, String field) {
            return add(section.readBytes(length, field));
        }

        private SecretBytes add(byte[] secret) {
            taken[count] = SecretBytes.takeOver(secret);
            return taken[count++];
        }

        void release() {
            count = 0;
        }

        @Override
        public void close() {
            for (int i = 0; i < count; i++) {
                taken[i].close();
            }
        }
    }

    // --- writing ---

    /**
     * Encodes a key pair, padded to whole blocks.
     *
     * @return the section, which the caller wipes
     * @throws SshKeyException when the comment holds a NUL, which ends a comment for OpenSSH
     */
    static byte[] write(SshKeyPair pair, KeyComment comment, int check, int block) {
        byte[] commentBytes = comment.toByteArray();
        for (byte b : commentBytes) {
            if (b == 0) {
                throw new SshKeyException("the comment holds a NUL, which OpenSSH refuses: write another one");
            }
        }
        try (WireWriter writer = new WireWriter()) {
            writer.writeUint32(Integer.toUnsignedLong(check))
                    .writeUint32(Integer.toUnsignedLong(check))
                    .writeString(pair.publicKey().algorithm());
            writeKey(writer, pair.publicKey(), pair.privateKey());
            writer.writeString(commentBytes);
            for (int i = 1; writer.size() % block != 0; i++) {
                writer.writeByte(i);
            }
            return writer.toByteArray();
        }
    }

    private static void writeKey(WireWriter writer, SshPublicKey publicKey, SshPrivateKey privateKey) {
        if (publicKey instanceof RsaPublicKey rsa && privateKey instanceof RsaPrivateKey key) {
            writer.writeMpint(rsa.modulus()).writeMpint(rsa.exponent());
            number(writer, key.exponent());
            number(writer, key.coefficient());
            number(writer, key.primeP());
            number(writer, key.primeQ());
        } else if (publicKey instanceof DsaPublicKey dsa && privateKey instanceof DsaPrivateKey key) {
            writer.writeMpint(dsa.p()).writeMpint(dsa.q()).writeMpint(dsa.g()).writeMpint(dsa.y());
            number(writer, key.x());
        } else if (publicKey instanceof EcdsaPublicKey ecdsa && privateKey instanceof EcdsaPrivateKey key) {
            writer.writeString(ecdsa.curve().sshName()).writeString(ecdsa.point());
            number(writer, key.scalar());
        } else if (publicKey instanceof Ed25519PublicKey ed && privateKey instanceof Ed25519PrivateKey key) {
            seedAndPoint(writer, key.seed(), ed.point());
        } else if (publicKey instanceof Ed448PublicKey ed && privateKey instanceof Ed448PrivateKey key) {
            seedAndPoint(writer, key.seed(), ed.point());
        } else if (publicKey instanceof SkEcdsaPublicKey sk && privateKey instanceof SkPrivateKey key) {
            writer.writeString("nistp256").writeString(sk.point());
            token(writer, sk.applicationBytes(), key);
        } else if (publicKey instanceof SkEd25519PublicKey sk && privateKey instanceof SkPrivateKey key) {
            writer.writeString(sk.point());
            token(writer, sk.applicationBytes(), key);
        } else {
            throw unknown(publicKey);
        }
    }

    private static void number(WireWriter writer, SecretBytes number) {
        number.use(writer::writeUnsigned);
    }

    private static void seedAndPoint(WireWriter writer, SecretBytes seed, byte[] point) {
        writer.writeString(point).writeUint32(seed.length() + (long) point.length);
        seed.use(writer::writeBytes);
        writer.writeBytes(point);
    }

    private static void token(WireWriter writer, byte[] application, SkPrivateKey key) {
        writer.writeString(application).writeByte(key.flags());
        key.keyHandle().use(bytes -> writer.writeString(bytes));
        key.reserved().use(bytes -> writer.writeString(bytes));
    }
}
