package io.keywright.format.negative;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON Web Keys: JSON that is none, members that are missing or of another type, and the numbers. */
final class JwkVectors {
    private static final String FORMAT = "JWK";

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        JwkVectors set = new JwkVectors();
        set.json();
        set.sets();
        set.members();
        set.rsa();
        set.ec();
        set.okp();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("jwk/" + name, why, body));
    }

    private static Expectation malformed(String where, String message) {
        return Expectation.malformed(FORMAT, where, message);
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String url(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return url(bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    /** One JSON object; values are given as JSON when they do not begin as base64url does. */
    private static String text(Map<String, String> members) {
        StringBuilder json = new StringBuilder();
        members.forEach((name, value) -> json.append(json.isEmpty() ? "{" : ",")
                .append('"')
                .append(name)
                .append("\":\"")
                .append(value)
                .append('"'));
        return json.append("}\n").toString();
    }

    private static Map<String, String> okpKey() {
        Map<String, String> members = new LinkedHashMap<>();
        byte[] both = OpensshParts.of("ed25519").fields.get(1);
        members.put("kty", "OKP");
        members.put("crv", "Ed25519");
        members.put("x", url(Arrays.copyOfRange(both, 32, 64)));
        members.put("d", url(Arrays.copyOf(both, 32)));
        return members;
    }

    private void json() {
        String right = text(okpKey()).strip();
        Expectation json = malformed("JSON", "it is no JSON");
        add("brace-missing", "the last brace is missing", json, right.substring(0, right.length() - 1));
        add("cut-in-string", "the text ends within a string", json, right.substring(0, right.length() - 5));
        add("cut-after-brace", "nothing but a brace", json, "{");
        add("comma", "a comma behind the last member", json, right.replace("}", ",}"));
        add("quotes", "single quotes", json, right.replace('"', '\''));
        add("comment", "a comment", json, right.replace("{", "{/* key */"));
        add("twice", "a member that is there twice", json, right.replace("\"d\"", "\"x\":\"\",\"d\""));
        add("nan", "a number that is none", json, right.replace("}", ",\"a\":NaN}"));
        add("end", "something behind the object", malformed("end", "something follows"), right + " 1");
        add("nul", "a NUL byte", malformed("text", "a NUL byte"), right.replace("}", "\0}"));
        add(
                "surrogate",
                "half of a surrogate pair",
                malformed("kid", "half of a surrogate pair"),
                right.replace("}", ",\"kid\":\"\\ud800\"}"));
        Expectation depth = Expectation.limit("JSON nesting", 33, "ReadLimits.withMaxNesting");
        add(
                "depth-arrays",
                "arrays, 32 levels within the key",
                depth,
                right.replace("}", ",\"a\":" + "[".repeat(32) + "]".repeat(32) + "}"));
        add(
                "depth-bomb",
                "500,000 levels of arrays: a parser that recurses runs out of stack",
                depth,
                right.replace("}", ",\"a\":" + "[".repeat(500_000) + "]".repeat(500_000) + "}"));
        add(
                "depth-bomb-objects",
                "150,000 levels of objects",
                depth,
                right.replace("}", ",\"a\":" + "{\"a\":".repeat(150_000) + "1" + "}".repeat(150_000) + "}"));
        add(
                "number-1-mib",
                "a number of nearly a mebibyte, in a member that means nothing, and no key",
                Expectation.notAKey("no JWK"),
                "{\"a\":" + "9".repeat(1_000_000) + "}");
        add("names", "80,000 members, and no key", Expectation.notAKey("no JWK"), manyMembers());
    }

    private static String manyMembers() {
        StringBuilder json = new StringBuilder("{\"a\":1");
        for (int i = 0; i < 80_000; i++) {
            json.append(",\"m").append(i).append("\":1");
        }
        return json.append('}').toString();
    }

    private void sets() {
        String key = text(okpKey()).strip();
        Expectation two = Expectation.malformed("key file", "second key", "two keys");
        add("two-keys", "two keys in one text", two, key + "\n" + key + "\n");
        add("set-of-two", "a set of two keys", two, "{\"keys\":[" + key + "," + key + "]}");
        add("set-empty", "a set without a key", Expectation.notAKey("no JWK"), "{\"keys\":[]}");
        add("set-of-numbers", "a set of what is no key", Expectation.notAKey("no JWK"), "{\"keys\":[1,2,3]}");
        add("no-kty", "JSON that is no key", Expectation.notAKey("no JWK"), "{\"name\":\"value\"}");
        add("empty", "an empty object", Expectation.notAKey("no JWK"), "{}");
        add(
                "jwe",
                "an encrypted JWK",
                Expectation.unsupported("JWE", "encrypted JWK"),
                "{\"protected\":\"\",\"ciphertext\":\"\",\"tag\":\"\"}");
        Map<String, String> publicKey = okpKey();
        publicKey.remove("d");
        add(
                "private-expected",
                "a public key where a private one is expected",
                Expectation.publicKey(Bytes.fingerprintOf("ed25519.pub")),
                text(publicKey));
    }

    private void members() {
        okp("kty", "a key type that SSH does not know", Expectation.unsupported("oct", "key type oct"), "oct");
        okp(
                "kty-long",
                "kty",
                "a key type that may be a secret in the wrong place: it is not repeated",
                Expectation.unsupported("unknown", "key type unknown"),
                "correct horse battery staple and so on");
        okp("crv", "a curve for key exchange", Expectation.unsupported("X25519", "curve X25519"), "X25519");
        okp("x-missing", "x", "x is missing", malformed("x", "it is missing"), null);
        okp("crv-missing", "crv", "the curve is missing", malformed("crv", "it is missing"), null);
        Expectation base64 = malformed("x", "no base64url without padding");
        String x = okpKey().get("x");
        okp("x-padding", "x", "base64url with padding", base64, x + "=");
        okp("x-blank", "x", "a blank in base64url", base64, x + " ");
        okp("x-plain-base64", "x", "base64 of the other alphabet", base64, "+/" + x.substring(2));
        okp(
                "x-unused-bits",
                "x",
                "bits in the last character that mean nothing",
                base64,
                x.substring(0, x.length() - 1) + (char) (x.charAt(x.length() - 1) + 1));
        String right = text(okpKey());
        add(
                "x-number",
                "a number for a string",
                malformed("x", "a string is expected"),
                right.replace("\"x\":\"" + x + "\"", "\"x\":5"));
        add(
                "d-null",
                "a private half that is null",
                malformed("d", "a string is expected"),
                right.replaceFirst("\"d\":\"[^\"]*\"", "\"d\":null"));
        add(
                "d-array",
                "a private half in an array",
                malformed("d", "a string is expected"),
                right.replaceFirst("\"d\":(\"[^\"]*\")", "\"d\":[$1]"));
        add(
                "kty-number",
                "a number for the key type",
                malformed("kty", "a string is expected"),
                right.replaceFirst("\"kty\":\"OKP\"", "\"kty\":1"));
    }

    private void okp() {
        okp("x-31", "x", "a point of 31 bytes", malformed("x", "32 bytes expected, got 31"), url(new byte[31]));
        okp("x-empty", "x", "no point", malformed("x", "32 bytes expected, got 0"), "");
        okp(
                "x-off-curve",
                "x",
                "a point that is not on the curve",
                Expectation.malformed("ssh-ed25519", "key", "no point of the curve"),
                url(Bytes.concat(new byte[] {2}, new byte[31])));
        okp("d-33", "d", "a seed of 33 bytes", malformed("d", "32 bytes expected, got 33"), url(new byte[33]));
        okp("d-empty", "d", "no seed", malformed("d", "32 bytes expected, got 0"), "");
        okp("d", "the seed of another key", Expectation.mismatch(""), url(new byte[32]));
        okp(
                "swapped-public",
                "x",
                "the public half of another key",
                Expectation.mismatch(""),
                url(OpensshParts.of("other").fields.get(0)));
    }

    private void okp(String name, String why, Expectation expectation, String value) {
        okp(name, name, why, expectation, value);
    }

    private void okp(String name, String member, String why, Expectation expectation, @Nullable String value) {
        add("okp-" + name, why, expectation, changed(okpKey(), member, value));
    }

    private static String changed(Map<String, String> members, String member, @Nullable String value) {
        if (value == null) {
            members.remove(member);
        } else {
            members.put(member, value);
        }
        return text(members);
    }

    private void rsa() {
        BigInteger[] right = Pkcs8Vectors.numbers();
        rsa("d", "the private exponent of no such key", Expectation.mismatch(""), url(right[2].add(BigInteger.TWO)));
        rsa("e", "an even exponent", Expectation.malformed("ssh-rsa", "exponent", "odd"), url(BigInteger.TWO));
        rsa(
                "n",
                "an even modulus",
                Expectation.malformed("ssh-rsa", "modulus", "positive and odd"),
                url(right[0].subtract(BigInteger.ONE)));
        rsa("p", "p is another number", Expectation.mismatch(""), url(right[3].add(BigInteger.TWO)));
        rsa("dp", "another d mod p-1", Expectation.mismatch(""), url(BigInteger.ONE));
        rsa("qi", "another coefficient", Expectation.mismatch("coefficient"), url(BigInteger.ONE));
        rsa("q", "q is one", Expectation.mismatch(""), url(BigInteger.ONE));
        add("rsa-q-empty", "no q", Expectation.mismatch("primes"), changed(rsaKey(), "q", ""));
        add("rsa-dq-missing", "dq is missing", malformed("dq", "it is missing"), changed(rsaKey(), "dq", null));
        add(
                "rsa-d-missing",
                "d is missing where p and q are there",
                malformed("d", "it is missing"),
                changed(rsaKey(), "d", null));
        add(
                "rsa-more-primes",
                "more than two primes",
                Expectation.unsupported("RSA", "more than two primes"),
                changed(rsaKey(), "oth", "x"));
        Map<String, String> alone = rsaKey();
        alone.keySet().removeAll(List.of("p", "q", "dp", "dq", "qi"));
        add(
                "rsa-d-alone",
                "the private exponent without the primes",
                Expectation.unsupported("RSA", "SSH needs p, q"),
                text(alone));
        byte[] huge = new byte[300_000];
        Arrays.fill(huge, (byte) 0xff);
        add(
                "rsa-n-huge",
                "a modulus of 2,400,000 bits",
                Expectation.limit("RSA modulus size in bits", 2_400_000, "fixed"),
                changed(rsaKey(), "n", url(huge)));
        add(
                "rsa-d-huge",
                "a private exponent of 2,400,000 bits",
                Expectation.mismatch("private exponent"),
                changed(rsaKey(), "d", url(huge)));
        Map<String, String> primes = rsaKey();
        primes.put("p", url(huge));
        add(
                "rsa-primes-huge",
                "primes of 2,400,000 bits, which take long to multiply",
                Expectation.mismatch("primes"),
                changed(primes, "q", url(huge)));
    }

    private static Map<String, String> rsaKey() {
        BigInteger[] right = Pkcs8Vectors.numbers();
        Map<String, String> members = new LinkedHashMap<>();
        members.put("kty", "RSA");
        List<String> names = List.of("n", "e", "d", "p", "q", "dp", "dq", "qi");
        for (int i = 0; i < names.size(); i++) {
            members.put(names.get(i), url(right[i]));
        }
        return members;
    }

    private void rsa(String member, String why, Expectation expectation, String value) {
        add("rsa-" + member, why, expectation, changed(rsaKey(), member, value));
    }

    private void ec() {
        byte[] point = OpensshParts.of("p256").fields.get(1);
        String type = "ecdsa-sha2-nistp256";
        Expectation off = Expectation.malformed(type, "point", "not on the curve");
        ec("x", "a point beside the curve", off, url(Bytes.flip(Arrays.copyOfRange(point, 1, 33), -1)));
        ec("y", "the coordinate of another point", off, url(new byte[32]));
        add(
                "ec-y-missing",
                "y is missing: a compressed point",
                malformed("y", "it is missing"),
                changed(ecKey(), "y", null));
        ec(
                "d",
                "the scalar of another key",
                Expectation.mismatch("scalar"),
                url(Bytes.flip(Pkcs8Vectors.scalar(), -1)));
        add(
                "ec-d-0",
                "a scalar of zero",
                Expectation.malformed(type, "private scalar", "out of range"),
                changed(ecKey(), "d", url(new byte[32])));
        add(
                "ec-d-31",
                "a scalar of 31 bytes",
                malformed("d", "32 bytes expected, got 31"),
                changed(ecKey(), "d", url(new byte[31])));
        ec(
                "crv",
                "a curve that SSH does not know",
                Expectation.unsupported("secp256k1", "curve secp256k1"),
                "secp256k1");
        add(
                "ec-crv-384",
                "a curve that is not the point's",
                malformed("x", "48 bytes expected, got 32"),
                changed(ecKey(), "crv", "P-384"));
    }

    private static Map<String, String> ecKey() {
        byte[] point = OpensshParts.of("p256").fields.get(1);
        Map<String, String> members = new LinkedHashMap<>();
        members.put("kty", "EC");
        members.put("crv", "P-256");
        members.put("x", url(Arrays.copyOfRange(point, 1, 33)));
        members.put("y", url(Arrays.copyOfRange(point, 33, 65)));
        members.put("d", url(Pkcs8Vectors.scalar()));
        return members;
    }

    private void ec(String member, String why, Expectation expectation, String value) {
        add("ec-" + member, why, expectation, changed(ecKey(), member, value));
    }
}
