package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.seed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What is no key, more than one, too much, or something else: told before any format is read. */
final class TextVectors {
    private static final int LIMIT = 1024 * 1024;

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        TextVectors set = new TextVectors();
        set.noKey();
        set.somethingElse();
        set.twoKeys();
        set.damagedFrame();
        set.large();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String body) {
        vectors.add(expectation.vector("text/" + name, why, body));
    }

    private void noKey() {
        Expectation empty = Expectation.notAKey("empty or holds nothing but blank lines and comments");
        add("empty", "there is nothing", empty, "");
        add("blank", "blanks and line ends", empty, " \t\r\n\n  \n");
        add("mark", "a byte order mark and nothing else", empty, "\u00ef\u00bb\u00bf");
        add("comment", "nothing but a comment", empty, "# seed key\n");
        Expectation nothing = Expectation.notAKey("no key");
        add("prose", "a sentence", nothing, "The quick brown fox jumps over the lazy dog.\n");
        add("path", "a file's name", nothing, "/home/somebody/.ssh/id_ed25519");
        add("html", "a page", nothing, "<!DOCTYPE html>\n<html><body>404</body></html>\n");
        add("zeros", "zero bytes", nothing, "\0".repeat(100));
        add("ones", "bytes of 255", nothing, "\u00ff".repeat(100));
        add("dashes", "dashes", nothing, "-".repeat(100));
        add(
                "base64",
                "base64 without a BEGIN line",
                nothing,
                seed("ed25519.key").replaceAll("-----.*-----\r?\n", ""));
        add(
                "known-hosts",
                "a line of known_hosts",
                Expectation.malformed("public key line", "options", "options stand in front of the key"),
                "example.org " + seed("ed25519.pub"));
        Expectation utf16 = Expectation.notAKey("UTF-16");
        String text = seed("ed25519.key");
        add(
                "utf-16-little",
                "UTF-16, as Windows saves it",
                utf16,
                latin1(("\ufeff" + text).getBytes(StandardCharsets.UTF_16LE)));
        add(
                "utf-16-big",
                "UTF-16, the other way round",
                utf16,
                latin1(("\ufeff" + text).getBytes(StandardCharsets.UTF_16BE)));
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void somethingElse() {
        add(
                "ssh1",
                "a key of SSH protocol 1",
                Expectation.unsupported("ssh1", "protocol 1"),
                "SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0\0");
        add(
                "der",
                "binary DER",
                Expectation.unsupported("DER", "convert it to PEM"),
                latin1(Bytes.unpem(seed("rsa-pkcs8.pem"))));
        add(
                "certificate",
                "an X.509 certificate",
                Expectation.unsupported("X.509", "not a key"),
                Bytes.pem("CERTIFICATE", Der.sequence(Der.integer(1))));
    }

    private void twoKeys() {
        Expectation two = Expectation.malformed("key file", "second key", "two keys where one is expected");
        add("two-private", "two private keys", two, seed("ed25519.key") + seed("rsa.key"));
        add("two-formats", "two keys in different formats", two, seed("ed25519.key") + seed("ed25519-pkcs8.pem"));
        add(
                "private-and-pem-public",
                "a private key and a public one in PEM",
                two,
                seed("ed25519-pkcs8.pem") + seed("ed25519-spki.pem"));
        add("private-and-ppk", "a private key and a PPK file", two, seed("ed25519.key") + seed("ed25519.ppk"));
        add("two-lines", "two public keys", two, seed("ed25519.pub") + seed("other.pub"));
    }

    private void damagedFrame() {
        Expectation begin = Expectation.malformed("key file", "BEGIN line", "missing or damaged");
        String text = seed("ed25519.key");
        add("begin-missing", "the BEGIN line is missing", begin, text.substring(text.indexOf('\n') + 1));
        add(
                "begin-lower-case",
                "the BEGIN line in small letters",
                begin,
                text.replace("BEGIN OPENSSH", "begin openssh"));
        add(
                "begin-dash-missing",
                "a dash of the BEGIN line is missing",
                begin,
                text.substring(2).replaceFirst("^---", "--"));
        add("begin-unknown", "a private key of an unknown kind", begin, text.replace("OPENSSH", "QUANTUM"));
        add(
                "ppk-cut",
                "the first word of a PPK file and nothing else",
                Expectation.malformed("PPK", "first line", "cut off"),
                "PuTTY-User-Key-File-");
    }

    /** As large as is allowed, and a byte larger: neither may take long. */
    private void large() {
        add(
                "file-1-mib-and-1",
                "one byte above the limit",
                Expectation.limit("key file size in bytes", LIMIT + 1, "ReadLimits.withMaxFileBytes"),
                "x".repeat(LIMIT + 1));
        Expectation nothing = Expectation.notAKey("");
        add("blanks-1-mib", "a mebibyte of blanks", nothing, " ".repeat(LIMIT));
        add("lines-1-mib", "a mebibyte of line ends", nothing, "\n".repeat(LIMIT));
        add("dashes-1-mib", "a mebibyte of dashes", nothing, "-".repeat(LIMIT));
        add("begin-1-mib", "a mebibyte of almost BEGIN lines", nothing, "-----BEGIN ".repeat(LIMIT / 11));
        add(
                "putty-1-mib",
                "a mebibyte of PPK beginnings amid lines",
                nothing,
                "x PuTTY-User-Key-File-".repeat(LIMIT / 22));
        add(
                "putty-blanks-1-mib",
                "PPK beginnings behind many blanks",
                Expectation.notAKey("no key"),
                "x" + " ".repeat(1000) + ("PuTTY-User-Key-File-" + " ".repeat(1000)).repeat(1000));
        String begin = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
        String end = "-----END OPENSSH PRIVATE KEY-----\n";
        add(
                "body-1-mib",
                "a mebibyte of base64",
                Expectation.malformed("openssh-key-v1", "magic", "does not begin"),
                begin + "A".repeat((LIMIT - begin.length() - end.length()) / 4 * 4) + end);
        add(
                "end-1-mib",
                "a mebibyte of almost END lines",
                Expectation.malformed("openssh-key-v1", "END line", "cut off"),
                begin + "-----END OPENSSH PRIVATE ".repeat(LIMIT / 26));
    }
}
