package io.keywright.format.negative;

import java.util.ArrayList;
import java.util.List;

/** SSHFP records: one fault of the owner, the numbers, the fingerprint or the parentheses each. */
final class SshfpVectors {
    private static final String SHA256 = "00".repeat(32);

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        SshfpVectors set = new SshfpVectors();
        set.owners();
        set.data();
        set.generic();
        set.text();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String text) {
        vectors.add(expectation.on("sshfp").vector("sshfp/" + name, why, text));
    }

    private void malformed(String name, String why, String where, String message, String text) {
        add(name, why, Expectation.malformed("SSHFP record", where, message), text);
    }

    private void owners() {
        String expected = "a host's name";
        malformed("empty", "nothing", "owner", expected, "");
        malformed("owner-alone", "an owner and nothing else", "owner", expected, "h");
        malformed(
                "owner-escape", "a terminal's escape sequence", "owner", expected, "h\u001b[2J IN SSHFP 4 2 " + SHA256);
        malformed(
                "owner-long",
                "a name of 256 characters",
                "owner",
                expected,
                "h".repeat(256) + " IN SSHFP 4 2 " + SHA256);
        malformed("owner-backslash", "a name with a backslash", "owner", expected, "a\\b IN SSHFP 4 2 " + SHA256);
        malformed("comment", "a comment and no record", "owner", expected, "; h IN SSHFP 4 2 " + SHA256);
    }

    private void data() {
        String expected = "two numbers and hexadecimal";
        malformed("type", "a record of another type", "data", expected, "h IN A 127.0.0.1");
        malformed("data-missing", "no data", "data", expected, "h IN SSHFP");
        malformed("fingerprint-missing", "no fingerprint", "data", expected, "h IN SSHFP 4 2");
        malformed("fingerprint-odd", "half a byte too few", "data", expected, "h IN SSHFP 4 2 " + SHA256.substring(1));
        malformed("fingerprint-hex", "no hexadecimal", "data", expected, "h IN SSHFP 4 2 " + "zz".repeat(32));
        malformed(
                "fingerprint-short",
                "SHA-256 of 31 bytes",
                "data",
                "SHA-256 has 32 bytes, the fingerprint 31",
                "h IN SSHFP 4 2 " + SHA256.substring(2));
        malformed(
                "fingerprint-long",
                "SHA-256 of 33 bytes",
                "data",
                "SHA-256 has 32 bytes, the fingerprint 33",
                "h IN SSHFP 4 2 " + SHA256 + "00");
        malformed(
                "fingerprint-other-hash",
                "SHA-256 that is called SHA-1",
                "data",
                "SHA-1 has 20 bytes",
                "h IN SSHFP 4 1 " + SHA256);
        malformed("algorithm-256", "a number above a byte", "data", "0 to 255", "h IN SSHFP 256 2 " + SHA256);
        malformed("hash-256", "a number above a byte", "data", "0 to 255", "h IN SSHFP 4 256 " + SHA256);
        malformed("algorithm-2gib", "a number of ten digits", "data", expected, "h IN SSHFP 2147483648 2 " + SHA256);
        malformed("algorithm-negative", "a negative number", "data", expected, "h IN SSHFP -4 2 " + SHA256);
    }

    private void generic() {
        malformed(
                "generic-length-more",
                "more bytes announced than there are",
                "length",
                "5 bytes expected, got 3",
                "h IN TYPE44 \\# 5 090200");
        malformed(
                "generic-length-less",
                "fewer bytes announced than there are",
                "length",
                "2 bytes expected, got 3",
                "h IN TYPE44 \\# 2 090200");
        malformed(
                "generic-short",
                "no byte of a fingerprint",
                "length",
                "2 bytes expected, got 2",
                "h IN TYPE44 \\# 2 0902");
        malformed("generic-type", "a record of another type", "data", "two numbers", "h IN TYPE43 \\# 3 090200");
        malformed(
                "generic-length-2gib",
                "a length of ten digits",
                "data",
                "two numbers",
                "h IN TYPE44 \\# 2147483648 090200");
    }

    private void text() {
        String record = "h IN SSHFP 4 2 " + SHA256;
        malformed("two", "two records", "line end", "more than one line", record + "\n" + record);
        malformed(
                "parenthesis-open",
                "a parenthesis that is not closed",
                "parentheses",
                "not closed",
                "h IN SSHFP ( 4 2 " + SHA256);
        malformed(
                "parenthesis-close",
                "a parenthesis that was not opened",
                "parentheses",
                "one pair at most",
                record + " )");
        malformed(
                "parenthesis-bomb",
                "parentheses, one in the other",
                "parentheses",
                "one pair at most",
                "h IN SSHFP " + "(".repeat(4000));
        add(
                "long",
                "more than 4096 characters",
                Expectation.limit("SSHFP record, characters", 15 + 4096, "fixed"),
                "h IN SSHFP 4 2 " + "00".repeat(2048));
    }
}
