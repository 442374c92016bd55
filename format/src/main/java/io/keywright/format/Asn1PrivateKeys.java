package io.keywright.format;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.KeyMismatchException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/**
 * The structures of private keys that traditional PEM and PKCS#8 share:
 *
 * <pre>
 *   RSA  SEQUENCE { 0, n, e, d, p, q, d mod p-1, d mod q-1, q^-1 mod p }             RFC 8017, appendix A.1.2
 *   EC   SEQUENCE { 1, OCTET STRING scalar, [0] curve OPTIONAL,
 *                   [1] BIT STRING point OPTIONAL }                                 RFC 5915, section 3
 *   DSA  SEQUENCE { 0, p, q, g, y, x }                                              OpenSSL's; only in traditional PEM
 * </pre>
 *
 * <p>A scalar is unsigned and as long as the curve's order; some programs leave leading zeros out, which is read. Whatever
 * stands twice is compared.
 */
final class Asn1PrivateKeys {
    private Asn1PrivateKeys() {}

    // --- reading ---

    static SshKeyPair readRsa(Asn1Reader reader) {
        int version = reader.readSmallNumber("RSA version");
        if (version == 1) {
            throw new UnsupportedKeyException("RSA", "RSA with more than two primes is not known to SSH");
        } else if (version != 0) {
            throw reader.malformed("RSA version", "0 expected");
        }
        BigInteger modulus = reader.readNumber("RSA modulus");
        RsaPublicKey publicKey = RsaPublicKey.of(reader.readNumber("RSA exponent"), modulus);
        BigInteger d = reader.readNumber("RSA private exponent");
        BigInteger p = reader.readNumber("RSA prime p");
        BigInteger q = reader.readNumber("RSA prime q");
        BigInteger exponentP = reader.readNumber("RSA exponent mod p-1");
        BigInteger exponentQ = reader.readNumber("RSA exponent mod q-1");
        BigInteger coefficient = reader.readNumber("RSA coefficient");
        reader.requireEnd("RSA private key");
        return rsaPair(publicKey, d, p, q, exponentP, exponentQ, coefficient);
    }

    /** Makes a pair of the numbers that a file holds, more than are needed; the rest is compared. */
    static SshKeyPair rsaPair(
            RsaPublicKey publicKey,
            BigInteger d,
            BigInteger p,
            BigInteger q,
            BigInteger exponentP,
            BigInteger exponentQ,
            BigInteger coefficient) {
        SshKeyPair pair =
                SshKeyPair.of(publicKey, RsaPrivateKey.takeOver(secret(d), secret(p), secret(q), secret(coefficient)));
        if (!exponentP.equals(d.mod(p.subtract(BigInteger.ONE)))
                || !exponentQ.equals(d.mod(q.subtract(BigInteger.ONE)))) {
            pair.close();
            throw mismatch("RSA exponents mod p-1 and q-1");
        }
        return pair;
    }

    /**
     * Reads an EC key.
     *
     * @param outer the curve that was named around it, or null
     */
    static SshKeyPair readEc(Asn1Reader reader, String format, @Nullable EcdsaCurve outer) {
        if (reader.readSmallNumber("EC version") != 1) {
            throw reader.malformed("EC version", "1 expected");
        }
        byte[] scalar = reader.readOctets("EC scalar");
        try {
            ASN1Encodable parameters = reader.readExplicit(0, "curve");
            ASN1Encodable point = reader.readExplicit(1, "EC point");
            reader.requireEnd("EC private key");
            EcdsaCurve curve = parameters == null && outer != null ? outer : KeyAlgorithmInfo.curve(parameters, format);
            if (outer != null && curve != outer) {
                throw mismatch("curve");
            }
            int start = isSignByte(scalar) ? 1 : 0;
            int bytes = scalar.length - start;
            if (bytes == 0 || bytes > curve.fieldBytes()) {
                throw reader.malformed("EC scalar", "1 to " + curve.fieldBytes() + " bytes expected");
            }
            EcdsaPublicKey declared = point == null ? null : EcdsaPublicKey.of(curve, reader.bits(point, "EC point"));
            SecretBytes secret = SecretBytes.takeOver(Arrays.copyOfRange(scalar, start, scalar.length));
            return ecPair(EcdsaPrivateKey.takeOver(curve, secret), declared);
        } finally {
            Arrays.fill(scalar, (byte) 0);
        }
    }

    /** PuTTY writes the scalar as it writes any number: a zero byte in front of a first bit that is set. */
    private static boolean isSignByte(byte[] scalar) {
        return scalar.length > 1 && scalar[0] == 0 && scalar[1] < 0;
    }

    private static SshKeyPair ecPair(EcdsaPrivateKey key, @Nullable EcdsaPublicKey declared) {
        try {
            return SshKeyPair.of(declared == null ? key.derivePublicKey() : declared, key);
        } catch (RuntimeException e) {
            key.close();
            throw e;
        }
    }

    static SshKeyPair readDsa(Asn1Reader reader) {
        if (reader.readSmallNumber("DSA version") != 0) {
            throw reader.malformed("DSA version", "0 expected");
        }
        KeyAlgorithmInfo.DsaGroup group = KeyAlgorithmInfo.DsaGroup.read(reader);
        BigInteger y = reader.readNumber("DSA y");
        BigInteger x = reader.readNumber("DSA x");
        reader.requireEnd("DSA private key");
        return SshKeyPair.of(DsaPublicKey.of(group.p(), group.q(), group.g(), y), DsaPrivateKey.takeOver(secret(x)));
    }

    /** Makes a DSA pair of a key that lacks its public half. */
    static SshKeyPair dsaPair(KeyAlgorithmInfo.DsaGroup group, BigInteger x) {
        // The group is checked before anything is computed with it; 4 stands for a y that is not known yet.
        BigInteger placeholder = BigInteger.valueOf(4);
        DsaPublicKey.of(group.p(), group.q(), group.g(), placeholder);
        if (x.signum() == 0 || x.compareTo(group.q()) >= 0) {
            throw mismatch("DSA x and q");
        }
        BigInteger y = group.g().modPow(x, group.p());
        return SshKeyPair.of(DsaPublicKey.of(group.p(), group.q(), group.g(), y), DsaPrivateKey.takeOver(secret(x)));
    }

    static KeyMismatchException mismatch(String where) {
        return new KeyMismatchException("key pair", where, "they do not belong together");
    }

    private static SecretBytes secret(BigInteger number) {
        return SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(number));
    }

    // --- writing ---

    static ASN1Sequence rsa(RsaPublicKey publicKey, RsaPrivateKey key) {
        BigInteger d = number(key.exponent());
        BigInteger p = number(key.primeP());
        BigInteger q = number(key.primeQ());
        return numbers(
                BigInteger.ZERO,
                publicKey.modulus(),
                publicKey.exponent(),
                d,
                p,
                q,
                d.mod(p.subtract(BigInteger.ONE)),
                d.mod(q.subtract(BigInteger.ONE)),
                number(key.coefficient()));
    }

    static ASN1Sequence dsa(DsaPublicKey key, DsaPrivateKey privateKey) {
        return numbers(BigInteger.ZERO, key.p(), key.q(), key.g(), key.y(), number(privateKey.x()));
    }

    /** Encodes an EC key; PKCS#8 names the curve outside and so does not repeat it. */
    static ASN1Sequence ec(EcdsaPublicKey publicKey, EcdsaPrivateKey key, boolean withCurve) {
        EcdsaCurve curve = publicKey.curve();
        ASN1EncodableVector fields = new ASN1EncodableVector();
        fields.add(new ASN1Integer(1));
        fields.add(new DEROctetString(BigIntegers.asUnsignedByteArray(curve.fieldBytes(), number(key.scalar()))));
        if (withCurve) {
            fields.add(new DERTaggedObject(true, 0, KeyAlgorithmInfo.oidOf(curve)));
        }
        fields.add(new DERTaggedObject(true, 1, new DERBitString(publicKey.point())));
        return new DERSequence(fields);
    }

    static BigInteger number(SecretBytes secret) {
        return secret.use(bytes -> new BigInteger(1, bytes));
    }

    private static ASN1Sequence numbers(BigInteger... numbers) {
        ASN1EncodableVector fields = new ASN1EncodableVector();
        for (BigInteger number : numbers) {
            fields.add(new ASN1Integer(number));
        }
        return new DERSequence(fields);
    }
}
