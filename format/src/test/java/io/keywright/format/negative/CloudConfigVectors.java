package io.keywright.format.negative;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Cloud-config: bombs of depth, of aliases and of keys, YAML that hides keys, and keys that are broken. */
final class CloudConfigVectors {
    private static final String FORMAT = "cloud-config";
    private static final String HEADER = "#cloud-config\n";
    private static final String LINE = Bytes.seed("ed25519.pub").strip();

    private final List<NegativeVector> vectors = new ArrayList<>();

    static List<NegativeVector> all() {
        CloudConfigVectors set = new CloudConfigVectors();
        set.depth();
        set.aliases();
        set.amounts();
        set.documents();
        set.places();
        set.lines();
        return set.vectors;
    }

    private void add(String name, String why, Expectation expectation, String text) {
        vectors.add(expectation.on("cloudConfig").vector("cloud-config/" + name, why, text));
    }

    private void yaml(String name, String why, String document) {
        add(name, why, Expectation.malformed(FORMAT, "YAML", "it is no YAML"), HEADER + document);
    }

    private void line(String name, String why, int line, String message, String document) {
        add(name, why, Expectation.malformed(FORMAT, "line " + line, message), HEADER + document);
    }

    private void depth() {
        yaml("depth-bomb", "half a million lists, one in the other", "[".repeat(500_000));
        yaml("depth-bomb-mappings", "mappings, one in the other", "{a: ".repeat(200_000));
        yaml("depth-bomb-blocks", "lists in block style, one in the other", "- ".repeat(400_000));
        yaml("depth-bomb-keys", "mappings for names, one in the other", "? ".repeat(400_000));
        yaml(
                "depth-bomb-tail",
                "a bomb behind a key that is fine",
                "ssh_authorized_keys:\n- " + LINE + "\nx: " + "[".repeat(100_000) + "]".repeat(100_000));
        yaml(
                "depth-balanced",
                "more lists than the limit, all closed",
                "ssh_authorized_keys: " + "[".repeat(100) + "]".repeat(100));
    }

    private void aliases() {
        yaml("alias-bomb", "2^60 texts by sixty lists of aliases", laughs(60));
        line("alias-bomb-small", "2^24 texts, by as many aliases as may be", 24, "a text is expected", laughs(24));
        line("alias-itself", "a list that holds itself", 2, "a text is expected", "ssh_authorized_keys: &a [*a]\n");
        yaml("alias-unknown", "an alias of nothing", "ssh_authorized_keys: [*nobody]\n");
    }

    /** Lists of which each holds the one before it twice. */
    private static String laughs(int lists) {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < lists; i++) {
            yaml.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        return yaml + "ssh_authorized_keys: *a" + (lists - 1) + "\n";
    }

    private void amounts() {
        Expectation keys = Expectation.limit("keys in a cloud-config", 20_001, "fixed");
        add(
                "keys-alias-bomb",
                "a key more than the limit, each an alias",
                keys,
                HEADER + "k: &k " + LINE + "\nssh_authorized_keys:\n" + "- *k\n".repeat(20_001));
        String comment = "#" + "x".repeat(1024 * 1024) + "\n";
        add(
                "long",
                "more than a mebibyte",
                Expectation.limit(
                        "key file size in bytes", HEADER.length() + comment.length(), "ReadLimits.withMaxFileBytes"),
                HEADER + comment);
    }

    private void documents() {
        Expectation header = Expectation.notAKey("its first line must be #cloud-config");
        String keys = "ssh_authorized_keys:\n- " + LINE + "\n";
        add("empty", "nothing", header, "");
        add("header-missing", "no header", header, keys);
        add("header-archive", "another kind of user data", header, "#cloud-config-archive\n" + keys);
        add("header-late", "a template in front of the header", header, "## template: jinja\n" + HEADER + keys);
        add("header-indented", "a blank in front of the header", header, " " + HEADER + keys);
        add(
                "not-utf8",
                "a byte that is no UTF-8",
                Expectation.malformed(FORMAT, "text", "not UTF-8"),
                HEADER + keys + "x: \u00e4\n");
        yaml("two-documents", "two documents in one text", keys + "---\n" + keys);
        yaml("cut-in-list", "the text ends within a list", "ssh_authorized_keys: [" + LINE + ",");
        yaml("cut-in-quotes", "the text ends within quotes", "ssh_authorized_keys: [\"" + LINE);
        yaml("tab", "indented by a tab", "ssh_authorized_keys:\n\t- " + LINE + "\n");
        yaml("control", "a control character", keys + "x: \u0001\n");
        yaml("escape", "an escape that does not exist", "ssh_authorized_keys: [\"\\q\"]\n");
        line("root-list", "a list where names are expected", 2, "a mapping is expected", "- " + LINE + "\n");
        line("root-text", "a text where names are expected", 2, "a mapping is expected", LINE + "\n");
        yaml("tag-object", "a tag that would make an object", "ssh_authorized_keys: [!!java.net.URL [x]]\n");
        yaml("tag-own", "a tag that nobody explained", "ssh_authorized_keys: [!e!key x]\n");
    }

    private void places() {
        String text = "a text is expected";
        String keys = "ssh_authorized_keys: [" + LINE + "]\n";
        line("twice", "the keys stand twice", 3, "a name stands a second time", keys + keys);
        line("merge", "a merge key, which may hide keys", 2, "merge keys are not read", "<<: {" + keys.strip() + "}\n");
        line(
                "user-merge",
                "a merge key in a user",
                2,
                "merge keys are not read",
                "users: [{<<: {}, name: a, " + keys.strip() + "}]\n");
        line("user-nameless", "keys of a user without a name", 2, text, "users: [{" + keys.strip() + "}]\n");
        line("user-number", "a number for a user's name", 2, text, "users: [{name: 7, " + keys.strip() + "}]\n");
        line("key-number", "a number for a key", 2, text, "ssh_authorized_keys: [1]\n");
        line("key-null", "nothing for a key", 2, text, "ssh_authorized_keys: [null]\n");
        line("key-list", "a list for a key", 2, text, "ssh_authorized_keys: [[a]]\n");
        line("key-binary", "binary for a key", 2, text, "ssh_authorized_keys: [!!binary aGVsbG8=]\n");
        line("keys-true", "a truth value for the keys", 2, text, "ssh_authorized_keys: true\n");
    }

    private void lines() {
        faulty("blob-missing", "a key without its blob", "no key type and key are found", "ssh-ed25519");
        faulty("no-key", "a text that is no key", "no key type and key are found", "hello");
        faulty("quote", "a quote in the options is not closed", "a quote is not closed", "from=\"a " + LINE);
        faulty("type", "another type than its key's", "name different types", LINE.replace("ssh-ed25519", "ssh-rsa"));
        add(
                "line-off-curve",
                "a point beside the curve",
                Expectation.malformed("ecdsa-sha2-nistp256", "point", "not on the curve"),
                HEADER + "ssh_authorized_keys: ['" + offCurve() + "']\n");
    }

    private void faulty(String name, String why, String message, String line) {
        line("line-" + name, why, 2, message, "ssh_authorized_keys: ['" + line + "']\n");
    }

    private static String offCurve() {
        byte[] blob = Bytes.flip(OpensshParts.of("p256").blob, -1);
        return "ecdsa-sha2-nistp256 " + Base64.getEncoder().encodeToString(blob);
    }
}
