package io.keywright.format;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PrivateKey;
import io.keywright.Ed448PublicKey;
import io.keywright.KeyComment;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPrivateKey;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/**
 * JSON Web Key (RFC 7517), one JSON object:
 *
 * <pre>
 *   kty "RSA"   n, e;       private: d, p, q, dp, dq, qi           RFC 7518, section 6.3
 *   kty "EC"    crv, x, y;  private: d                             RFC 7518, section 6.2
 *   kty "OKP"   crv, x;     private: d, the seed                   RFC 8037, section 2
 *   kid         the comment, where it is not empty                 RFC 7517, section 4.5
 * </pre>
 *
 * <p>Values are base64url without padding. RSA numbers are unsigned, and leading zeros are read and not written; EC
 * coordinates and scalars have the field's full length. A JWK with {@code d} is a private one. No other member than these
 * counts, neither {@code use} nor {@code alg}: what a JWK may be used for is the business of JOSE.
 *
 * <p>{@code kid} is the one member that names a key as its owner wishes; a thumbprint there is read as a comment too.
 */
final class JwkCodec implements KeyCodec {
    static final JwkCodec INSTANCE = new JwkCodec();

    private static final String KID = "kid";
    private static final String PRIVATE = "d";
    private static final String MORE_PRIMES = "oth";
    private static final List<String> CRT = List.of("p", "q", "dp", "dq", "qi");

    /** Names that are longer are none, and are not repeated in messages. */
    private static final int MAX_NAME_LENGTH = 32;

    private JwkCodec() {}

    // --- reading ---

    @Override
    public SshKeyPair read(KeyBlock block, Context context) {
        try (JwkMembers members = members(block, context)) {
            if (!isPrivate(members)) {
                throw new UnexpectedPublicKeyException(publicKey(members));
            }
            return pair(members);
        }
    }

    @Override
    public SshPublicKey readPublic(KeyBlock block, Context context) {
        try (JwkMembers members = members(block, context)) {
            return readPublic(members);
        }
    }

    @Override
    public KeyInspection inspect(KeyBlock block, Context context) {
        try (JwkMembers members = members(block, context)) {
            SshPublicKey key = readPublic(members);
            return Inspections.of(block, key)
                    .holdsPrivateKey(isPrivate(members))
                    .comment(Optional.of(key.comment()))
                    .build();
        }
    }

    private static JwkMembers members(KeyBlock block, Context context) {
        return JwkMembers.read(block.text(), block.bodyFrom(), block.bodyTo(), context.limits());
    }

    /** A private key has {@code d}; an RSA key that has other private members and lacks it is a broken private key. */
    private static boolean isPrivate(JwkMembers members) {
        return members.has(PRIVATE)
                || (members.text(JwkMembers.TYPE).equals("RSA")
                        && Stream.concat(CRT.stream(), Stream.of(MORE_PRIMES)).anyMatch(members::has));
    }

    /** Reads the public half, and checks it against the private one where there is one. */
    private static SshPublicKey readPublic(JwkMembers members) {
        if (!isPrivate(members)) {
            return publicKey(members);
        }
        try (SshKeyPair pair = pair(members)) {
            return pair.publicKey();
        }
    }

    private static SshPublicKey publicKey(JwkMembers members) {
        SshPublicKey key = switch (members.text(JwkMembers.TYPE)) {
            case "RSA" -> rsa(members);
            case "EC" -> ec(members);
            case "OKP" -> okp(members);
            default -> throw unknown("key type", members.text(JwkMembers.TYPE));
        };
        return members.has(KID) ? key.withComment(KeyComment.ofBytes(members.raw(KID))) : key;
    }

    private static RsaPublicKey rsa(JwkMembers members) {
        return RsaPublicKey.of(number(members, "e"), number(members, "n"));
    }

    private static EcdsaPublicKey ec(JwkMembers members) {
        EcdsaCurve curve = curve(members);
        byte[] point = new byte[1 + 2 * curve.fieldBytes()];
        point[0] = 4;
        System.arraycopy(fixed(members, "x", curve.fieldBytes()), 0, point, 1, curve.fieldBytes());
        System.arraycopy(fixed(members, "y", curve.fieldBytes()), 0, point, 1 + curve.fieldBytes(), curve.fieldBytes());
        return EcdsaPublicKey.of(curve, point);
    }

    private static SshPublicKey okp(JwkMembers members) {
        return switch (members.text("crv")) {
            case "Ed25519" -> Ed25519PublicKey.of(fixed(members, "x", Ed25519PublicKey.KEY_BYTES));
            case "Ed448" -> Ed448PublicKey.of(fixed(members, "x", Ed448PublicKey.KEY_BYTES));
            default -> throw unknown("curve", members.text("crv"));
        };
    }

    private static EcdsaCurve curve(JwkMembers members) {
        String name = members.text("crv");
        for (EcdsaCurve curve : EcdsaCurve.values()) {
            if (jwkName(curve).equals(name)) {
                return curve;
            }
        }
        throw unknown("curve", name);
    }

    private static String jwkName(EcdsaCurve curve) {
        return "P-" + curve.bits();
    }

    private static SshKeyPair pair(JwkMembers members) {
        SshPublicKey publicKey = publicKey(members);
        if (publicKey instanceof RsaPublicKey rsa) {
            return rsaPair(members, rsa);
        }
        return SshKeyPair.of(publicKey, privateKey(members, publicKey));
    }

    private static SshPrivateKey privateKey(JwkMembers members, SshPublicKey publicKey) {
        if (publicKey instanceof EcdsaPublicKey ec) {
            EcdsaCurve curve = ec.curve();
            return EcdsaPrivateKey.takeOver(curve, secret(members, curve.fieldBytes()));
        } else if (publicKey instanceof Ed25519PublicKey) {
            return Ed25519PrivateKey.takeOver(secret(members, Ed25519PrivateKey.SEED_BYTES));
        }
        return Ed448PrivateKey.takeOver(secret(members, Ed448PrivateKey.SEED_BYTES));
    }

    /** Whoever writes one of p, q, dp, dq and qi writes all (RFC 7518, section 6.3.2); SSH needs them. */
    private static SshKeyPair rsaPair(JwkMembers members, RsaPublicKey publicKey) {
        if (members.has(MORE_PRIMES)) {
            throw new UnsupportedKeyException("RSA", "RSA with more than two primes (oth) is not known to SSH");
        }
        if (CRT.stream().noneMatch(members::has)) {
            throw new UnsupportedKeyException(
                    "RSA", "this JWK has the private exponent alone: SSH needs p, q, dp, dq and qi as well");
        }
        BigInteger d = number(members, PRIVATE);
        BigInteger p = number(members, "p");
        BigInteger q = number(members, "q");
        BigInteger exponentP = number(members, "dp");
        BigInteger exponentQ = number(members, "dq");
        return Asn1PrivateKeys.rsaPair(publicKey, d, p, q, exponentP, exponentQ, number(members, "qi"));
    }

    private static BigInteger number(JwkMembers members, String name) {
        byte[] bytes = members.bytes(name);
        BigInteger number = new BigInteger(1, bytes);
        Arrays.fill(bytes, (byte) 0);
        return number;
    }

    private static SecretBytes secret(JwkMembers members, int length) {
        return SecretBytes.takeOver(fixed(members, PRIVATE, length));
    }

    private static byte[] fixed(JwkMembers members, String name, int length) {
        byte[] bytes = members.bytes(name);
        if (bytes.length != length) {
            Arrays.fill(bytes, (byte) 0);
            throw JwkMembers.malformed(name, length + " bytes expected, got " + bytes.length);
        }
        return bytes;
    }

    private static UnsupportedKeyException unknown(String what, String name) {
        // What is no name may be anything, also a secret in the wrong place.
        boolean printable = name.length() <= MAX_NAME_LENGTH && name.matches("[A-Za-z0-9.+_-]+");
        String shown = printable ? name : "unknown";
        return new UnsupportedKeyException(
                shown,
                "SSH has no key for a JWK with the " + what + " " + shown
                        + ": RSA, EC on P-256, P-384 or P-521, and OKP with Ed25519 or Ed448 are read");
    }

    // --- writing ---

    static EncodedKey write(SshKeyPair pair, KeyComment comment) {
        return write(pair.publicKey(), pair.privateKey(), comment);
    }

    static EncodedKey writePublic(SshPublicKey key) {
        return write(key, null, key.comment());
    }

    private static EncodedKey write(SshPublicKey key, @Nullable SshPrivateKey privateKey, KeyComment comment) {
        byte[] quotedComment = quote(key, comment);
        try (WireWriter json = new WireWriter()) {
            if (key instanceof RsaPublicKey rsa) {
                begin(json, "RSA", quotedComment);
                writeRsa(json, rsa, (RsaPrivateKey) privateKey);
            } else if (key instanceof EcdsaPublicKey ec) {
                begin(json, "EC", quotedComment);
                writeEc(json, ec, (EcdsaPrivateKey) privateKey);
            } else if (key instanceof Ed25519PublicKey ed) {
                begin(json, "OKP", quotedComment);
                writeOkp(json, "Ed25519", ed.point(), privateKey instanceof Ed25519PrivateKey p ? p.seed() : null);
            } else if (key instanceof Ed448PublicKey ed) {
                begin(json, "OKP", quotedComment);
                writeOkp(json, "Ed448", ed.point(), privateKey instanceof Ed448PrivateKey p ? p.seed() : null);
            } else {
                throw new UnsupportedKeyException(
                        key.algorithm(),
                        "JWK has no place for keys of type " + key.algorithm() + ", which are not written");
            }
            ascii(json, "}\n");
            return new EncodedKey(KeyFormat.JWK, privateKey != null, true, SecretBytes.takeOver(json.toByteArray()));
        }
    }

    private static void begin(WireWriter json, String type, byte[] quotedComment) {
        ascii(json, "{\"kty\":\"" + type + "\"");
        if (quotedComment.length > 0) {
            ascii(json, ",\"kid\":\"");
            json.writeBytes(quotedComment);
            ascii(json, "\"");
        }
    }

    private static void writeRsa(WireWriter json, RsaPublicKey key, @Nullable RsaPrivateKey privateKey) {
        member(json, "n", BigIntegers.asUnsignedByteArray(key.modulus()));
        member(json, "e", BigIntegers.asUnsignedByteArray(key.exponent()));
        if (privateKey != null) {
            BigInteger d = Asn1PrivateKeys.number(privateKey.exponent());
            BigInteger p = Asn1PrivateKeys.number(privateKey.primeP());
            BigInteger q = Asn1PrivateKeys.number(privateKey.primeQ());
            member(json, "d", BigIntegers.asUnsignedByteArray(d));
            member(json, "p", BigIntegers.asUnsignedByteArray(p));
            member(json, "q", BigIntegers.asUnsignedByteArray(q));
            member(json, "dp", BigIntegers.asUnsignedByteArray(d.mod(p.subtract(BigInteger.ONE))));
            member(json, "dq", BigIntegers.asUnsignedByteArray(d.mod(q.subtract(BigInteger.ONE))));
            member(json, "qi", BigIntegers.asUnsignedByteArray(Asn1PrivateKeys.number(privateKey.coefficient())));
        }
    }

    private static void writeEc(WireWriter json, EcdsaPublicKey key, @Nullable EcdsaPrivateKey privateKey) {
        int length = key.curve().fieldBytes();
        byte[] point = key.point();
        ascii(json, ",\"crv\":\"" + jwkName(key.curve()) + "\"");
        member(json, "x", Arrays.copyOfRange(point, 1, 1 + length));
        member(json, "y", Arrays.copyOfRange(point, 1 + length, point.length));
        if (privateKey != null) {
            member(json, PRIVATE, BigIntegers.asUnsignedByteArray(length, Asn1PrivateKeys.number(privateKey.scalar())));
        }
    }

    private static void writeOkp(WireWriter json, String curve, byte[] point, @Nullable SecretBytes seed) {
        ascii(json, ",\"crv\":\"" + curve + "\"");
        member(json, "x", point);
        if (seed != null) {
            member(json, PRIVATE, seed.toByteArray());
        }
    }

    /** Writes a member and wipes its value. */
    private static void member(WireWriter json, String name, byte[] value) {
        byte[] base64 = Base64.getUrlEncoder().withoutPadding().encode(value);
        ascii(json, ",\"" + name + "\":\"");
        json.writeBytes(base64);
        ascii(json, "\"");
        Arrays.fill(base64, (byte) 0);
        Arrays.fill(value, (byte) 0);
    }

    private static void ascii(WireWriter json, String text) {
        json.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Makes a comment fit between quotes. JSON is text, so that a comment has to be as well. */
    private static byte[] quote(SshPublicKey key, KeyComment comment) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(comment.toByteArray()))
                    .toString();
            return JsonStringEncoder.getInstance().quoteAsUTF8(text);
        } catch (CharacterCodingException e) {
            throw new SshKeyException("the comment of " + key.fingerprint()
                    + " is not UTF-8 and cannot stand in JSON: replace it with withComment(...)");
        }
    }
}
