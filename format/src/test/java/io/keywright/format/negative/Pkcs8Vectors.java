package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Der.bits;
import static io.keywright.format.negative.Der.explicit;
import static io.keywright.format.negative.Der.integer;
import static io.keywright.format.negative.Der.octets;
import static io.keywright.format.negative.Der.oid;
import static io.keywright.format.negative.Der.sequence;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PKCS#8 without encryption: the frame, and the keys in it. Its encryption: {@link Pbes2Vectors}. */
final class Pkcs8Vectors {
    private static final String FORMAT = "PKCS#8";
    private static final byte[] ED25519 = sequence(oid(Der.ED25519));
    private static final byte[] RSA = sequence(oid(Der.RSA), Der.NULL);
    private static final byte[] P256 = sequence(oid(Der.EC), oid(Der.P256));

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        Pkcs8Vectors set = new Pkcs8Vectors();
        set.frame();
        set.algorithms();
        set.edwards();
        set.rsa();
        set.ec();
        set.dsa();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, byte[]... fields) {
        vectors.add(expectation.vector("pkcs8/" + name, why, Bytes.pem("PRIVATE KEY", sequence(fields))));
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private static byte[] seed() {
        byte[] der = Bytes.unpem(Bytes.seed("ed25519-pkcs8.pem"));
        return Arrays.copyOfRange(der, der.length - 32, der.length);
    }

    private static byte[] ed25519() {
        return octets(octets(seed()));
    }

    private void frame() {
        add(
                "version-2",
                "a version that does not exist",
                malformed("version", "0 or 1 expected"),
                integer(2),
                ED25519,
                ed25519());
        add(
                "version-negative",
                "a negative version",
                malformed("version", "negative number"),
                integer(-1),
                ED25519,
                ed25519());
        add(
                "version-huge",
                "a version of 65 bits",
                malformed("version", "0 or 1 expected"),
                integer(BigInteger.ONE.shiftLeft(64)),
                ED25519,
                ed25519());
        add(
                "version-missing",
                "the version is missing",
                malformed("version", "an INTEGER is expected"),
                ED25519,
                ed25519());
        add(
                "algorithm-missing",
                "the algorithm is missing",
                malformed("algorithm", "a SEQUENCE is expected"),
                integer(0),
                ed25519());
        add(
                "algorithm-empty",
                "an algorithm without a name",
                malformed("algorithm", "it is missing"),
                integer(0),
                sequence(),
                ed25519());
        add(
                "algorithm-trailing",
                "a field too many in the algorithm",
                malformed("algorithm", "1 elements too many"),
                integer(0),
                sequence(oid(Der.RSA), Der.NULL, Der.NULL),
                ed25519());
        add("key-missing", "the key is missing", malformed("private key", "it is missing"), integer(0), ED25519);
        add(
                "key-integer",
                "the key is no OCTET STRING",
                malformed("private key", "an OCTET STRING is expected"),
                integer(0),
                ED25519,
                integer(1));
        add(
                "field-more",
                "a field too many",
                malformed("private key", "1 elements too many"),
                integer(0),
                ED25519,
                ed25519(),
                Der.NULL);
        byte[] point = Arrays.copyOfRange(Bytes.unpem(Bytes.seed("ed25519-spki.pem")), 12, 44);
        add(
                "public-in-version-0",
                "a public key, which version 0 has none of",
                malformed("public key", "there must be none in version 0"),
                integer(0),
                ED25519,
                ed25519(),
                Der.element(0x81, concat(new byte[1], point)));
        byte[] other = OpensshParts.of("other").fields.get(0);
        add(
                "swapped-public",
                "the public key of another key",
                Expectation.mismatch("do not belong together"),
                integer(1),
                ED25519,
                ed25519(),
                Der.element(0x81, concat(new byte[1], other)));
        add(
                "public-bits",
                "a public key of no whole bytes",
                malformed("public key", "a BIT STRING of whole bytes"),
                integer(1),
                ED25519,
                ed25519(),
                Der.element(0x81, concat(new byte[] {4}, point)));
        add(
                "public-empty",
                "a BIT STRING without its first byte",
                Expectation.malformed(FORMAT, "public key", ""),
                integer(1),
                ED25519,
                ed25519(),
                Der.element(0x81, new byte[0]));
        String text = Bytes.seed("ed25519-pkcs8.pem");
        vectors.add(Expectation.malformed("key file", "second key", "two keys where one is expected")
                .vector("pkcs8/two-keys", "two keys in one text", text + text));
    }

    private void algorithms() {
        add(
                "algorithm-x25519",
                "a key for key exchange",
                Expectation.unsupported("1.3.101.110", "no key type"),
                integer(0),
                sequence(oid(Der.X25519)),
                ed25519());
        add(
                "algorithm-unknown",
                "an algorithm that nobody knows",
                Expectation.unsupported("1.2.3.4", "no key type"),
                integer(0),
                sequence(oid(Der.UNKNOWN)),
                ed25519());
        add(
                "ed25519-parameters",
                "parameters where there are none",
                malformed("algorithm parameters", "there must be none"),
                integer(0),
                sequence(oid(Der.ED25519), Der.NULL),
                ed25519());
        add(
                "ed448-parameters",
                "parameters where there are none",
                malformed("algorithm parameters", "there must be none"),
                integer(0),
                sequence(oid(Der.ED448), Der.NULL),
                octets(octets(new byte[57])));
        add(
                "rsa-parameters",
                "parameters other than NULL",
                malformed("algorithm parameters", "there must be none"),
                integer(0),
                sequence(oid(Der.RSA), integer(1)),
                octets(rsaKey(numbers())));
        byte[] key = octets(ecKey(scalar(), null, null));
        add(
                "ec-curve-missing",
                "no curve",
                malformed("curve", "it is missing"),
                integer(0),
                sequence(oid(Der.EC)),
                key);
        add(
                "ec-curve-secp256k1",
                "a curve that SSH does not know",
                Expectation.unsupported("EC", "P-256, P-384 and P-521"),
                integer(0),
                sequence(oid(Der.EC), oid(Der.SECP256K1)),
                key);
        add(
                "ec-curve-spelt-out",
                "a curve that is spelt out: it need not be what it looks like",
                Expectation.unsupported("EC", "spelt out"),
                integer(0),
                sequence(oid(Der.EC), sequence(integer(1), sequence())),
                key);
        add(
                "dsa-parameters-missing",
                "no parameters",
                malformed("DSA parameters", "a SEQUENCE is expected"),
                integer(0),
                sequence(oid(Der.DSA)),
                octets(integer(5)));
    }

    private void edwards() {
        add(
                "ed25519-seed-31",
                "a seed of 31 bytes",
                malformed("seed", "32 bytes expected, got 31"),
                integer(0),
                ED25519,
                octets(octets(new byte[31])));
        add(
                "ed25519-seed-33",
                "a seed of 33 bytes",
                malformed("seed", "32 bytes expected, got 33"),
                integer(0),
                ED25519,
                octets(octets(new byte[33])));
        add(
                "ed25519-seed-empty",
                "no seed",
                malformed("seed", "32 bytes expected, got 0"),
                integer(0),
                ED25519,
                octets(octets(new byte[0])));
        add(
                "ed25519-not-nested",
                "the seed without an OCTET STRING of its own",
                malformed("ASN.1", ""),
                integer(0),
                ED25519,
                octets(seed()));
        add(
                "ed25519-trailing",
                "a byte behind the seed",
                malformed("ASN.1", ""),
                integer(0),
                ED25519,
                octets(concat(octets(seed()), new byte[1])));
        add(
                "ed25519-seed-integer",
                "an INTEGER for a seed",
                malformed("seed", "an OCTET STRING is expected"),
                integer(0),
                ED25519,
                octets(integer(5)));
        add(
                "ed448-seed-56",
                "a seed of 56 bytes",
                malformed("seed", "57 bytes expected, got 56"),
                integer(0),
                sequence(oid(Der.ED448)),
                octets(octets(new byte[56])));
    }

    /** n, e, d, p, q, d mod p-1, d mod q-1, q^-1 mod p of the seed. */
    static BigInteger[] numbers() {
        List<byte[]> fields = OpensshParts.of("rsa").fields;
        BigInteger[] openssh = fields.stream().map(f -> new BigInteger(1, f)).toArray(BigInteger[]::new);
        BigInteger d = openssh[2];
        BigInteger p = openssh[4];
        BigInteger q = openssh[5];
        return new BigInteger[] {
            openssh[0],
            openssh[1],
            d,
            p,
            q,
            d.mod(p.subtract(BigInteger.ONE)),
            d.mod(q.subtract(BigInteger.ONE)),
            openssh[3]
        };
    }

    static byte[] rsaKey(BigInteger... numbers) {
        return sequence(
                integer(0), concat(Arrays.stream(numbers).map(Der::integer).toArray(byte[][]::new)));
    }

    private void rsa() {
        BigInteger[] right = numbers();
        rsa("modulus", "another modulus", Expectation.mismatch(""), 0, right[0].add(BigInteger.TWO));
        rsa(
                "modulus-negative",
                "a negative modulus",
                malformed("RSA modulus", "negative number"),
                0,
                right[0].negate());
        rsa(
                "modulus-even",
                "an even modulus",
                Expectation.malformed("ssh-rsa", "modulus", "positive and odd"),
                0,
                right[0].subtract(BigInteger.ONE));
        rsa(
                "modulus-1023-bits",
                "a modulus of 1023 bits",
                Expectation.limit("RSA modulus size in bits", 1023, "at least 1024"),
                0,
                BigInteger.ONE.shiftLeft(1022).add(BigInteger.ONE));
        rsa(
                "modulus-16385-bits",
                "a modulus of 16385 bits",
                Expectation.limit(FORMAT + " number size in bits", 16385, "fixed"),
                0,
                BigInteger.ONE.shiftLeft(16384));
        rsa(
                "exponent-even",
                "an even exponent",
                Expectation.malformed("ssh-rsa", "exponent", "odd"),
                1,
                BigInteger.valueOf(65536));
        rsa("d", "the private exponent of no such key", Expectation.mismatch(""), 2, right[2].add(BigInteger.TWO));
        rsa("prime-p", "p is another number", Expectation.mismatch(""), 3, right[3].add(BigInteger.TWO));
        rsa("prime-p-0", "p is zero", Expectation.mismatch(""), 3, BigInteger.ZERO);
        rsa("prime-q-1", "q is one: nothing is left modulo q-1", Expectation.mismatch(""), 4, BigInteger.ONE);
        rsa("prime-q-negative", "a negative prime", malformed("RSA prime q", "negative number"), 4, right[4].negate());
        rsa(
                "exponent-p",
                "another d mod p-1",
                Expectation.mismatch("do not belong together"),
                5,
                right[5].add(BigInteger.TWO));
        rsa(
                "exponent-q",
                "another d mod q-1",
                Expectation.mismatch("do not belong together"),
                6,
                right[6].add(BigInteger.TWO));
        rsa("coefficient", "another coefficient", Expectation.mismatch("coefficient"), 7, right[7].add(BigInteger.TWO));
        add(
                "rsa-version-1",
                "more than two primes",
                Expectation.unsupported("RSA", "more than two primes"),
                integer(0),
                RSA,
                octets(sequence(integer(1), integer(5))));
        add(
                "rsa-version-2",
                "a version that does not exist",
                malformed("RSA version", "0 expected"),
                integer(0),
                RSA,
                octets(sequence(integer(2), integer(5))));
        add(
                "rsa-coefficient-missing",
                "a number is missing",
                malformed("RSA coefficient", "it is missing"),
                integer(0),
                RSA,
                octets(rsaKey(Arrays.copyOf(right, 7))));
        BigInteger[] more = Arrays.copyOf(right, 9);
        more[8] = BigInteger.ONE;
        add(
                "rsa-number-more",
                "a number too many",
                malformed("RSA private key", "1 elements too many"),
                integer(0),
                RSA,
                octets(rsaKey(more)));
        add("rsa-key-empty", "no key", malformed("ASN.1", "there is nothing"), integer(0), RSA, octets(new byte[0]));
    }

    private void rsa(String name, String why, Expectation expectation, int index, BigInteger value) {
        BigInteger[] numbers = numbers();
        numbers[index] = value;
        add("rsa-" + name, why, expectation, integer(0), RSA, octets(rsaKey(numbers)));
    }

    static byte[] scalar() {
        return unsigned32(new BigInteger(1, OpensshParts.of("p256").fields.get(2)));
    }

    private static byte[] unsigned32(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[32];
        int count = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - count, out, 32 - count, count);
        return out;
    }

    private static byte[] ecKey(byte[] scalar, byte @Nullable [] curve, byte @Nullable [] point) {
        return sequence(
                integer(1),
                octets(scalar),
                curve == null ? new byte[0] : explicit(0, curve),
                point == null ? new byte[0] : explicit(1, point));
    }

    private void ec() {
        byte[] point = OpensshParts.of("p256").fields.get(1);
        Expectation range = Expectation.malformed("ecdsa-sha2-nistp256", "private scalar", "out of range");
        ec("scalar-0", "a scalar of zero", range, ecKey(new byte[32], null, null));
        ec(
                "scalar-order",
                "the curve's order for a scalar",
                range,
                ecKey(unsigned32(OpensshNumberVectors.P256_ORDER), null, null));
        ec("scalar-empty", "no scalar", malformed("EC scalar", "1 to 32 bytes"), ecKey(new byte[0], null, null));
        byte[] long33 = new byte[33];
        long33[0] = 1;
        ec("scalar-33", "a scalar of 33 bytes", malformed("EC scalar", "1 to 32 bytes"), ecKey(long33, null, null));
        ec(
                "version-0",
                "a version that does not exist",
                malformed("EC version", "1 expected"),
                sequence(integer(0), octets(scalar())));
        ec(
                "field-more",
                "a field too many",
                malformed("EC private key", "1 elements too many"),
                sequence(integer(1), octets(scalar()), Der.NULL));
        ec(
                "curve-inside",
                "another curve within",
                Expectation.mismatch("do not belong together"),
                ecKey(scalar(), oid(Der.P384), null));
        ec(
                "curve-integer",
                "brackets that hold no curve",
                Expectation.unsupported("EC", "spelt out"),
                ecKey(scalar(), integer(1), null));
        String type = "ecdsa-sha2-nistp256";
        ec(
                "point-off-curve",
                "a point beside the curve",
                Expectation.malformed(type, "point", "not on the curve"),
                ecKey(scalar(), null, bits(Bytes.flip(point, -1))));
        byte[] compressed = Arrays.copyOf(point, 33);
        compressed[0] = (byte) (2 + (point[64] & 1));
        ec(
                "point-compressed",
                "a compressed point",
                Expectation.malformed(type, "point", "an uncompressed point"),
                ecKey(scalar(), null, bits(compressed)));
        ec(
                "point-infinity",
                "the point at infinity",
                Expectation.malformed(type, "point", "an uncompressed point"),
                ecKey(scalar(), null, bits(new byte[1])));
        ec(
                "point-bits",
                "a point of no whole bytes",
                malformed("EC point", "a BIT STRING of whole bytes"),
                ecKey(scalar(), null, Der.element(3, concat(new byte[] {1}, point, new byte[] {0}))));
        ec(
                "point-octets",
                "an OCTET STRING for a point",
                malformed("EC point", "a BIT STRING of whole bytes"),
                ecKey(scalar(), null, octets(point)));
        byte[] negated = point.clone();
        BigInteger prime = new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
        BigInteger y = prime.subtract(new BigInteger(1, Arrays.copyOfRange(point, 33, 65)));
        System.arraycopy(unsigned32(y), 0, negated, 33, 32);
        ec(
                "swapped-public",
                "the point of another key: the same one, mirrored",
                Expectation.mismatch("scalar"),
                ecKey(scalar(), null, bits(negated)));
    }

    private void ec(String name, String why, Expectation expectation, byte[] key) {
        add("ec-" + name, why, expectation, integer(0), P256, octets(key));
    }

    private void dsa() {
        BigInteger[] right = OpensshParts.of("dsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        dsa(
                "x-0",
                "x is zero",
                Expectation.mismatch("do not belong together"),
                right[0],
                right[1],
                right[2],
                BigInteger.ZERO);
        dsa(
                "x-q",
                "x is not below q",
                Expectation.mismatch("do not belong together"),
                right[0],
                right[1],
                right[2],
                right[1]);
        dsa(
                "x-negative",
                "a negative x",
                malformed("DSA x", "negative number"),
                right[0],
                right[1],
                right[2],
                right[4].negate());
        dsa(
                "g-1",
                "a generator that generates nothing",
                Expectation.malformed("ssh-dss", "g", "between 1 and p"),
                right[0],
                right[1],
                BigInteger.ONE,
                right[4]);
        dsa(
                "p-even",
                "an even p",
                Expectation.malformed("ssh-dss", "p", "odd"),
                right[0].subtract(BigInteger.ONE),
                right[1],
                right[2],
                right[4]);
        dsa(
                "p-0",
                "p is zero",
                Expectation.malformed("ssh-dss", "p", "odd"),
                BigInteger.ZERO,
                right[1],
                right[2],
                right[4]);
        dsa(
                "q-159-bits",
                "q of 159 bits",
                Expectation.malformed("ssh-dss", "q", "160 to 256 bits"),
                right[0],
                BigInteger.ONE.shiftLeft(158).add(BigInteger.ONE),
                right[2],
                right[4]);
        add(
                "dsa-parameter-more",
                "a parameter too many",
                malformed("DSA parameters", "1 elements too many"),
                integer(0),
                sequence(oid(Der.DSA), sequence(integer(right[0]), integer(right[1]), integer(right[2]), integer(1))),
                octets(integer(right[4])));
    }

    private void dsa(
            String name, String why, Expectation expectation, BigInteger p, BigInteger q, BigInteger g, BigInteger x) {
        add(
                "dsa-" + name,
                why,
                expectation,
                integer(0),
                sequence(oid(Der.DSA), sequence(integer(p), integer(q), integer(g))),
                octets(integer(x)));
    }
}
