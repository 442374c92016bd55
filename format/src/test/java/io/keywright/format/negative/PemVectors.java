package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.digest;
import static io.keywright.format.negative.Bytes.pem;
import static io.keywright.format.negative.Bytes.seed;
import static io.keywright.format.negative.Der.bits;
import static io.keywright.format.negative.Der.explicit;
import static io.keywright.format.negative.Der.integer;
import static io.keywright.format.negative.Der.octets;
import static io.keywright.format.negative.Der.oid;
import static io.keywright.format.negative.Der.sequence;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;

/** Traditional PEM: its headers, its encryption, and its three structures. */
final class PemVectors {
    private static final String FORMAT = "PEM";
    private static final String RSA = "rsa-encrypted.pem";

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        PemVectors set = new PemVectors();
        set.headers();
        set.encryption();
        set.content();
        set.rsa();
        set.ec();
        set.dsa();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("pem/" + name, why, body));
    }

    private void edit(String name, String why, Expectation expectation, String regex, String replacement) {
        String before = seed(RSA);
        String after = before.replaceFirst(regex, replacement);
        if (after.equals(before)) {
            throw new IllegalStateException(name + ": nothing was replaced");
        }
        add(name, why, expectation, after);
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private void headers() {
        Expectation dek = malformed("DEK-Info", "in hexadecimal digits").opened();
        edit("dek-info-missing", "encrypted, and no cipher named", dek, "DEK-Info: .*\n", "");
        edit("dek-info-empty", "a header without a value", dek, "DEK-Info: .*\n", "DEK-Info:\n");
        edit(
                "dek-info-hex",
                "an IV that is no hexadecimal",
                dek,
                "DEK-Info: AES-128-CBC,..",
                "DEK-Info: AES-128-CBC,xy");
        edit("dek-info-odd", "an IV of half a byte too much", dek, "(DEK-Info: .*)\n", "$10\n");
        edit("dek-info-no-iv", "a cipher without an IV", dek, "DEK-Info: .*\n", "DEK-Info: AES-128-CBC\n");
        edit(
                "dek-info-twice",
                "a header that is there twice",
                malformed("DEK-Info", "it is there twice").opened(),
                "(DEK-Info: .*\n)",
                "$1$1");
        edit(
                "dek-info-long",
                "a value of 200 bytes",
                malformed("DEK-Info", "more than 128 bytes").opened(),
                "DEK-Info: .*\n",
                "DEK-Info: AES-128-CBC," + "00".repeat(100) + "\n");
        Expectation iv = malformed("DEK-Info", "an IV of 16 bytes is expected").opened();
        edit("iv-15", "an IV of 15 bytes", iv, "(DEK-Info: .*)..\n", "$1\n");
        edit("iv-17", "an IV of 17 bytes", iv, "(DEK-Info: .*)\n", "$100\n");
        Expectation type = malformed("Proc-Type", "4,ENCRYPTED is expected").opened();
        edit("proc-type-missing", "a cipher, and not said to be encrypted", type, "Proc-Type: .*\n", "");
        edit("proc-type-mic", "another kind of message", type, "4,ENCRYPTED", "4,MIC-CLEAR");
        edit(
                "proc-type-twice",
                "a header that is there twice",
                malformed("Proc-Type", "it is there twice").opened(),
                "(Proc-Type: .*\n)",
                "$1$1");
        edit(
                "cipher-unknown",
                "a cipher that nobody knows",
                Expectation.unsupported("ROT-13-CBC", "ROT-13-CBC").opened(),
                "AES-128-CBC",
                "ROT-13-CBC");
        edit(
                "cipher-gcm",
                "a cipher that needs a tag, for which there is no place",
                Expectation.unsupported("AES-128-GCM", "AES-128-GCM").opened(),
                "AES-128-CBC",
                "AES-128-GCM");
        String text = seed("rsa.pem");
        add(
                "headers-plain-missing",
                "encrypted data that lost its headers",
                malformed("ASN.1", ""),
                seed(RSA).replaceFirst("(?s)Proc-Type.*?\n\n", ""));
        add(
                "two-keys",
                "two keys in one text",
                Expectation.malformed("key file", "second key", "two keys"),
                text + seed("p256.pem"));
        add(
                "end-of-another",
                "the END line is of another key type",
                malformed("END line", "cut off before the END line"),
                text.replace("END RSA", "END EC"));
        add(
                "label-of-another",
                "an EC key that is labelled RSA",
                Expectation.unsupported("RSA", "more than two primes"),
                seed("p256.pem").replace("EC PRIVATE", "RSA PRIVATE"));
    }

    private void encryption() {
        for (String name : List.of("rsa", "p256")) {
            String text = seed(name + "-encrypted.pem");
            add(
                    name + "-no-passphrase",
                    "encrypted, and no passphrase given; the public key is hidden as well",
                    Expectation.passphraseRequired("none"),
                    text);
            add(
                    name + "-wrong-passphrase",
                    "not the passphrase",
                    Expectation.wrongPassphrase(true).withPassphrase("not it"),
                    text);
        }
        String text = seed(RSA);
        String head = text.substring(0, text.indexOf("\n\n") + 2);
        String end = text.substring(text.indexOf("-----END"));
        byte[] data = Base64.getMimeDecoder().decode(text.substring(head.length(), text.indexOf("-----END")));
        add(
                "damaged-data",
                "the last block is damaged",
                Expectation.wrongPassphrase(true).opened(),
                head + Bytes.base64(Bytes.flip(data, -1), 64) + end);
        Expectation blocks =
                malformed("encrypted data", "no whole number of blocks of 16").opened();
        add(
                "data-half-block",
                "data that ends within a block",
                blocks,
                head + Bytes.base64(Arrays.copyOf(data, data.length - 8), 64) + end);
        add("data-empty", "no data", blocks, head + end);
        add(
                "data-base64",
                "a character that is not base64",
                malformed("base64", "is not base64").opened(),
                head + "*" + text.substring(head.length() + 1));
    }

    /** What the right passphrase opens, and is broken. */
    private void content() {
        sealed(
                "content-no-structure",
                "the right passphrase opens no structure: it looks like a wrong one",
                Expectation.wrongPassphrase(true),
                ascii("no structure"));
        sealed(
                "content-version",
                "the right passphrase opens a key of an unknown version",
                malformed("RSA version", "0 expected"),
                sequence(integer(7)));
    }

    private void sealed(String name, String why, Expectation expectation, byte[] plain) {
        byte[] iv = new byte[16];
        byte[] key = digest("MD5", ascii(Expectation.PASSPHRASE), new byte[8]);
        byte[] data = Bytes.cipher("AES/CBC/PKCS5Padding", Cipher.ENCRYPT_MODE, key, iv, plain);
        add(
                name,
                why,
                expectation.opened(),
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                        + HexFormat.of().formatHex(iv) + "\n\n" + Bytes.base64(data, 64)
                        + "-----END RSA PRIVATE KEY-----\n");
    }

    private void rsa() {
        BigInteger[] right = Pkcs8Vectors.numbers();
        rsa("d", "the private exponent of no such key", Expectation.mismatch(""), 2, right[2].add(BigInteger.TWO));
        rsa(
                "d-negative",
                "a negative number",
                malformed("RSA private exponent", "negative number"),
                2,
                right[2].negate());
        rsa("prime", "p is another number", Expectation.mismatch(""), 3, right[3].add(BigInteger.TWO));
        rsa(
                "exponent-even",
                "an even exponent",
                Expectation.malformed("ssh-rsa", "exponent", "odd"),
                1,
                BigInteger.TWO);
        rsa("exponent-p", "another d mod p-1", Expectation.mismatch("do not belong together"), 5, BigInteger.ONE);
        rsa("coefficient", "another coefficient", Expectation.mismatch("coefficient"), 7, BigInteger.ONE);
        add(
                "rsa-number-missing",
                "a number is missing",
                malformed("RSA coefficient", "it is missing"),
                pem("RSA PRIVATE KEY", Pkcs8Vectors.rsaKey(Arrays.copyOf(right, 7))));
    }

    private void rsa(String name, String why, Expectation expectation, int index, BigInteger value) {
        BigInteger[] numbers = Pkcs8Vectors.numbers();
        numbers[index] = value;
        add("rsa-" + name, why, expectation, pem("RSA PRIVATE KEY", Pkcs8Vectors.rsaKey(numbers)));
    }

    private void ec() {
        byte[] scalar = Pkcs8Vectors.scalar();
        byte[] point = OpensshParts.of("p256").fields.get(1);
        byte[] curve = explicit(0, oid(Der.P256));
        ec("curve-missing", "no curve", malformed("curve", "it is missing"), integer(1), octets(scalar));
        ec(
                "curve-secp256k1",
                "a curve that SSH does not know",
                Expectation.unsupported("EC", "P-256, P-384 and P-521"),
                integer(1),
                octets(scalar),
                explicit(0, oid(Der.SECP256K1)));
        ec(
                "curve-spelt-out",
                "a curve that is spelt out",
                Expectation.unsupported("EC", "spelt out"),
                integer(1),
                octets(scalar),
                explicit(0, sequence(integer(1))));
        ec(
                "version",
                "a version that does not exist",
                malformed("EC version", "1 expected"),
                integer(0),
                octets(scalar),
                curve);
        ec(
                "scalar-0",
                "a scalar of zero",
                Expectation.malformed("ecdsa-sha2-nistp256", "private scalar", "out of range"),
                integer(1),
                octets(new byte[32]),
                curve);
        byte[] long33 = new byte[33];
        long33[0] = 1;
        ec(
                "scalar-33",
                "a scalar of 33 bytes",
                malformed("EC scalar", "1 to 32 bytes"),
                integer(1),
                octets(long33),
                curve);
        ec(
                "scalar-empty",
                "no scalar",
                malformed("EC scalar", "1 to 32 bytes"),
                integer(1),
                octets(new byte[0]),
                curve);
        ec(
                "scalar-integer",
                "an INTEGER for a scalar",
                malformed("EC scalar", "an OCTET STRING is expected"),
                integer(1),
                integer(new BigInteger(1, scalar)),
                curve);
        ec(
                "point-off-curve",
                "a point beside the curve",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "not on the curve"),
                integer(1),
                octets(scalar),
                curve,
                explicit(1, bits(Bytes.flip(point, -1))));
        ec(
                "point-infinity",
                "the point at infinity",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "an uncompressed"),
                integer(1),
                octets(scalar),
                curve,
                explicit(1, bits(new byte[1])));
        byte[] other =
                Bytes.nth(Arrays.copyOfRange(OpensshParts.of("p384").blob, 0, OpensshParts.of("p384").blob.length), 2);
        ec(
                "point-of-another-curve",
                "a point of P-384",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "an uncompressed"),
                integer(1),
                octets(scalar),
                curve,
                explicit(1, bits(other)));
        byte[] next = Bytes.flip(scalar, -1);
        ec(
                "swapped-public",
                "the point of another scalar",
                Expectation.mismatch("scalar"),
                integer(1),
                octets(next),
                curve,
                explicit(1, bits(point)));
        ec(
                "field-more",
                "a field too many",
                malformed("EC private key", "1 elements too many"),
                integer(1),
                octets(scalar),
                curve,
                explicit(1, bits(point)),
                Der.NULL);
    }

    private void ec(String name, String why, Expectation expectation, byte[]... fields) {
        add("ec-" + name, why, expectation, pem("EC PRIVATE KEY", sequence(fields)));
    }

    private void dsa() {
        BigInteger[] right = OpensshParts.of("dsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        dsa("x", "the x of no such key", Expectation.mismatch(""), 4, right[4].xor(BigInteger.ONE));
        dsa("x-0", "x is zero", Expectation.mismatch(""), 4, BigInteger.ZERO);
        dsa("y", "another y", Expectation.mismatch(""), 3, right[3].xor(BigInteger.ONE));
        dsa("q-negative", "a negative q", malformed("DSA q", "negative number"), 1, right[1].negate());
        dsa(
                "q-257-bits",
                "q of 257 bits",
                Expectation.malformed("ssh-dss", "q", "160 to 256 bits"),
                1,
                BigInteger.ONE.shiftLeft(256).add(BigInteger.ONE));
        dsa(
                "g-1",
                "a generator that generates nothing",
                Expectation.malformed("ssh-dss", "g", "between 1 and p"),
                2,
                BigInteger.ONE);
        add(
                "dsa-x-missing",
                "x is missing",
                malformed("DSA x", "it is missing"),
                pem("DSA PRIVATE KEY", concat(dsaKey(Arrays.copyOf(right, 4)))));
    }

    private void dsa(String name, String why, Expectation expectation, int index, BigInteger value) {
        BigInteger[] numbers = OpensshParts.of("dsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        numbers[index] = value;
        add("dsa-" + name, why, expectation, pem("DSA PRIVATE KEY", dsaKey(numbers)));
    }

    private static byte[] dsaKey(BigInteger... numbers) {
        return sequence(
                integer(0), concat(Arrays.stream(numbers).map(Der::integer).toArray(byte[][]::new)));
    }
}
