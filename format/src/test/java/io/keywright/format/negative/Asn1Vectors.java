package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.concat;
import static io.keywright.format.negative.Bytes.pem;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Faults of DER itself, in each format that is made of it. */
final class Asn1Vectors {
    private Asn1Vectors() {}

    static List<NegativeVector> all() {
        return Stream.of(
                        of("pkcs8", "PKCS#8", "PRIVATE KEY", "ed25519-pkcs8.pem"),
                        of("pbes2", "PKCS#8", "ENCRYPTED PRIVATE KEY", "pbkdf2-pkcs8.pem"),
                        of("pem", "PEM", "RSA PRIVATE KEY", "rsa.pem"),
                        of("spki", "PEM public key", "PUBLIC KEY", "rsa-spki.pem"),
                        of("pkcs1-public", "PEM public key", "RSA PUBLIC KEY", "rsa-pkcs1.pem"))
                .flatMap(List::stream)
                .toList();
    }

    private static List<NegativeVector> of(String folder, String format, String label, String seed) {
        byte[] right = Bytes.unpem(Bytes.seed(seed));
        String text = Bytes.seed(seed);
        Expectation parse = Expectation.malformed(format, "ASN.1", "");
        Expectation cut = Expectation.malformed(format, "ASN.1", "announces more than what is left");
        Expectation length = Expectation.malformed(format, "ASN.1", "indefinite or has more than 4 bytes");
        Expectation end = Expectation.malformed(format, "END line", "cut off before the END line");
        byte[] many = Der.sequence(new byte[2 * 1100]);
        for (int i = 4; i < many.length; i += 2) {
            many[i] = 5;
        }
        return Stream.of(
                        parse.vector("empty", "there is nothing between BEGIN and END", pem(label, new byte[0])),
                        parse.vector("zero", "a byte that is no element", pem(label, new byte[1])),
                        Expectation.malformed(format, "ASN.1", "a SEQUENCE is expected")
                                .vector(
                                        "integer",
                                        "an INTEGER where a SEQUENCE is expected",
                                        pem(label, Der.integer(1))),
                        parse.vector(
                                "trailing-byte", "a byte behind the SEQUENCE", pem(label, concat(right, new byte[1]))),
                        parse.vector(
                                "trailing-null", "an element behind the SEQUENCE", pem(label, concat(right, Der.NULL))),
                        cut.vector(
                                "cut",
                                "the data ends within the SEQUENCE",
                                pem(label, Arrays.copyOf(right, right.length - 3))),
                        cut.vector(
                                "length-2gib",
                                "a SEQUENCE of 2 GiB announced",
                                pem(label, bytes(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 5, 0))),
                        cut.vector(
                                "length-4gib",
                                "a SEQUENCE of 4 GiB announced",
                                pem(label, bytes(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 5, 0))),
                        cut.vector(
                                "length-inner-2gib",
                                "an OCTET STRING of 2 GiB announced",
                                pem(label, Der.sequence(bytes(4, 0x84, 0x7f, 0xff, 0xff, 0xff, 0)))),
                        length.vector(
                                "length-5-bytes",
                                "a length of five bytes",
                                pem(label, bytes(0x30, 0x85, 1, 0, 0, 0, 0, 5, 0))),
                        length.vector(
                                "length-indefinite",
                                "an indefinite length, which DER forbids",
                                pem(label, bytes(0x30, 0x80, 5, 0, 0, 0))),
                        Expectation.malformed(format, "ASN.1", "a tag that does not occur in keys")
                                .vector("tag-high", "a tag of several bytes", pem(label, bytes(0x3f, 0x81, 1, 0))),
                        Expectation.limit("ASN.1 depth", 17, "ReadLimits.withMaxAsn1Depth")
                                .vector("depth-17", "one level above the limit", pem(label, Der.nested(17))),
                        Expectation.limit("ASN.1 depth", 17, "ReadLimits.withMaxAsn1Depth")
                                .vector(
                                        "depth-bomb",
                                        "150,000 levels: a parser that recurses runs out of stack",
                                        pem(label, Der.nested(150_000))),
                        Expectation.malformed(format, "ASN.1", "elements: that is no key")
                                .vector("elements", "1,100 elements", pem(label, many)),
                        Expectation.malformed(format, "base64", "is not base64")
                                .vector("base64", "a character that is not base64", text.replaceFirst("\nM", "\n*")),
                        end.vector(
                                "cut-before-end",
                                "the END line is missing",
                                text.substring(0, text.indexOf("-----END"))),
                        end.vector("cut-in-body", "the text ends within the body", text.substring(0, 50)))
                .map(vector ->
                        new NegativeVector(folder + "/asn1-" + vector.name(), operation(folder, vector), vector.body()))
                .toList();
    }

    private static Map<String, String> operation(String folder, NegativeVector vector) {
        Map<String, String> headers = new LinkedHashMap<>(vector.headers());
        headers.put("operation", folder.startsWith("p") && !folder.contains("public") ? "read" : "readPublic");
        return headers;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
