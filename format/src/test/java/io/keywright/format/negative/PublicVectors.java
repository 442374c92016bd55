package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.mpint;
import static io.keywright.format.negative.Bytes.seed;
import static io.keywright.format.negative.Bytes.strings;
import static io.keywright.format.negative.Der.bits;
import static io.keywright.format.negative.Der.integer;
import static io.keywright.format.negative.Der.oid;
import static io.keywright.format.negative.Der.sequence;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Public keys: the line, RFC 4716, and PEM. Each is also a vector for who expects a private key. */
final class PublicVectors {
    private static final String PEM = "PEM public key";
    private static final String LINE = "public key line";
    private static final String RFC4716 = "RFC 4716 public key";

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        PublicVectors set = new PublicVectors();
        set.privateExpected();
        set.line();
        set.lineBlobs();
        set.rfc4716();
        set.pkcs1();
        set.spki();
        set.spkiAlgorithms();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        Expectation asked = expectation.headers().containsKey("operation") ? expectation : expectation.on("readPublic");
        vectors.add(asked.vector(name, why, body));
    }

    private void privateExpected() {
        String rsa = Bytes.fingerprintOf("rsa.pub");
        String why = "a public key where a private one is expected";
        Expectation found = Expectation.publicKey(rsa).on("read");
        add("line/private-expected", why, found, seed("rsa.pub"));
        add("rfc4716/private-expected", why, found, seed("rsa-rfc4716.pub"));
        add("spki/private-expected", why, found, seed("rsa-spki.pem"));
        add("pkcs1-public/private-expected", why, found, seed("rsa-pkcs1.pem"));
        add(
                "line/private-expected-opaque",
                "a public key of a type that nobody knows, where a private one is expected",
                Expectation.publicKey(Bytes.fingerprint(strings(ascii("ssh-unheard-of"), new byte[5])))
                        .on("read"),
                line("ssh-unheard-of", strings(ascii("ssh-unheard-of"), new byte[5])));
    }

    private static String line(String algorithm, byte[] blob) {
        return algorithm + " " + Base64.getEncoder().encodeToString(blob) + " seed key\n";
    }

    private void line() {
        String text = seed("ed25519.pub");
        byte[] blob = OpensshParts.of("ed25519").blob;
        Expectation base64 = Expectation.malformed(LINE, "blob", "not base64");
        add("line/base64", "a character that is not base64", base64, text.replace("AAAAC", "AA*AC"));
        add("line/base64-url", "base64 in its URL alphabet", base64, text.replace("AAAAC", "AAA_-"));
        Expectation names = Expectation.malformed(LINE, "algorithm", "does not begin with the algorithm");
        add(
                "line/algorithm",
                "the line names another algorithm than the blob",
                names,
                text.replace("ssh-ed25519", "ssh-rsa"));
        add(
                "line/base64-cut",
                "a blob that is cut behind its name",
                Expectation.malformed("public key blob", "Ed25519 key length", "4 bytes needed"),
                line("ssh-ed25519", Arrays.copyOf(blob, 15)));
        add(
                "line/base64-cut-name",
                "a blob that is cut within its name",
                names,
                line("ssh-ed25519", Arrays.copyOf(blob, 9)));
        add(
                "line/base64-cut-key",
                "a blob that is cut within the key",
                Expectation.malformed("public key blob", "Ed25519 key", "32 bytes announced, 21 left"),
                line("ssh-ed25519", Arrays.copyOf(blob, 40)));
        add(
                "line/two",
                "two keys in one text",
                Expectation.malformed("key file", "second key", "two keys"),
                text + seed("rsa.pub"));
        add(
                "line/broken",
                "a key that goes on in another line",
                Expectation.malformed(LINE, "line end", "goes on in another line"),
                seed("rsa.pub").replaceFirst("AAAA(.{60})", "AAAA$1\n"));
        add("line/blob-missing", "a name and nothing else", Expectation.notAKey("no key"), "ssh-ed25519\n");
        add(
                "line/blob-is-comment",
                "a name and a comment",
                Expectation.malformed(LINE, "blob", "not base64"),
                "ssh-ed25519 seed-key@example.org\n");
        add(
                "line/options",
                "options in front, which only authorized_keys has",
                Expectation.malformed(LINE, "options", "options stand in front of the key"),
                "no-pty,command=\"date\" " + text);
        add(
                "line/unknown-of-another",
                "a name that is not the blob's",
                Expectation.notAKey("not a public key line"),
                text.replace("ssh-ed25519", "unheard-of"));
    }

    private void lineBlobs() {
        BigInteger n = new BigInteger(1, OpensshParts.of("rsa").fields.get(0));
        BigInteger e = BigInteger.valueOf(65537);
        add(
                "line/rsa-exponent-even",
                "an even exponent",
                Expectation.malformed("ssh-rsa", "exponent", "odd"),
                line("ssh-rsa", strings(ascii("ssh-rsa"), mpint(BigInteger.valueOf(4)), mpint(n))));
        add(
                "line/rsa-negative",
                "a negative modulus",
                Expectation.malformed("public key blob", "RSA modulus", "negative"),
                line("ssh-rsa", strings(ascii("ssh-rsa"), mpint(e), mpint(n.negate()))));
        add(
                "line/rsa-1023-bits",
                "a modulus of 1023 bits",
                Expectation.limit("RSA modulus size in bits", 1023, "at least 1024"),
                line(
                        "ssh-rsa",
                        strings(
                                ascii("ssh-rsa"),
                                mpint(e),
                                mpint(BigInteger.ONE.shiftLeft(1022).add(BigInteger.ONE)))));
        add(
                "line/rsa-trailing",
                "a byte behind the modulus",
                Expectation.malformed("public key blob", "end of the blob", "1 bytes too many"),
                line("ssh-rsa", concat(OpensshParts.of("rsa").blob, new byte[1])));
        byte[] point = OpensshParts.of("p256").fields.get(1);
        String type = "ecdsa-sha2-nistp256";
        add(
                "line/ecdsa-off-curve",
                "a point beside the curve",
                Expectation.malformed(type, "point", "not on the curve"),
                line(type, strings(ascii(type), ascii("nistp256"), Bytes.flip(point, -1))));
        add(
                "line/ecdsa-infinity",
                "the point at infinity",
                Expectation.malformed(type, "point", "an uncompressed point"),
                line(type, strings(ascii(type), ascii("nistp256"), new byte[1])));
        add(
                "line/ecdsa-curve",
                "type and curve do not agree",
                Expectation.malformed("public key blob", "curve", "must be nistp256"),
                line(type, strings(ascii(type), ascii("nistp384"), point)));
        add(
                "line/name-2gib",
                "a name of 2 GiB announced",
                Expectation.malformed(LINE, "algorithm", "does not begin with"),
                line("ssh-ed25519", concat(Bytes.uint32(0x7fffffff), new byte[20])));
        add(
                "line/blob-large",
                "a blob of more than 256 KiB",
                Expectation.limit("public key line, base64 size in bytes", 349552, "fixed"),
                line("ssh-ed25519", strings(ascii("ssh-ed25519"), new byte[262144])));
    }

    private void rfc4716() {
        String text = seed("rsa-rfc4716.pub");
        byte[] blob = OpensshParts.of("rsa").blob;
        Expectation end = Expectation.malformed(RFC4716, "END line", "cut off before the END line");
        add("rfc4716/cut-before-end", "the END line is missing", end, text.substring(0, text.indexOf("---- END")));
        add("rfc4716/cut-in-header", "the text ends within a header", end, text.substring(0, 40));
        add(
                "rfc4716/base64",
                "a character that is not base64",
                Expectation.malformed(RFC4716, "base64", "is not base64"),
                text.replace("AAAAB", "AA*AB"));
        Expectation header = Expectation.malformed(RFC4716, "header", "");
        add("rfc4716/tag-65", "a tag of 65 bytes", header, text.replaceFirst("Comment", "x".repeat(65)));
        add(
                "rfc4716/value-long",
                "a value of 3,000 bytes",
                header,
                text.replaceFirst("Comment: .*", "Comment: " + "x".repeat(3000)));
        add(
                "rfc4716/value-long-wrapped",
                "a value of 3,000 bytes in many lines",
                header,
                text.replaceFirst("Comment: .*", "Comment: " + "xxxxxxxxxxxxxxx\\\\\n".repeat(200) + "x"));
        add(
                "rfc4716/continuation-to-the-end",
                "a header that is to be continued, and nothing follows",
                header,
                "---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\\\n---- END SSH2 PUBLIC KEY ----\n");
        Expectation name = Expectation.malformed("public key blob", "algorithm length", "4 bytes needed");
        add(
                "rfc4716/empty",
                "nothing between BEGIN and END",
                name,
                "---- BEGIN SSH2 PUBLIC KEY ----\n---- END SSH2 PUBLIC KEY ----\n");
        add(
                "rfc4716/headers-only",
                "headers and no key",
                name,
                "---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\n---- END SSH2 PUBLIC KEY ----\n");
        add(
                "rfc4716/two-keys",
                "two keys in one text",
                Expectation.malformed("key file", "second key", "two keys"),
                text + text);
        add(
                "rfc4716/trailing-byte",
                "a byte behind the blob",
                Expectation.malformed("public key blob", "end of the blob", "1 bytes too many"),
                rfc4716(concat(blob, new byte[1])));
        add(
                "rfc4716/cut-blob",
                "a blob that is cut",
                Expectation.malformed("public key blob", "RSA modulus", "left"),
                rfc4716(Arrays.copyOf(blob, blob.length - 1)));
        add(
                "rfc4716/blob-2gib",
                "a name of 2 GiB announced",
                Expectation.malformed("public key blob", "algorithm", "2147483647 bytes announced"),
                rfc4716(concat(Bytes.uint32(0x7fffffff), new byte[20])));
        add(
                "rfc4716/pem-dashes",
                "BEGIN and END with five dashes, which is no format",
                Expectation.notAKey("no key"),
                text.replace("---- BEGIN", "----- BEGIN")
                        .replace("---- END", "----- END")
                        .replace("----- ", "-- ")
                        .replace(" ----", " --"));
    }

    private static String rfc4716(byte[] blob) {
        return "---- BEGIN SSH2 PUBLIC KEY ----\n" + Bytes.base64(blob, 70) + "---- END SSH2 PUBLIC KEY ----\n";
    }

    private void pkcs1() {
        BigInteger n = new BigInteger(1, OpensshParts.of("rsa").fields.get(0));
        BigInteger e = BigInteger.valueOf(65537);
        Expectation exponent = Expectation.malformed("ssh-rsa", "exponent", "odd and between 3 and 2^32 - 1");
        pkcs1("exponent-even", "an even exponent", exponent, integer(n), integer(65536));
        pkcs1("exponent-1", "an exponent that encrypts nothing", exponent, integer(n), integer(1));
        pkcs1(
                "swapped",
                "e before n",
                Expectation.limit("RSA modulus size in bits", 17, "at least 1024"),
                integer(e),
                integer(n));
        pkcs1(
                "modulus-negative",
                "a negative modulus",
                Expectation.malformed(PEM, "RSA modulus", "negative number"),
                integer(n.negate()),
                integer(e));
        pkcs1(
                "modulus-even",
                "an even modulus",
                Expectation.malformed("ssh-rsa", "modulus", "positive and odd"),
                integer(n.subtract(BigInteger.ONE)),
                integer(e));
        pkcs1(
                "modulus-16385-bits",
                "a modulus of 16385 bits",
                Expectation.limit(PEM + " number size in bits", 16385, "fixed"),
                integer(BigInteger.ONE.shiftLeft(16384).add(BigInteger.ONE)),
                integer(e));
        pkcs1(
                "exponent-missing",
                "the exponent is missing",
                Expectation.malformed(PEM, "RSA exponent", "it is missing"),
                integer(n));
        pkcs1(
                "number-more",
                "a number too many",
                Expectation.malformed(PEM, "RSA public key", "1 elements too many"),
                integer(n),
                integer(e),
                integer(1));
        pkcs1(
                "octets",
                "an OCTET STRING for a number",
                Expectation.malformed(PEM, "RSA modulus", "an INTEGER is expected"),
                Der.octets(mpint(n)),
                integer(e));
        pkcs1(
                "integer-empty",
                "an INTEGER without a byte",
                Expectation.malformed(PEM, "ASN.1", ""),
                Der.element(2, new byte[0]),
                integer(e));
    }

    private void pkcs1(String name, String why, Expectation expectation, byte[]... fields) {
        add("pkcs1-public/" + name, why, expectation, Bytes.pem("RSA PUBLIC KEY", sequence(fields)));
    }

    private void spki() {
        byte[] ed25519 = sequence(oid(Der.ED25519));
        spki("key-missing", "the key is missing", Expectation.malformed(PEM, "public key", "it is missing"), ed25519);
        spki(
                "key-octets",
                "an OCTET STRING for the key",
                Expectation.malformed(PEM, "public key", "a BIT STRING of whole bytes"),
                ed25519,
                Der.octets(new byte[32]));
        byte[] point = OpensshParts.of("ed25519").fields.get(0);
        spki(
                "key-bits",
                "a key of no whole bytes",
                Expectation.malformed(PEM, "public key", "a BIT STRING of whole bytes"),
                ed25519,
                Der.element(3, concat(new byte[] {3}, point, new byte[1])));
        spki(
                "field-more",
                "a field too many",
                Expectation.malformed(PEM, "public key", "1 elements too many"),
                ed25519,
                bits(point),
                Der.NULL);
        spki(
                "ed25519-31",
                "a point of 31 bytes",
                Expectation.malformed("ssh-ed25519", "key", "32 bytes expected"),
                ed25519,
                bits(new byte[31]));
        spki(
                "ed25519-off-curve",
                "a point that is not on the curve",
                Expectation.malformed("ssh-ed25519", "key", "no point of the curve"),
                ed25519,
                bits(concat(new byte[] {2}, new byte[31])));
        spki(
                "ed25519-parameters",
                "parameters where there are none",
                Expectation.malformed(PEM, "algorithm parameters", "there must be none"),
                sequence(oid(Der.ED25519), Der.NULL),
                bits(point));
        spki(
                "ed448-parameters",
                "parameters where there are none",
                Expectation.malformed(PEM, "algorithm parameters", "there must be none"),
                sequence(oid(Der.ED448), Der.NULL),
                bits(new byte[57]));
        spki(
                "rsa-parameters",
                "parameters other than NULL",
                Expectation.malformed(PEM, "algorithm parameters", "there must be none"),
                sequence(oid(Der.RSA), integer(1)),
                bits(new byte[1]));
        spki(
                "ed448-56",
                "a point of 56 bytes",
                Expectation.malformed("ssh-ed448", "key", "57 bytes expected"),
                sequence(oid(Der.ED448)),
                bits(new byte[56]));
        spki(
                "rsa-key-empty",
                "no key in the BIT STRING",
                Expectation.malformed(PEM, "ASN.1", "there is nothing"),
                sequence(oid(Der.RSA), Der.NULL),
                bits(new byte[0]));
        spki(
                "rsa-trailing",
                "a byte behind the key",
                Expectation.malformed(PEM, "ASN.1", ""),
                sequence(oid(Der.RSA), Der.NULL),
                bits(concat(Bytes.unpem(seed("rsa-pkcs1.pem")), new byte[1])));
        byte[] p256 = OpensshParts.of("p256").fields.get(1);
        byte[] curve = sequence(oid(Der.EC), oid(Der.P256));
        String type = "ecdsa-sha2-nistp256";
        spki(
                "ec-off-curve",
                "a point beside the curve",
                Expectation.malformed(type, "point", "not on the curve"),
                curve,
                bits(Bytes.flip(p256, -1)));
        byte[] compressed = Arrays.copyOf(p256, 33);
        compressed[0] = (byte) (2 + (p256[64] & 1));
        Expectation uncompressed = Expectation.malformed(type, "point", "an uncompressed point");
        spki("ec-compressed", "a compressed point", uncompressed, curve, bits(compressed));
        spki("ec-infinity", "the point at infinity", uncompressed, curve, bits(new byte[1]));
        spki("ec-empty", "no point", uncompressed, curve, bits(new byte[0]));
        spki(
                "ec-curve",
                "a point of P-256 on P-384",
                Expectation.malformed("ecdsa-sha2-nistp384", "point", "an uncompressed point"),
                sequence(oid(Der.EC), oid(Der.P384)),
                bits(p256));
    }

    private void spkiAlgorithms() {
        byte[] p256 = OpensshParts.of("p256").fields.get(1);
        spki(
                "ec-curve-secp256k1",
                "a curve that SSH does not know",
                Expectation.unsupported("EC", "P-256, P-384 and P-521"),
                sequence(oid(Der.EC), oid(Der.SECP256K1)),
                bits(p256));
        spki(
                "ec-curve-spelt-out",
                "a curve that is spelt out",
                Expectation.unsupported("EC", "spelt out"),
                sequence(oid(Der.EC), sequence(integer(1))),
                bits(p256));
        spki(
                "ec-curve-missing",
                "no curve",
                Expectation.malformed(PEM, "curve", "it is missing"),
                sequence(oid(Der.EC)),
                bits(p256));
        spki(
                "algorithm-unknown",
                "an algorithm that nobody knows",
                Expectation.unsupported("1.2.3.4", "no key type"),
                sequence(oid(Der.UNKNOWN)),
                bits(p256));
        spki(
                "algorithm-x25519",
                "a key for key exchange",
                Expectation.unsupported("1.3.101.110", "no key type"),
                sequence(oid(Der.X25519)),
                bits(new byte[32]));
        BigInteger[] dsa = OpensshParts.of("dsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        byte[] group = sequence(oid(Der.DSA), sequence(integer(dsa[0]), integer(dsa[1]), integer(dsa[2])));
        spki(
                "dsa-y-p",
                "y is not below p",
                Expectation.malformed("ssh-dss", "y", "between 1 and p"),
                group,
                bits(integer(dsa[0])));
        spki(
                "dsa-y-negative",
                "a negative y",
                Expectation.malformed(PEM, "DSA y", "negative number"),
                group,
                bits(integer(dsa[3].negate())));
        spki(
                "dsa-group-cut",
                "a group without g",
                Expectation.malformed(PEM, "DSA g", "it is missing"),
                sequence(oid(Der.DSA), sequence(integer(dsa[0]), integer(dsa[1]))),
                bits(integer(dsa[3])));
    }

    private void spki(String name, String why, Expectation expectation, byte[]... fields) {
        add("spki/" + name, why, expectation, Bytes.pem("PUBLIC KEY", sequence(fields)));
    }
}
