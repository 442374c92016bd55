package io.keywright;

import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.DSAPrivateKey;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.DSAPrivateKeySpec;
import java.security.spec.DSAPublicKeySpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/**
 * Conversion from and to {@link java.security} keys.
 *
 * <p>RSA, DSA and EC go through the JDK's interfaces, which every provider implements. EdDSA goes through the standard
 * encodings (RFC 8410), since providers disagree on the interfaces. No provider is ever registered.
 */
final class JcaKeys {
    /** RFC 8410, section 3. */
    private static final ASN1ObjectIdentifier ID_ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

    private static final ASN1ObjectIdentifier ID_ED448 = new ASN1ObjectIdentifier("1.3.101.113");

    private JcaKeys() {}

    static SshPublicKey publicKey(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return RsaPublicKey.of(rsa.getPublicExponent(), rsa.getModulus());
        } else if (key instanceof DSAPublicKey dsa) {
            return DsaPublicKey.of(
                    dsa.getParams().getP(),
                    dsa.getParams().getQ(),
                    dsa.getParams().getG(),
                    dsa.getY());
        } else if (key instanceof ECPublicKey ec) {
            EcdsaCurve curve = curveOf(ec.getParams());
            return EcdsaPublicKey.of(curve, encodePoint(curve, ec.getW()));
        }
        return edDsaPublicKey(key);
    }

    static SshPrivateKey privateKey(SshPublicKey publicKey, PrivateKey key) {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return RsaPrivateKey.takeOver(
                    secret(rsa.getPrivateExponent()),
                    secret(rsa.getPrimeP()),
                    secret(rsa.getPrimeQ()),
                    secret(rsa.getCrtCoefficient()));
        } else if (key instanceof DSAPrivateKey dsa) {
            return DsaPrivateKey.takeOver(secret(dsa.getX()));
        } else if (key instanceof ECPrivateKey ec) {
            EcdsaCurve curve = curveOf(ec.getParams());
            return EcdsaPrivateKey.takeOver(
                    curve, SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(curve.fieldBytes(), ec.getS())));
        } else if (publicKey instanceof Ed25519PublicKey) {
            return Ed25519PrivateKey.takeOver(edDsaSeed(key, ID_ED25519));
        } else if (publicKey instanceof Ed448PublicKey) {
            return Ed448PrivateKey.takeOver(edDsaSeed(key, ID_ED448));
        }
        throw unsupported(key);
    }

    static PublicKey toPublicKey(SshPublicKey key, @Nullable Provider provider) {
        try {
            if (key instanceof RsaPublicKey rsa) {
                return factory("RSA", provider).generatePublic(new RSAPublicKeySpec(rsa.modulus(), rsa.exponent()));
            } else if (key instanceof DsaPublicKey dsa) {
                return factory("DSA", provider)
                        .generatePublic(new DSAPublicKeySpec(dsa.y(), dsa.p(), dsa.q(), dsa.g()));
            } else if (key instanceof EcdsaPublicKey ec) {
                byte[] point = ec.point();
                KeySpec spec = new ECPublicKeySpec(
                        new ECPoint(EcPoints.x(ec.curve(), point), EcPoints.y(ec.curve(), point)),
                        parameters(ec.curve()));
                return factory("EC", provider).generatePublic(spec);
            } else if (key instanceof Ed25519PublicKey ed) {
                return edDsaPublic("Ed25519", ID_ED25519, ed.point(), provider);
            } else if (key instanceof Ed448PublicKey ed) {
                return edDsaPublic("Ed448", ID_ED448, ed.point(), provider);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw failed(key, e);
        }
        throw new UnsupportedKeyException(key.algorithm(), "JCA has no key type for " + key.algorithm());
    }

    static PrivateKey toPrivateKey(SshPublicKey publicKey, SshPrivateKey key, @Nullable Provider provider) {
        try {
            if (key instanceof RsaPrivateKey rsa) {
                return factory("RSA", provider).generatePrivate(rsaSpec((RsaPublicKey) publicKey, rsa));
            } else if (key instanceof DsaPrivateKey dsa) {
                DsaPublicKey half = (DsaPublicKey) publicKey;
                return factory("DSA", provider)
                        .generatePrivate(
                                new DSAPrivateKeySpec(RsaPrivateKey.number(dsa.x()), half.p(), half.q(), half.g()));
            } else if (key instanceof EcdsaPrivateKey ec) {
                return factory("EC", provider)
                        .generatePrivate(
                                new ECPrivateKeySpec(RsaPrivateKey.number(ec.scalar()), parameters(ec.curve())));
            } else if (key instanceof Ed25519PrivateKey ed) {
                return edDsaPrivate("Ed25519", ID_ED25519, ed.seed(), provider);
            } else if (key instanceof Ed448PrivateKey ed) {
                return edDsaPrivate("Ed448", ID_ED448, ed.seed(), provider);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw failed(publicKey, e);
        }
        throw new UnsupportedKeyException(
                publicKey.algorithm(), "JCA has no private key type for " + publicKey.algorithm());
    }

    static Signature rsaSignature(String name) throws NoSuchAlgorithmException {
        Provider jdk = Security.getProvider("SunRsaSign");
        return jdk == null ? Signature.getInstance(name) : Signature.getInstance(name, jdk);
    }

    private static RSAPrivateCrtKeySpec rsaSpec(RsaPublicKey publicKey, RsaPrivateKey key) {
        BigInteger d = RsaPrivateKey.number(key.exponent());
        BigInteger p = RsaPrivateKey.number(key.primeP());
        BigInteger q = RsaPrivateKey.number(key.primeQ());
        return new RSAPrivateCrtKeySpec(
                publicKey.modulus(),
                publicKey.exponent(),
                d,
                p,
                q,
                d.mod(p.subtract(BigInteger.ONE)),
                d.mod(q.subtract(BigInteger.ONE)),
                RsaPrivateKey.number(key.coefficient()));
    }

    private static KeyFactory factory(String algorithm, @Nullable Provider provider) throws NoSuchAlgorithmException {
        if (provider != null) {
            return KeyFactory.getInstance(algorithm, provider);
        }
        // The JDK's own, whatever else an application has registered in front of it.
        Provider jdk = Security.getProvider(
                switch (algorithm) {
                    case "RSA" -> "SunRsaSign";
                    case "DSA" -> "SUN";
                    default -> "SunEC";
                });
        return jdk == null ? KeyFactory.getInstance(algorithm) : KeyFactory.getInstance(algorithm, jdk);
    }

    private static ECParameterSpec parameters(EcdsaCurve curve) throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.jcaName()));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }

    private static EcdsaCurve curveOf(ECParameterSpec parameters) {
        return Arrays.stream(EcdsaCurve.values())
                .filter(curve -> curve.domain().getN().equals(parameters.getOrder()))
                .findFirst()
                .orElseThrow(() -> new UnsupportedKeyException(
                        "EC", "SSH uses the curves P-256, P-384 and P-521 only; this key is on another"));
    }

    private static byte[] encodePoint(EcdsaCurve curve, ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            throw new MalformedKeyException(curve.algorithm(), "point", "it is the point at infinity");
        }
        int size = curve.fieldBytes();
        byte[] encoded = new byte[1 + 2 * size];
        encoded[0] = 4;
        BigIntegers.asUnsignedByteArray(point.getAffineX(), encoded, 1, size);
        BigIntegers.asUnsignedByteArray(point.getAffineY(), encoded, 1 + size, size);
        return encoded;
    }

    private static SshPublicKey edDsaPublicKey(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded != null && "X.509".equals(key.getFormat())) {
            try {
                SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(encoded);
                ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
                if (algorithm.equals(ID_ED25519)) {
                    return Ed25519PublicKey.of(info.getPublicKeyData().getOctets());
                } else if (algorithm.equals(ID_ED448)) {
                    return Ed448PublicKey.of(info.getPublicKeyData().getOctets());
                }
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new MalformedKeyException("SubjectPublicKeyInfo", "encoding", "it cannot be parsed", e);
            }
        }
        throw new UnsupportedKeyException(
                key.getAlgorithm(), "SSH has no key type for a JCA key of type " + key.getAlgorithm());
    }

    private static SecretBytes edDsaSeed(PrivateKey key, ASN1ObjectIdentifier algorithm) {
        byte[] encoded = key.getEncoded();
        if (encoded == null || !"PKCS#8".equals(key.getFormat())) {
            throw unsupported(key);
        }
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(encoded);
            if (!info.getPrivateKeyAlgorithm().getAlgorithm().equals(algorithm)) {
                throw SshPrivateKey.mismatch("key type");
            }
            return SecretBytes.copyOf(
                    ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets());
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // Without its cause: the parser's message may quote the content.
            throw new MalformedKeyException("PKCS#8", "private key", "it cannot be parsed");
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static PublicKey edDsaPublic(
            String name, ASN1ObjectIdentifier oid, byte[] point, @Nullable Provider provider)
            throws GeneralSecurityException, IOException {
        byte[] encoded = new SubjectPublicKeyInfo(new AlgorithmIdentifier(oid), point).getEncoded();
        return factory(name, provider).generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static PrivateKey edDsaPrivate(
            String name, ASN1ObjectIdentifier oid, SecretBytes seed, @Nullable Provider provider)
            throws GeneralSecurityException, IOException {
        byte[] octets = seed.toByteArray();
        byte[] encoded = new PrivateKeyInfo(new AlgorithmIdentifier(oid), new DEROctetString(octets)).getEncoded();
        try {
            return factory(name, provider).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } finally {
            Arrays.fill(octets, (byte) 0);
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static SecretBytes secret(BigInteger number) {
        return SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(number));
    }

    private static UnsupportedKeyException unsupported(PrivateKey key) {
        return new UnsupportedKeyException(
                key.getAlgorithm(),
                "the private key of type " + key.getAlgorithm()
                        + " does not show its numbers (is it in hardware?) or is of no type that SSH has");
    }

    private static UnsupportedKeyException failed(SshPublicKey key, Exception e) {
        return new UnsupportedKeyException(
                key.algorithm(),
                "the JCA provider cannot make a key of type " + key.algorithm() + " ("
                        + e.getClass().getSimpleName() + "); name another provider");
    }
}
