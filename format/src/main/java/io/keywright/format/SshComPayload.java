package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.util.BigIntegers;

/**
 * The numbers of a key pair in {@link SshComCodec}'s file, in the clear:
 *
 * <pre>
 *   RSA         e, d, n, u, p, q       p is SSH's q, and q is SSH's p; u = p^-1 mod q
 *   DSA         uint32 0, p, g, q, y, x
 *   a number    uint32 bits, and so many bits in whole bytes
 * </pre>
 */
final class SshComPayload {
    private static final String FORMAT = KeyFormat.SSHCOM.displayName();

    private SshComPayload() {}

    // --- reading ---

    /** Reads a pair of the type that SSH calls {@code algorithm}: RSA, and anything else is DSA. */
    static SshKeyPair read(WireReader payload, String algorithm, KeyComment comment) {
        return algorithm.equals(RsaPublicKey.ALGORITHM) ? readRsa(payload, comment) : readDsa(payload, comment);
    }

    private static SshKeyPair readRsa(WireReader reader, KeyComment comment) {
        BigInteger e = new BigInteger(1, readNumber(reader, "RSA exponent"));
        byte[] d = readNumber(reader, "RSA private exponent");
        BigInteger n = new BigInteger(1, readNumber(reader, "RSA modulus"));
        byte[] coefficient = readNumber(reader, "RSA coefficient");
        byte[] q = readNumber(reader, "RSA prime p");
        byte[] p = readNumber(reader, "RSA prime q");
        reader.requireEnd("payload");
        return SshKeyPair.of(
                RsaPublicKey.of(e, n).withComment(comment),
                RsaPrivateKey.takeOver(
                        SecretBytes.takeOver(d),
                        SecretBytes.takeOver(p),
                        SecretBytes.takeOver(q),
                        SecretBytes.takeOver(coefficient)));
    }

    private static SshKeyPair readDsa(WireReader reader, KeyComment comment) {
        if (reader.readUint32("DSA group") != 0) {
            throw new UnsupportedKeyException(
                    DsaPublicKey.ALGORITHM, "DSA groups that " + FORMAT + " gives by name are not known");
        }
        BigInteger p = new BigInteger(1, readNumber(reader, "DSA p"));
        BigInteger g = new BigInteger(1, readNumber(reader, "DSA g"));
        BigInteger q = new BigInteger(1, readNumber(reader, "DSA q"));
        BigInteger y = new BigInteger(1, readNumber(reader, "DSA y"));
        byte[] x = readNumber(reader, "DSA x");
        reader.requireEnd("payload");
        return SshKeyPair.of(
                DsaPublicKey.of(p, q, g, y).withComment(comment), DsaPrivateKey.takeOver(SecretBytes.takeOver(x)));
    }

    /** Reads a number without leading zeros, which may be there all the same. */
    private static byte[] readNumber(WireReader reader, String field) {
        long bits = reader.readUint32(field + " bit count");
        if (bits > WireReader.MAX_NUMBER_BITS) {
            throw new LimitExceededException(
                    FORMAT + " number size in bits", bits, WireReader.MAX_NUMBER_BITS, "this limit is fixed");
        }
        byte[] bytes = reader.readBytes((int) (bits + 7) / 8, field);
        if (bits % 8 != 0 && (bytes[0] & 0xff) >>> bits % 8 != 0) {
            throw reader.malformed(field, "it has more bits than it says");
        }
        int zeros = 0;
        while (zeros < bytes.length && bytes[zeros] == 0) {
            zeros++;
        }
        return zeros == 0 ? bytes : Arrays.copyOfRange(bytes, zeros, bytes.length);
    }

    // --- writing ---

    /** Encodes a pair; the caller wipes the result. */
    static byte[] write(SshKeyPair pair) {
        try (WireWriter payload = new WireWriter()) {
            if (pair.privateKey() instanceof RsaPrivateKey key) {
                writeRsa(payload, (RsaPublicKey) pair.publicKey(), key);
            } else if (pair.privateKey() instanceof DsaPrivateKey key) {
                writeDsa(payload, (DsaPublicKey) pair.publicKey(), key);
            } else {
                String type = pair.publicKey().algorithm();
                throw new UnsupportedKeyException(
                        type, FORMAT + " has no place for keys of type " + type + ", which are not written");
            }
            return payload.toByteArray();
        }
    }

    private static void writeRsa(WireWriter writer, RsaPublicKey publicKey, RsaPrivateKey key) {
        RsaPrimes primes = RsaPrimes.largerFirst(key);
        writeNumber(writer, publicKey.exponent());
        writeNumber(writer, Asn1PrivateKeys.number(key.exponent()));
        writeNumber(writer, publicKey.modulus());
        writeNumber(writer, primes.coefficient());
        writeNumber(writer, primes.q());
        writeNumber(writer, primes.p());
    }

    private static void writeDsa(WireWriter writer, DsaPublicKey publicKey, DsaPrivateKey key) {
        writer.writeUint32(0);
        writeNumber(writer, publicKey.p());
        writeNumber(writer, publicKey.g());
        writeNumber(writer, publicKey.q());
        writeNumber(writer, publicKey.y());
        writeNumber(writer, Asn1PrivateKeys.number(key.x()));
    }

    private static void writeNumber(WireWriter writer, BigInteger number) {
        byte[] bytes = BigIntegers.asUnsignedByteArray(number);
        writer.writeUint32(number.bitLength()).writeBytes(bytes);
        Arrays.fill(bytes, (byte) 0);
    }
}
