package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.mpint;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.strings;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** openssh-key-v1: the numbers of RSA and DSA and the points of ECDSA, which other formats hold just as well. */
final class OpensshNumberVectors {
    private static final String FORMAT = "openssh-key-v1";
    private static final BigInteger TWO = BigInteger.TWO;
    /** The order of P-256 (SEC 2, section 2.4.2). */
    static final BigInteger P256_ORDER =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        OpensshNumberVectors set = new OpensshNumberVectors();
        set.rsaPrivate();
        set.rsaPublic();
        set.ecdsa();
        set.points();
        set.dsa();
        set.tokens();
        return set.vectors;
    }

    private void add(String seed, String name, String why, Expectation expectation, Consumer<OpensshParts> fault) {
        OpensshParts parts = OpensshParts.of(seed);
        fault.accept(parts);
        vectors.add(expectation.vector("openssh/" + name, why, parts.text()));
    }

    private static BigInteger number(String seed, int field) {
        return new BigInteger(1, OpensshParts.of(seed).fields.get(field));
    }

    private void rsaPrivate() {
        Expectation exponents = Expectation.mismatch("exponent");
        BigInteger n = number("rsa", 0);
        BigInteger e = number("rsa", 1);
        BigInteger d = number("rsa", 2);
        BigInteger iqmp = number("rsa", 3);
        BigInteger p = number("rsa", 4);
        BigInteger q = number("rsa", 5);
        rsa("inner-modulus", "another modulus within", Expectation.mismatch("RSA modulus differs"), 0, n.add(TWO));
        rsa("inner-exponent", "another exponent within", Expectation.mismatch("RSA exponent differs"), 1, e.add(TWO));
        rsa("d", "the private exponent of no such key", exponents, 2, d.add(TWO));
        rsa("d-zero", "the private exponent is zero", exponents, 2, BigInteger.ZERO);
        rsa("d-above-modulus", "the private exponent is above the modulus", exponents, 2, d.add(n));
        Expectation negative = Expectation.malformed(FORMAT, "RSA private exponent", "negative number");
        rsa("d-negative", "a negative number", negative, 2, d.negate());
        rsa("coefficient", "another coefficient", Expectation.mismatch("coefficient"), 3, iqmp.add(TWO));
        rsa("coefficient-zero", "the coefficient is zero", Expectation.mismatch("coefficient"), 3, BigInteger.ZERO);
        rsa("prime", "p is another number", Expectation.mismatch("primes"), 4, p.add(TWO));
        rsa("prime-zero", "p is zero", Expectation.mismatch("primes"), 4, BigInteger.ZERO);
        rsa(
                "prime-16392-bits",
                "a prime of 16392 bits",
                Expectation.limit(FORMAT + " number size in bits", 16392, "fixed"),
                4,
                BigInteger.ONE.shiftLeft(16391));
        rsa(
                "prime-negative",
                "a negative prime",
                Expectation.malformed(FORMAT, "RSA prime q", "negative number"),
                5,
                q.negate());
        add(
                "rsa",
                "rsa-primes-swapped",
                "p and q are exchanged",
                Expectation.mismatch("coefficient"),
                f -> f.field(4, mpint(q)).field(5, mpint(p)));
        add(
                "rsa",
                "rsa-primes-1-and-n",
                "factors that are no primes",
                Expectation.mismatch("primes"),
                f -> f.field(4, mpint(BigInteger.ONE)).field(5, mpint(n)));
        add(
                "rsa",
                "rsa-swapped-public",
                "the public key of another RSA key",
                Expectation.mismatch("RSA modulus differs"),
                f -> f.blob = OpensshParts.of("otherrsa").blob);
        add(
                "rsa",
                "rsa-modulus-before-exponent",
                "n and e in the order of a blob",
                Expectation.mismatch("RSA modulus"),
                f -> f.field(0, mpint(e)).field(1, mpint(n)));
    }

    private void rsa(String name, String why, Expectation expectation, int field, BigInteger value) {
        add("rsa", "rsa-" + name, why, expectation, f -> f.field(field, mpint(value)));
    }

    private void rsaPublic() {
        BigInteger n = number("rsa", 0);
        BigInteger e = BigInteger.valueOf(65537);
        Expectation exponent = Expectation.malformed("ssh-rsa", "exponent", "odd and between 3 and 2^32 - 1");
        rsaBlob("exponent-even", "an even exponent", exponent, BigInteger.valueOf(65536), n);
        rsaBlob("exponent-1", "an exponent that encrypts nothing", exponent, BigInteger.ONE, n);
        rsaBlob("exponent-0", "an exponent of zero", exponent, BigInteger.ZERO, n);
        rsaBlob(
                "exponent-33-bits",
                "an exponent of 33 bits",
                exponent,
                BigInteger.ONE.shiftLeft(32).add(BigInteger.ONE),
                n);
        Expectation modulus = Expectation.malformed("ssh-rsa", "modulus", "positive and odd");
        rsaBlob("modulus-even", "an even modulus", modulus, e, n.subtract(BigInteger.ONE));
        rsaBlob("modulus-0", "a modulus of zero", modulus, e, BigInteger.ZERO);
        rsaBlob(
                "modulus-1023-bits",
                "a modulus of 1023 bits",
                Expectation.limit("RSA modulus size in bits", 1023, "at least 1024"),
                e,
                BigInteger.ONE.shiftLeft(1022).add(BigInteger.ONE));
        rsaBlob(
                "modulus-16392-bits",
                "a modulus of 16392 bits",
                Expectation.limit("public key blob number size in bits", 16392, "fixed"),
                e,
                BigInteger.ONE.shiftLeft(16391).add(BigInteger.ONE));
        rsaBlob(
                "modulus-negative",
                "a negative modulus",
                Expectation.malformed("public key blob", "RSA modulus", "negative number"),
                e,
                n.negate());
        rsaBlob(
                "exponent-negative",
                "a negative exponent",
                Expectation.malformed("public key blob", "RSA exponent", "negative number"),
                e.negate(),
                n);
    }

    private void rsaBlob(String name, String why, Expectation expectation, BigInteger e, BigInteger n) {
        add("rsa", "rsa-" + name, why, expectation, f -> f.blob = strings(ascii("ssh-rsa"), mpint(e), mpint(n)));
    }

    private void ecdsa() {
        BigInteger scalar = number("p256", 2);
        scalar("scalar", "the scalar of no such key", Expectation.mismatch("scalar"), scalar.xor(BigInteger.ONE));
        Expectation range = Expectation.malformed("ecdsa-sha2-nistp256", "private scalar", "out of range");
        scalar("scalar-0", "a scalar of zero", range, BigInteger.ZERO);
        scalar("scalar-order", "the curve's order for a scalar", range, P256_ORDER);
        scalar("scalar-above-order", "the right scalar plus the order", range, scalar.add(P256_ORDER));
        scalar(
                "scalar-negative",
                "a negative scalar",
                Expectation.malformed(FORMAT, "ECDSA scalar", "negative number"),
                scalar.negate());
        add(
                "p256",
                "ecdsa-inner-curve",
                "another curve within",
                Expectation.mismatch("curve differs"),
                f -> f.field(0, ascii("nistp384")));
        add(
                "p256",
                "ecdsa-inner-point",
                "another point within",
                Expectation.mismatch("point differs"),
                f -> f.field(1, new byte[65]));
    }

    private void scalar(String name, String why, Expectation expectation, BigInteger scalar) {
        add("p256", "ecdsa-" + name, why, expectation, f -> f.field(2, mpint(scalar)));
    }

    private void points() {
        for (String seed : List.of("p256", "p384", "p521")) {
            String curve = seed.replace("p", "nistp");
            byte[] point = OpensshParts.of(seed).fields.get(1);
            String type = "ecdsa-sha2-" + curve;
            Expectation uncompressed = Expectation.malformed(type, "point", "an uncompressed point of " + point.length);
            Expectation off = Expectation.malformed(type, "point", "not on the curve " + curve);
            point(seed, "off-curve", "a point beside the curve", off, Bytes.flip(point, -1));
            byte[] zero = new byte[point.length];
            zero[0] = 4;
            point(seed, "zero", "the coordinates 0, 0", off, zero);
            byte[] huge = new byte[point.length];
            Arrays.fill(huge, (byte) 0xff);
            huge[0] = 4;
            point(seed, "above-prime", "coordinates that are not below the field's prime", off, huge);
            byte[] compressed = Arrays.copyOf(point, 1 + point.length / 2);
            compressed[0] = (byte) (2 + (point[point.length - 1] & 1));
            point(seed, "compressed", "a compressed point", uncompressed, compressed);
            byte[] hybrid = point.clone();
            hybrid[0] = (byte) (6 + (point[point.length - 1] & 1));
            point(seed, "hybrid", "a hybrid point", uncompressed, hybrid);
            point(seed, "infinity", "the point at infinity", uncompressed, new byte[1]);
            point(seed, "empty", "no point", uncompressed, new byte[0]);
            point(seed, "short", "a point without its last byte", uncompressed, Arrays.copyOf(point, point.length - 1));
        }
        byte[] p256 = OpensshParts.of("p256").fields.get(1);
        add(
                "p256",
                "ecdsa-curve-of-type",
                "type and curve do not agree",
                Expectation.malformed("public key blob", "curve", "it must be nistp384 for ecdsa-sha2-nistp384"),
                f -> f.blob = strings(ascii("ecdsa-sha2-nistp384"), ascii("nistp256"), p256));
        add(
                "p256",
                "ecdsa-curve-unknown",
                "a curve that SSH does not know",
                Expectation.malformed("public key blob", "curve", "it must be nistp256"),
                f -> f.blob = strings(ascii("ecdsa-sha2-nistp256"), ascii("secp256k1"), p256));
        add(
                "p256",
                "ecdsa-point-of-another-curve",
                "a point of P-256 in a key of P-384",
                Expectation.malformed("ecdsa-sha2-nistp384", "point", "an uncompressed point of 97"),
                f -> f.blob = strings(ascii("ecdsa-sha2-nistp384"), ascii("nistp384"), p256));
    }

    private void point(String seed, String name, String why, Expectation expectation, byte[] point) {
        String curve = seed.replace("p", "nistp");
        add(
                seed,
                seed + "-point-" + name,
                why,
                expectation,
                f -> f.blob = strings(ascii("ecdsa-sha2-" + curve), ascii(curve), point));
    }

    private void dsa() {
        BigInteger p = number("dsa", 0);
        BigInteger q = number("dsa", 1);
        BigInteger g = number("dsa", 2);
        BigInteger y = number("dsa", 3);
        BigInteger x = number("dsa", 4);
        dsaBlob("p-even", "an even p", "p", p.subtract(BigInteger.ONE), q, g, y);
        dsaBlob(
                "p-511-bits",
                "p of 511 bits",
                "p",
                BigInteger.ONE.shiftLeft(510).add(BigInteger.ONE),
                q,
                TWO,
                TWO);
        dsaBlob(
                "q-159-bits",
                "q of 159 bits",
                "q",
                p,
                BigInteger.ONE.shiftLeft(158).add(BigInteger.ONE),
                g,
                y);
        dsaBlob(
                "q-257-bits",
                "q of 257 bits",
                "q",
                p,
                BigInteger.ONE.shiftLeft(256).add(BigInteger.ONE),
                g,
                y);
        dsaBlob("q-even", "an even q", "q", p, q.subtract(BigInteger.ONE), g, y);
        dsaBlob("g-1", "a generator that generates nothing", "g", p, q, BigInteger.ONE, y);
        dsaBlob("g-p", "a generator that is not below p", "g", p, q, p, y);
        dsaBlob("y-0", "y is zero", "y", p, q, g, BigInteger.ZERO);
        dsaBlob("y-p", "y is not below p", "y", p, q, g, p.add(y));
        Expectation mismatch = Expectation.mismatch("");
        add("dsa", "dsa-x", "the x of no such key", mismatch, f -> f.field(4, mpint(x.xor(BigInteger.ONE))));
        add("dsa", "dsa-x-0", "x is zero", mismatch, f -> f.field(4, new byte[0]));
        add("dsa", "dsa-x-above-q", "the right x plus q", mismatch, f -> f.field(4, mpint(x.add(q))));
        List<String> names = List.of("p", "q", "g", "y");
        for (int i = 0; i < names.size(); i++) {
            int field = i;
            String name = names.get(i);
            add(
                    "dsa",
                    "dsa-inner-" + name,
                    "another " + name + " within",
                    Expectation.mismatch("DSA " + name + " differs"),
                    f -> f.field(field, mpint(number("dsa", field).add(TWO))));
        }
        add(
                "dsa",
                "dsa-x-negative",
                "a negative x",
                Expectation.malformed(FORMAT, "DSA x", "negative number"),
                f -> f.field(4, mpint(x.negate())));
    }

    private void tokens() {
        byte[] application = ascii("ssh:");
        Expectation point = Expectation.mismatch("point differs");
        Expectation other = Expectation.mismatch("application differs");
        byte[] ed25519 = OpensshParts.of("ed25519").fields.get(0);
        List<byte[]> ed = List.of(ed25519, application);
        String edType = "sk-ssh-ed25519@openssh.com";
        token(edType, "sk-ed25519-inner-point", point, ed, List.of(Bytes.flip(ed25519, 0), application));
        token(edType, "sk-ed25519-inner-application", other, ed, List.of(ed25519, ascii("ssh:a")));
        byte[] curve = ascii("nistp256");
        byte[] p256 = OpensshParts.of("p256").fields.get(1);
        List<byte[]> ec = List.of(curve, p256, application);
        String ecType = "sk-ecdsa-sha2-nistp256@openssh.com";
        token(ecType, "sk-ecdsa-inner-point", point, ec, List.of(curve, Bytes.flip(p256, 0), application));
        token(ecType, "sk-ecdsa-inner-application", other, ec, List.of(curve, p256, ascii("ssh:a")));
        Expectation within = Expectation.mismatch("curve differs");
        token(ecType, "sk-ecdsa-inner-curve", within, ec, List.of(ascii("nistp384"), p256, application));
    }

    /** A key in a token: nothing but what stands in the file tells that its halves belong together. */
    private void token(
            String type, String name, Expectation expectation, List<byte[]> publicFields, List<byte[]> privateFields) {
        add("ed25519", name, "a token's key with another half", expectation, f -> {
            f.type = type;
            f.blob = Bytes.concat(strings(ascii(type)), strings(publicFields.toArray(byte[][]::new)));
            f.fields.clear();
            f.fields.addAll(privateFields);
            // flags, a handle, nothing reserved, and the comment
            byte[] rest =
                    Bytes.concat(new byte[] {1}, string(new byte[16]), string(new byte[0]), string(ascii("seed")));
            int size = 8 + 4 + type.length() + rest.length;
            for (byte[] field : privateFields) {
                size += 4 + field.length;
            }
            byte[] padding = Arrays.copyOf(new byte[] {1, 2, 3, 4, 5, 6, 7}, -size & 7);
            f.tail = Bytes.concat(rest, padding);
        });
    }

    private void dsaBlob(String name, String why, String where, BigInteger... numbers) {
        byte[] head = strings(ascii("ssh-dss"));
        byte[] rest = strings(Arrays.stream(numbers).map(Bytes::mpint).toArray(byte[][]::new));
        add(
                "dsa",
                "dsa-" + name,
                why,
                Expectation.malformed("ssh-dss", where, "it must"),
                f -> f.blob = Bytes.concat(head, rest));
    }
}
