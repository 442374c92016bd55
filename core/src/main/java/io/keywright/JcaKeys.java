package io.keywright;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.interfaces.DSAParams;
import java.security.interfaces.DSAPrivateKey;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.DSAPrivateKeySpec;
import java.security.spec.DSAPublicKeySpec;
import java.security.spec.ECFieldFp;
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
import java.util.HexFormat;
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

    /** What stands in front of the point or the seed where nothing is optional (RFC 8410, sections 4 and 7): all that parsing finds. */
    private static final byte[] ED25519_PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final byte[] ED25519_PRIVATE_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private JcaKeys() {}

    static SshPublicKey publicKey(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return RsaPublicKey.of(rsa.getPublicExponent(), rsa.getModulus());
        } else if (key instanceof DSAPublicKey dsa) {
            DSAParams group = dsa.getParams();
            if (group == null) {
                throw new UnsupportedKeyException("DSA", "the DSA key names no parameters: SSH needs p, q and g");
            }
            return DsaPublicKey.of(group.getP(), group.getQ(), group.getG(), dsa.getY());
        } else if (key instanceof ECPublicKey ec) {
            EcdsaCurve curve = curveOf(ec.getParams());
            return EcdsaPublicKey.of(curve, encodePoint(curve, ec.getW()));
        }
        return edDsaPublicKey(key);
    }

    /**
     * Copies the numbers of a pair that a provider of our choice has just made. It is trusted to have used the curve that it was
     * asked for, to have stayed on it, and to have made halves that belong together: checking takes as long as generating.
     *
     * @param curve the curve that was asked for; null where the algorithm is not ECDSA
     */
    static SshKeyPair generated(KeyPair made, @Nullable EcdsaCurve curve) {
        if (curve != null
                && made.getPublic() instanceof ECPublicKey ecPublic
                && made.getPrivate() instanceof ECPrivateKey ecPrivate) {
            return SshKeyPair.generated(
                    EcdsaPublicKey.computed(curve, encodePoint(curve, ecPublic.getW())),
                    ecdsaPrivateKey(curve, shown(ecPrivate.getS(), ecPrivate)));
        }
        byte[] point = rawEdDsa(made.getPublic().getEncoded(), ED25519_PUBLIC_PREFIX);
        return SshKeyPair.generated(
                point == null ? publicKey(made.getPublic()) : Ed25519PublicKey.computed(point),
                privateKey(made.getPrivate()));
    }

    /** Copies the numbers of a private key; that they fit the public half is checked by whoever joins the two. */
    static SshPrivateKey privateKey(PrivateKey key) {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return rsaPrivateKey(rsa);
        } else if (key instanceof DSAPrivateKey dsa) {
            return DsaPrivateKey.takeOver(secret(shown(dsa.getX(), key)));
        } else if (key instanceof ECPrivateKey ec) {
            BigInteger scalar = shown(ec.getS(), key);
            return ecdsaPrivateKey(curveOf(ec.getParams()), scalar);
        }
        return edDsaPrivateKey(key);
    }

    private static EcdsaPrivateKey ecdsaPrivateKey(EcdsaCurve curve, BigInteger scalar) {
        if (!fits(scalar, curve.fieldBytes())) {
            throw new MalformedKeyException(curve.algorithm(), "private scalar", "it is out of range");
        }
        return EcdsaPrivateKey.takeOver(
                curve, SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(curve.fieldBytes(), scalar)));
    }

    private static RsaPrivateKey rsaPrivateKey(RSAPrivateCrtKey key) {
        // All are looked at before the first is copied, so that no copy is left behind.
        BigInteger exponent = shown(key.getPrivateExponent(), key);
        BigInteger primeP = shown(key.getPrimeP(), key);
        BigInteger primeQ = shown(key.getPrimeQ(), key);
        BigInteger coefficient = shown(key.getCrtCoefficient(), key);
        return RsaPrivateKey.takeOver(secret(exponent), secret(primeP), secret(primeQ), secret(coefficient));
    }

    /** A key in hardware implements the interface and keeps the number to itself. */
    private static BigInteger shown(@Nullable BigInteger number, PrivateKey key) {
        if (number == null || number.signum() < 0) {
            throw unsupported(key);
        }
        return number;
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
                        ec.curve().jcaParameters());
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
                        .generatePrivate(new ECPrivateKeySpec(
                                RsaPrivateKey.number(ec.scalar()), ec.curve().jcaParameters()));
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

    /** The JDK's own, whatever else an application has registered in front of it. */
    static Provider rsaProvider() {
        Provider jdk = Security.getProvider("SunRsaSign");
        if (jdk != null) {
            return jdk;
        }
        Provider[] others = Security.getProviders("Signature.SHA512withRSA");
        if (others == null) {
            throw new UnsupportedKeyException("RSA", "this JDK has no provider for RSA");
        }
        return others[0];
    }

    static Signature rsaSignature(String name) throws NoSuchAlgorithmException {
        return Signature.getInstance(name, rsaProvider());
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

    private static EcdsaCurve curveOf(@Nullable ECParameterSpec parameters) {
        return Arrays.stream(EcdsaCurve.values())
                .filter(curve -> parameters != null && sameCurve(curve.jcaParameters(), parameters))
                .findFirst()
                .orElseThrow(() -> new UnsupportedKeyException(
                        "EC", "SSH uses the curves P-256, P-384 and P-521 only; this key is on another"));
    }

    /** Compares every number: parameters with a generator of the attacker's making can have the right order (CVE-2020-0601). */
    private static boolean sameCurve(ECParameterSpec ours, ECParameterSpec theirs) {
        if (!(ours.getCurve().getField() instanceof ECFieldFp field)
                || !field.equals(theirs.getCurve().getField())) {
            return false;
        }
        BigInteger p = field.getP();
        return ours.getCurve().getA().equals(theirs.getCurve().getA().mod(p))
                && ours.getCurve().getB().equals(theirs.getCurve().getB().mod(p))
                && ours.getGenerator().equals(theirs.getGenerator())
                && ours.getOrder().equals(theirs.getOrder());
    }

    private static byte[] encodePoint(EcdsaCurve curve, ECPoint point) {
        if (point.equals(ECPoint.POINT_INFINITY)) {
            throw new MalformedKeyException(curve.algorithm(), "point", "it is the point at infinity");
        }
        int size = curve.fieldBytes();
        if (!fits(point.getAffineX(), size) || !fits(point.getAffineY(), size)) {
            throw new MalformedKeyException(curve.algorithm(), "point", "a coordinate is out of range");
        }
        byte[] encoded = new byte[1 + 2 * size];
        encoded[0] = 4;
        BigIntegers.asUnsignedByteArray(point.getAffineX(), encoded, 1, size);
        BigIntegers.asUnsignedByteArray(point.getAffineY(), encoded, 1 + size, size);
        return encoded;
    }

    private static boolean fits(BigInteger number, int bytes) {
        return number.signum() >= 0 && number.bitLength() <= 8 * bytes;
    }

    private static SshPublicKey edDsaPublicKey(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded != null && "X.509".equals(key.getFormat())) {
            byte[] plain = rawEdDsa(encoded, ED25519_PUBLIC_PREFIX);
            if (plain != null) {
                return Ed25519PublicKey.of(plain);
            }
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

    private static SshPrivateKey edDsaPrivateKey(PrivateKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null || !"PKCS#8".equals(key.getFormat())) {
            throw unsupported(key);
        }
        byte[] outer = {};
        byte[] inner = {};
        try {
            byte[] plain = rawEdDsa(encoded, ED25519_PRIVATE_PREFIX);
            if (plain != null) {
                return Ed25519PrivateKey.takeOver(SecretBytes.takeOver(plain));
            }
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(encoded);
            ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
            boolean ed25519 = algorithm.equals(ID_ED25519);
            if (!ed25519 && !algorithm.equals(ID_ED448)) {
                throw unsupported(key);
            }
            // The arrays inside the parsed objects, not copies: they are wiped below.
            outer = info.getPrivateKey().getOctets();
            inner = ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets();
            SecretBytes seed = SecretBytes.copyOf(inner);
            return ed25519 ? Ed25519PrivateKey.takeOver(seed) : Ed448PrivateKey.takeOver(seed);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // Without its cause: the parser's message may quote the content.
            throw new MalformedKeyException("PKCS#8", "private key", "it cannot be parsed");
        } finally {
            Arrays.fill(encoded, (byte) 0);
            Arrays.fill(outer, (byte) 0);
            Arrays.fill(inner, (byte) 0);
        }
    }

    /** Returns the point or the seed, or null where the encoding is not the plain one, and has to be parsed. */
    private static byte @Nullable [] rawEdDsa(byte @Nullable [] encoded, byte[] prefix) {
        return encoded != null
                        && encoded.length == prefix.length + Ed25519PublicKey.KEY_BYTES
                        && Arrays.equals(encoded, 0, prefix.length, prefix, 0, prefix.length)
                ? Arrays.copyOfRange(encoded, prefix.length, encoded.length)
                : null;
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
