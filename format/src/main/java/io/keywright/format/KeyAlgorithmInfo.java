package io.keywright.format;

import io.keywright.DsaPublicKey;
import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PublicKey;
import io.keywright.MalformedKeyException;
import io.keywright.RsaPublicKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.math.BigInteger;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Null;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The AlgorithmIdentifier of a key in SPKI or PKCS#8: {@code SEQUENCE { OBJECT IDENTIFIER, parameters }}.
 *
 * <pre>
 *   1.2.840.113549.1.1.1  RSA       NULL, or nothing                  RFC 3279, section 2.3.1
 *   1.2.840.10040.4.1     DSA       SEQUENCE { p, q, g }              RFC 3279, section 2.3.2
 *   1.2.840.10045.2.1     EC        OBJECT IDENTIFIER of the curve    RFC 5480, section 2.1
 *   1.3.101.112, .113     Ed25519, Ed448   nothing                    RFC 8410, section 3
 * </pre>
 *
 * @param oid the algorithm
 * @param parameters as they were parsed
 * @param format for exceptions
 */
record KeyAlgorithmInfo(ASN1ObjectIdentifier oid, @Nullable ASN1Encodable parameters, String format) {
    static final ASN1ObjectIdentifier RSA = new ASN1ObjectIdentifier("1.2.840.113549.1.1.1");
    static final ASN1ObjectIdentifier DSA = new ASN1ObjectIdentifier("1.2.840.10040.4.1");
    static final ASN1ObjectIdentifier EC = new ASN1ObjectIdentifier("1.2.840.10045.2.1");
    static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");
    static final ASN1ObjectIdentifier ED448 = new ASN1ObjectIdentifier("1.3.101.113");

    /** The numbers that DSA keys share. */
    record DsaGroup(BigInteger p, BigInteger q, BigInteger g) {
        static DsaGroup read(Asn1Reader reader) {
            BigInteger p = reader.readNumber("DSA p");
            BigInteger q = reader.readNumber("DSA q");
            return new DsaGroup(p, q, reader.readNumber("DSA g"));
        }
    }

    static KeyAlgorithmInfo read(Asn1Reader parent, String format) {
        Asn1Reader reader = parent.readSequence("algorithm");
        KeyAlgorithmInfo info = new KeyAlgorithmInfo(reader.readOid("algorithm"), reader.readOptional(), format);
        reader.requireEnd("algorithm");
        return info;
    }

    void requireNoParameters() {
        boolean nullForRsa = oid.equals(RSA) && parameters instanceof ASN1Null;
        if (parameters != null && !nullForRsa) {
            throw new MalformedKeyException(format, "algorithm parameters", "there must be none for this algorithm");
        }
    }

    DsaGroup dsaGroup() {
        Asn1Reader reader = Asn1Reader.of(format, parameters, "DSA parameters");
        DsaGroup group = DsaGroup.read(reader);
        reader.requireEnd("DSA parameters");
        return group;
    }

    EcdsaCurve curve() {
        return curve(parameters, format);
    }

    /** Finds a curve by its name; parameters that spell a curve out are refused, for they need not be what they look like. */
    static EcdsaCurve curve(@Nullable ASN1Encodable parameters, String format) {
        if (parameters == null) {
            throw new MalformedKeyException(format, "curve", "it is missing");
        }
        if (!(parameters instanceof ASN1ObjectIdentifier name)) {
            throw new UnsupportedKeyException(
                    "EC", "the curve is spelt out instead of named: SSH knows named curves only");
        }
        for (EcdsaCurve curve : EcdsaCurve.values()) {
            if (oidOf(curve).equals(name)) {
                return curve;
            }
        }
        throw new UnsupportedKeyException(
                "EC", "SSH uses the curves P-256, P-384 and P-521 only; this key is on " + name.getId());
    }

    static ASN1ObjectIdentifier oidOf(EcdsaCurve curve) {
        return switch (curve) {
            case NISTP256 -> SECObjectIdentifiers.secp256r1;
            case NISTP384 -> SECObjectIdentifiers.secp384r1;
            case NISTP521 -> SECObjectIdentifiers.secp521r1;
        };
    }

    UnsupportedKeyException unknown() {
        return new UnsupportedKeyException(oid.getId(), "SSH has no key type for the algorithm " + oid.getId());
    }

    /** Makes the identifier for a key's algorithm. */
    static AlgorithmIdentifier identifierFor(SshPublicKey key, String format) {
        if (key instanceof RsaPublicKey) {
            return new AlgorithmIdentifier(RSA, DERNull.INSTANCE);
        } else if (key instanceof DsaPublicKey dsa) {
            return new AlgorithmIdentifier(DSA, new DERSequence(new ASN1Encodable[] {
                new ASN1Integer(dsa.p()), new ASN1Integer(dsa.q()), new ASN1Integer(dsa.g())
            }));
        } else if (key instanceof EcdsaPublicKey ec) {
            return new AlgorithmIdentifier(EC, oidOf(ec.curve()));
        } else if (key instanceof Ed25519PublicKey) {
            return new AlgorithmIdentifier(ED25519);
        } else if (key instanceof Ed448PublicKey) {
            return new AlgorithmIdentifier(ED448);
        }
        throw new UnsupportedKeyException(
                key.algorithm(),
                format + " has no place for keys of type " + key.algorithm() + ", which are not written");
    }
}
