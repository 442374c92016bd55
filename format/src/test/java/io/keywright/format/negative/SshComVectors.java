package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.ascii;
import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.flip;
import static io.keywright.format.negative.Bytes.seed;
import static io.keywright.format.negative.Bytes.string;
import static io.keywright.format.negative.Bytes.uint32;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** ssh.com's private key file: its envelope, its encryption, and its numbers, which are counted in bits. */
final class SshComVectors {
    private static final String FORMAT = "ssh.com";
    private static final String BEGIN = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n";
    private static final String END = "---- END SSH2 ENCRYPTED PRIVATE KEY ----\n";
    private static final long MAGIC = 0x3f6ff9ebL;
    private static final byte[] RSA = ascii("if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}");
    private static final byte[] DSA = ascii("dl-modp{sign{dsa-nist-sha1},dh{plain}}");
    private static final byte[] NONE = ascii("none");

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        SshComVectors set = new SshComVectors();
        set.envelope();
        set.text();
        set.encryption();
        set.payloads();
        set.rsa();
        set.dsa();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("sshcom/" + name, why, body));
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private static String armour(byte[] file) {
        return BEGIN + "Comment: \"seed key\"\n" + Bytes.base64(file, 70) + END;
    }

    /** A file with the right magic and size around what is given. */
    private static String sized(byte[]... parts) {
        byte[] rest = concat(parts);
        return armour(concat(uint32(MAGIC), uint32(8L + rest.length), rest));
    }

    private static byte[] binary(String seed) {
        String text = seed(seed);
        int from = text.indexOf('\n', text.indexOf("Comment")) + 1;
        return Base64.getMimeDecoder().decode(text.substring(from, text.indexOf("---- END")));
    }

    private static byte[] payload(byte[]... numbers) {
        return string(concat(numbers));
    }

    private void envelope() {
        byte[] right = binary("rsa-sshcom.key");
        byte[] rest = Arrays.copyOfRange(right, 8, right.length);
        add(
                "magic",
                "another magic word",
                malformed("magic", "does not begin as this format does"),
                armour(concat(uint32(MAGIC + 1), uint32(right.length), rest)));
        add("empty", "no data", malformed("magic", "4 bytes needed"), armour(new byte[0]));
        Expectation size = malformed("size", "bytes announced");
        add(
                "size-less",
                "a byte less announced than there is",
                size,
                armour(concat(uint32(MAGIC), uint32(right.length - 1L), rest)));
        add("size-2gib", "2 GiB announced", size, armour(concat(uint32(MAGIC), uint32(0x7fffffff), rest)));
        add(
                "trailing-byte",
                "a byte behind the section",
                malformed("end", "1 bytes too many"),
                sized(rest, new byte[1]));
        add(
                "cut",
                "the data ends within the section",
                malformed("section", "bytes announced"),
                sized(Arrays.copyOf(rest, rest.length - 9)));
        add(
                "type-unknown",
                "a type that nobody knows",
                Expectation.unsupported("ec-modn{sign}", "ec-modn{sign}"),
                sized(string(ascii("ec-modn{sign}")), string(NONE), string(payload(new byte[4]))));
        add(
                "type-2gib",
                "a type of 2 GiB announced",
                malformed("type", "2147483647 bytes announced"),
                sized(uint32(0x7fffffff), new byte[32]));
        add(
                "type-escape",
                "a terminal's escape sequence for a type",
                malformed("type", "not printable US-ASCII"),
                sized(string(ascii("\u001b[2J")), string(NONE), string(new byte[0])));
        add(
                "cipher-unknown",
                "a cipher that nobody knows",
                Expectation.unsupported("rot13-cbc", "rot13-cbc").opened(),
                sized(string(RSA), string(ascii("rot13-cbc")), string(new byte[16])));
        add(
                "section-2gib",
                "a section of 2 GiB announced",
                malformed("section", "2147483647 bytes announced"),
                sized(string(RSA), string(NONE), uint32(0x7fffffff), new byte[32]));
    }

    private void text() {
        String text = seed("rsa-sshcom.key");
        add(
                "cut-before-end",
                "the END line is missing",
                malformed("END line", "cut off before the END line"),
                text.substring(0, text.indexOf("---- END")));
        add(
                "base64",
                "a character that is not base64",
                malformed("base64", "is not base64"),
                text.replaceFirst("\nP2/56", "\nP2*56"));
        add(
                "header-tag",
                "a tag of 65 bytes",
                malformed("header", "at most 64 bytes"),
                text.replaceFirst("Comment", "x".repeat(65)));
        add(
                "header-value",
                "a value of 3,000 bytes",
                malformed("header", "at most 1024 bytes"),
                text.replaceFirst("seed key", "x".repeat(3000)));
        add(
                "two-keys",
                "two keys in one text",
                Expectation.malformed("key file", "second key", "two keys"),
                text + seed("dsa-sshcom.key"));
    }

    private void encryption() {
        String text = seed("rsa-sshcom-encrypted.key");
        add(
                "no-passphrase",
                "encrypted, and no passphrase given; the public key is hidden as well",
                Expectation.passphraseRequired("none"),
                text);
        add(
                "wrong-passphrase",
                "not the passphrase",
                Expectation.wrongPassphrase(true).withPassphrase("not it"),
                text);
        byte[] right = binary("rsa-sshcom-encrypted.key");
        int section = 8 + 4 + RSA.length + 4 + 8 + 4;
        add(
                "damaged-first-block",
                "the block with the payload's length is damaged",
                Expectation.wrongPassphrase(true).opened(),
                armour(flip(right, section)));
        Expectation blocks =
                malformed("encrypted section", "no whole number of blocks of 8").opened();
        byte[] cipher = string(ascii("3des-cbc"));
        add(
                "section-half-block",
                "a section that ends within a block",
                blocks,
                sized(string(RSA), cipher, string(new byte[12])));
        add("section-empty", "an empty section", blocks, sized(string(RSA), cipher, string(new byte[0])));
    }

    private void payloads() {
        Expectation length = malformed("payload", "its length does not fit");
        plain("payload-2gib", "a payload of 2 GiB announced", length, concat(uint32(0x7fffffff), new byte[64]));
        plain("payload-4gib", "a payload of 4 GiB announced", length, concat(uint32(0xffffffffL), new byte[64]));
        plain("payload-padding", "a block of padding too much", length, concat(payload(new byte[16]), new byte[8]));
        plain("payload-short", "a section that does not hold a length", length, new byte[3]);
        plain("payload-empty", "no number", malformed("RSA exponent bit count", "4 bytes needed"), string(new byte[0]));
    }

    private void plain(String name, String why, Expectation expectation, byte[] section) {
        add(name, why, expectation, sized(string(RSA), string(NONE), string(section)));
    }

    private static byte[] number(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] unsigned = bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
        return concat(uint32(number.bitLength()), unsigned);
    }

    private void rsa() {
        BigInteger[] openssh = OpensshParts.of("rsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        byte[] e = number(openssh[1]);
        byte[] d = number(openssh[2]);
        byte[] n = number(openssh[0]);
        byte[] u = number(openssh[3]);
        byte[] p = number(openssh[4]);
        byte[] q = number(openssh[5]);
        rsa("as-in-ssh", "p and q in SSH's order", Expectation.mismatch("coefficient"), e, d, n, u, p, q);
        rsa(
                "d",
                "the private exponent of no such key",
                Expectation.mismatch("exponent"),
                e,
                number(openssh[2].add(BigInteger.TWO)),
                n,
                u,
                q,
                p);
        rsa("n", "another modulus", Expectation.mismatch(""), e, d, number(openssh[0].add(BigInteger.TWO)), u, q, p);
        rsa(
                "e-even",
                "an even exponent",
                Expectation.malformed("ssh-rsa", "exponent", "odd"),
                number(BigInteger.TWO),
                d,
                n,
                u,
                q,
                p);
        rsa(
                "u",
                "another coefficient",
                Expectation.mismatch("coefficient"),
                e,
                d,
                n,
                number(openssh[3].add(BigInteger.TWO)),
                q,
                p);
        rsa("prime-0", "a prime of zero bits", Expectation.mismatch("primes"), e, d, n, u, uint32(0), p);
        rsa(
                "number-missing",
                "a number is missing",
                malformed("RSA prime q bit count", "4 bytes needed"),
                e,
                d,
                n,
                u,
                q);
        rsa("number-more", "a number too many", malformed("payload", "bytes too many"), e, d, n, u, q, p, e);
        rsa(
                "bits-2-to-32",
                "a number of 2^32-1 bits",
                Expectation.limit(FORMAT + " number size in bits", 0xffffffffL, "fixed"),
                uint32(0xffffffffL),
                new byte[64]);
        rsa(
                "bits-16385",
                "a number of 16385 bits",
                Expectation.limit(FORMAT + " number size in bits", 16385, "fixed"),
                uint32(16385),
                new byte[2049]);
        rsa(
                "bits-cut",
                "more bits announced than there are",
                malformed("RSA exponent", "2000 bytes needed"),
                uint32(16000),
                new byte[64]);
        rsa(
                "bits-less",
                "less bits announced than there are",
                malformed("RSA exponent", "more bits than it says"),
                uint32(7),
                new byte[] {(byte) 0xff},
                d,
                n,
                u,
                q,
                p);
    }

    private void rsa(String name, String why, Expectation expectation, byte[]... numbers) {
        plain("rsa-" + name, why, expectation, payload(numbers));
    }

    private void dsa() {
        BigInteger[] right = OpensshParts.of("dsa").fields.stream()
                .map(f -> new BigInteger(1, f))
                .toArray(BigInteger[]::new);
        byte[] p = number(right[0]);
        byte[] q = number(right[1]);
        byte[] g = number(right[2]);
        byte[] y = number(right[3]);
        byte[] x = number(right[4]);
        dsa("group", "a group by its name", Expectation.unsupported("ssh-dss", "by name"), uint32(1), p, g, q, y, x);
        dsa(
                "as-in-ssh",
                "q before g, as SSH has it",
                Expectation.malformed("ssh-dss", "q", "160 to 256 bits"),
                uint32(0),
                p,
                q,
                g,
                y,
                x);
        dsa(
                "x",
                "the x of no such key",
                Expectation.mismatch(""),
                uint32(0),
                p,
                g,
                q,
                y,
                number(right[4].xor(BigInteger.ONE)));
        dsa("y", "another y", Expectation.mismatch(""), uint32(0), p, g, q, number(right[3].xor(BigInteger.ONE)), x);
        dsa("number-more", "a number too many", malformed("payload", "bytes too many"), uint32(0), p, g, q, y, x, x);
        dsa("x-missing", "x is missing", malformed("DSA x bit count", "4 bytes needed"), uint32(0), p, g, q, y);
    }

    private void dsa(String name, String why, Expectation expectation, byte[]... parts) {
        add("dsa-" + name, why, expectation, sized(string(DSA), string(NONE), string(payload(parts))));
    }
}
