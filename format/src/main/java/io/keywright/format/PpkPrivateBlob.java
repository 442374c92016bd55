package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PrivateKey;
import io.keywright.Ed448PublicKey;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA1Digest;

/**
 * The private half of a PPK file in the clear:
 *
 * <pre>
 *   ssh-rsa          mpint d, p, q, q^-1 mod p     (the larger prime is p)
 *   ssh-dss          mpint x; in version 1 maybe string SHA1(mpint p || mpint q || mpint g)
 *   ecdsa-sha2-*     mpint d
 *   ssh-ed25519, ssh-ed448   string seed
 *   byte[] padding   to whole blocks of 16 when encrypted: the first bytes of the SHA-1 of what is in front
 * </pre>
 */
final class PpkPrivateBlob {
    static final int BLOCK_BYTES = 16;

    private PpkPrivateBlob() {}

    // --- reading ---

    /** Reads the private half of a public one. */
    static SshKeyPair read(byte[] plain, SshPublicKey publicKey, int version, boolean padded) {
        WireReader reader = PpkFile.reader(plain);
        SshPrivateKey key = readKey(reader, publicKey);
        try {
            if (version == 1 && publicKey instanceof DsaPublicKey dsa && reader.remaining() >= BLOCK_BYTES) {
                requireGroupHash(reader, dsa);
            }
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

    /** The MAC of version 1 leaves the public half out; for DSA this stood in for it. Padding alone is shorter. */
    private static void requireGroupHash(WireReader reader, DsaPublicKey key) {
        byte[] hash = reader.readString("DSA group hash");
        try (WireWriter group = new WireWriter()) {
            byte[] numbers = group.writeMpint(key.p())
                    .writeMpint(key.q())
                    .writeMpint(key.g())
                    .toByteArray();
            if (!Arrays.equals(hash, sha1(numbers, numbers.length))) {
                throw PpkFile.malformed("DSA group hash", "it is another group's");
            }
        }
    }

    private static void requirePadding(byte[] plain, int from, boolean padded) {
        int count = plain.length - from;
        byte[] expected = padded && count < BLOCK_BYTES ? sha1(plain, from) : new byte[0];
        if (count > expected.length || !Arrays.equals(plain, from, plain.length, expected, 0, count)) {
            throw PpkFile.malformed("padding", "it is not what PuTTY writes");
        }
    }

    /** Hashes the first bytes of an array. */
    static byte[] sha1(byte[] data, int length) {
        SHA1Digest digest = new SHA1Digest();
        digest.update(data, 0, length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return hash;
    }

    private static UnsupportedKeyException unknown(SshPublicKey key) {
        return new UnsupportedKeyException(
                key.algorithm(),
                PpkFile.FORMAT + " has no place for keys of type " + key.algorithm() + ", which are not written");
    }

    // --- writing ---

    /** Encodes the private half as versions 2 and 3 have it; the caller wipes it. */
    static byte[] write(SshKeyPair pair, boolean padded) {
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
}
