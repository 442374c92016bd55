package io.keywright.format;

import io.keywright.DsaPublicKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PublicKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;

/**
 * Public keys in PEM (RFC 7468), of two kinds:
 *
 * <pre>
 *   -----BEGIN PUBLIC KEY-----         SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7):
 *     SEQUENCE { algorithm, see {@link KeyAlgorithmInfo}; BIT STRING key }, where the key is
 *     RSA: SEQUENCE { n, e };  DSA: INTEGER y;  EC: the point;  Ed25519, Ed448: the point
 *   -----BEGIN RSA PUBLIC KEY-----     PKCS#1 (RFC 8017, appendix A.1.1): SEQUENCE { n, e }
 * </pre>
 *
 * <p>Neither has a place for a comment.
 */
final class PublicPemCodec implements KeyCodec {
    static final PublicPemCodec INSTANCE = new PublicPemCodec();
    static final String FORMAT = KeyFormat.PUBLIC_PEM.displayName();

    private static final String PKCS1_LABEL = "RSA PUBLIC KEY";
    private static final String SPKI_LABEL = "PUBLIC KEY";
    /** RFC 7468, section 2. */
    static final int COLUMNS = 64;

    private PublicPemCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        throw new UnexpectedPublicKeyException(readPublic(block, context));
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        return Inspections.of(block, readPublic(block, context)).build();
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        byte[] der = block.decodeBase64();
        return block.beginsWith(PKCS1_LABEL)
                ? readPkcs1(der, context.limits())
                : readInfo(Asn1Reader.of(FORMAT, der, context.limits()), context.limits());
    }

    private static RsaPublicKey readPkcs1(byte[] der, ReadLimits limits) {
        Asn1Reader reader = Asn1Reader.of(FORMAT, der, limits);
        BigInteger modulus = reader.readNumber("RSA modulus");
        BigInteger exponent = reader.readNumber("RSA exponent");
        reader.requireEnd("RSA public key");
        return RsaPublicKey.of(exponent, modulus);
    }

    private static SshPublicKey readInfo(Asn1Reader reader, ReadLimits limits) {
        KeyAlgorithmInfo algorithm = KeyAlgorithmInfo.read(reader, FORMAT);
        byte[] bits = reader.readBits("public key");
        reader.requireEnd("public key");
        if (algorithm.oid().equals(KeyAlgorithmInfo.RSA)) {
            algorithm.requireNoParameters();
            return readPkcs1(bits, limits);
        } else if (algorithm.oid().equals(KeyAlgorithmInfo.DSA)) {
            KeyAlgorithmInfo.DsaGroup group = algorithm.dsaGroup();
            return DsaPublicKey.of(
                    group.p(), group.q(), group.g(), Asn1Reader.readLoneNumber(FORMAT, bits, "DSA y", limits));
        } else if (algorithm.oid().equals(KeyAlgorithmInfo.EC)) {
            return EcdsaPublicKey.of(algorithm.curve(), bits);
        } else if (algorithm.oid().equals(KeyAlgorithmInfo.ED25519)) {
            algorithm.requireNoParameters();
            return Ed25519PublicKey.of(bits);
        } else if (algorithm.oid().equals(KeyAlgorithmInfo.ED448)) {
            algorithm.requireNoParameters();
            return Ed448PublicKey.of(bits);
        }
        throw algorithm.unknown();
    }

    // --- writing ---

    /** Writes {@code PUBLIC KEY}. */
    static EncodedKey write(SshPublicKey key) {
        return armour(SPKI_LABEL, key, new DERSequence(new ASN1Encodable[] {
            KeyAlgorithmInfo.identifierFor(key, FORMAT), new DERBitString(keyBits(key))
        }));
    }

    /** Writes {@code RSA PUBLIC KEY}. */
    static EncodedKey writePkcs1(SshPublicKey key) {
        if (!(key instanceof RsaPublicKey rsa)) {
            throw new UnsupportedKeyException(
                    key.algorithm(), "PKCS#1 is for RSA: keys of type " + key.algorithm() + " are not written");
        }
        return armour(PKCS1_LABEL, key, pkcs1(rsa));
    }

    private static EncodedKey armour(String label, SshPublicKey key, ASN1Object content) {
        byte[] file = KeyBlock.armour(
                "-----BEGIN " + label + "-----", "-----END " + label + "-----", encode(content), COLUMNS);
        return new EncodedKey(KeyFormat.PUBLIC_PEM, key.comment().isEmpty(), SecretBytes.takeOver(file));
    }

    /** Encodes the key alone, as it stands in the BIT STRING. */
    static byte[] keyBits(SshPublicKey key) {
        if (key instanceof RsaPublicKey rsa) {
            return encode(pkcs1(rsa));
        } else if (key instanceof DsaPublicKey dsa) {
            return encode(new ASN1Integer(dsa.y()));
        } else if (key instanceof EcdsaPublicKey ec) {
            return ec.point();
        } else if (key instanceof Ed25519PublicKey ed) {
            return ed.point();
        } else if (key instanceof Ed448PublicKey ed) {
            return ed.point();
        }
        throw new UnsupportedKeyException(
                key.algorithm(),
                FORMAT + " has no place for keys of type " + key.algorithm() + ", which are not written");
    }

    private static DERSequence pkcs1(RsaPublicKey rsa) {
        return new DERSequence(new ASN1Encodable[] {new ASN1Integer(rsa.modulus()), new ASN1Integer(rsa.exponent())});
    }

    /** Encodes to memory, where there is nothing that could fail. */
    static byte[] encode(ASN1Object object) {
        try {
            return object.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
