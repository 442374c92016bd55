package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.bare;

import io.keywright.SshPublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Makes files as people, tools and accidents make them, from a seed. */
final class FileGenerator {
    static final List<SshPublicKey> KEYS =
            List.of(Keys.ALICE, Keys.BOB, Keys.CAROL, Keys.RSA, Keys.ECDSA, Keys.ED448, Keys.FUTURE, Keys.CERTIFICATE);

    private static final List<String> OPTIONS = List.of(
            "restrict",
            "pty",
            "no-pty",
            "NO-X11-forwarding",
            "cert-authority",
            "user-rc",
            "no-touch-required",
            "verify-required",
            "no-restrict",
            "nonsense",
            "",
            "ptyx",
            "command",
            "command=ls",
            "command=\"ls -l # x, y\"",
            "Command=\"say \\\"hi\\\"\"",
            "command=\"x\"y",
            "command=\"back\\\\slash\"",
            "from=\"10.0.0.0/8,!10.1.*\"",
            "principals=\"a,b\"",
            "environment=\"A=1\"",
            "environment=\"A B=1\"",
            "environment=\"A\"",
            "expiry-time=\"20990101\"",
            "expiry-time=\"209901012359Z\"",
            "expiry-time=\"20200101utc\"",
            "expiry-time=\"20990231\"",
            "expiry-time=\"20991301\"",
            "expiry-time=\"2099-01-01\"",
            "expiry-time=\"19700101Z\"",
            "tunnel=\"0\"",
            "tunnel=\"any\"",
            "tunnel=\"2147483646\"",
            "permitopen=\"host:80\"",
            "permitopen=\"host/80\"",
            "permitopen=\"[::1]:*\"",
            "permitopen=\"::1:80\"",
            "permitopen=\"none\"",
            "permitopen=\"host:0\"",
            "permitopen=\"host:ssh\"",
            "permitopen=\":80\"",
            "permitopen=\"80\"",
            "permitlisten=\"80\"",
            "permitlisten=\"*\"",
            "permitlisten=\"host/80\"",
            "permitlisten=\"localhost:8080\"",
            "permitlisten=\"none\"",
            "x=\"a b\"",
            "pty=\"x\"");
    private static final List<String> BLANKS = List.of(" ", "\t", "  ", " \t ");
    private static final List<String> COMMENTS = List.of(
            "", " alice", " two words", "\t# tab", " caf\u00c3\u00a9", " \u00e9", " cr\rinside", " nul\0inside", "  ");
    private static final List<String> OTHERS = List.of(
            "",
            " ",
            "\t",
            "#",
            " # comment with \"quote",
            "#ssh-ed25519 AAAA",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-ed25519 !!!! x",
            "restrict",
            "command=\"open quote",
            "\u00ef\u00bb\u00bf# bom",
            "\u00ff\u00fes\0s\0h\0",
            "\0",
            "\r",
            "-----BEGIN OPENSSH PRIVATE KEY-----");

    private final Random random;
    private final List<SshPublicKey> keys;

    FileGenerator(long seed) {
        this(new Random(seed), KEYS);
    }

    FileGenerator(Random random, List<SshPublicKey> keys) {
        this.random = random;
        this.keys = keys;
    }

    SshPublicKey key() {
        return pick(keys);
    }

    String options() {
        int count = 1 + random.nextInt(3);
        return random.ints(count, 0, OPTIONS.size()).mapToObj(OPTIONS::get).collect(Collectors.joining(","));
    }

    String entry(String options) {
        String[] key = bare(this.key()).split(" ", 2);
        String type = key[0].equals("ssh-rsa") && random.nextInt(4) == 0 ? "rsa-sha2-256" : key[0];
        String blob = key[1];
        switch (random.nextInt(24)) {
            case 0 -> type = "ssh-rsa";
            case 1 -> blob = blob.substring(0, 30) + "\r" + blob.substring(30);
            case 2 -> blob = blob.substring(0, blob.length() - 1);
            default -> {
                // an ordinary key
            }
        }
        String front = options.isEmpty() ? "" : options + pick(BLANKS);
        return front + type + pick(BLANKS) + blob + pick(COMMENTS);
    }

    /** A line without its end; an LF is in none. */
    String line() {
        String indent = random.nextInt(6) == 0 ? pick(BLANKS) : "";
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> pick(OTHERS);
            case 3, 4, 5 -> indent + entry("");
            case 6 -> noise();
            default -> indent + entry(options());
        };
    }

    private String noise() {
        StringBuilder noise = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            char c = random.nextInt(4) == 0 ? pick(List.of('"', '\\', ' ', ',', '=', '#')) : (char) random.nextInt(256);
            noise.append(c == '\n' ? ' ' : c);
        }
        return noise.toString();
    }

    String file() {
        List<String> lines = new ArrayList<>();
        for (int i = random.nextInt(9); i > 0; i--) {
            lines.add(line() + (random.nextInt(5) == 0 ? "\r\n" : "\n"));
        }
        if (random.nextInt(3) == 0) {
            lines.add(line());
        }
        return String.join("", lines);
    }

    boolean coin() {
        return random.nextBoolean();
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
