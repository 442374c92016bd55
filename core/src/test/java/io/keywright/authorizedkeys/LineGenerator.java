package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.bare;

import io.keywright.SshPublicKey;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes lines that hold a given key, or nearly, to find out where readers of such lines part ways. From a seed. */
final class LineGenerator {
    private static final List<String> BLANKS =
            List.of(" ", "\t", "  ", " \t ", "\t\t", " ".repeat(300), " \u000b", "\u000c");
    private static final List<String> OPTIONS = List.of(
            "restrict",
            "pty",
            "no-pty",
            "user-rc",
            "no-user-rc",
            "port-forwarding",
            "no-port-forwarding",
            "agent-forwarding",
            "no-agent-forwarding",
            "X11-forwarding",
            "no-x11-forwarding",
            "touch-required",
            "no-touch-required",
            "verify-required",
            "no-verify-required",
            "from=\"127.0.0.1\"",
            "from=\"127.0.0.0/8\"",
            "from=\"127.0.0.1/8\"",
            "from=\"127.0.*,!127.0.0.9\"",
            "from=\"*,!127.0.0.1\"",
            "from=\"localhost\"",
            "from=\"\"",
            "from=\"::1,127.1\"",
            "from=\"192.0.2.1\"",
            "command=\"\"",
            "command=\"ls -l # no comment, no end\"",
            "command=\"say \\\"hi\\\" \\n\\\\ \"",
            "command=\"tab\there 100% caf\u00c3\u00a9\"",
            "command=\"ends in a backslash\\\\\"",
            "command=\"ends in an escape\\\"",
            "environment=\"A=1\"",
            "environment=\"A=2\"",
            "environment=\"B_2=x y=z\"",
            "environment=\"C=\"",
            "environment=\"C-D=1\"",
            "permitopen=\"host:80\"",
            "permitopen=\"[::1]:*\"",
            "permitopen=\"a/b:1\"",
            "permitopen=\"host:00080\"",
            "permitlisten=\"8080\"",
            "permitlisten=\"localhost:80\"",
            "tunnel=\"7\"",
            "tunnel=\"007\"",
            "tunnel=\"any\"",
            "expiry-time=\"20300701\"",
            "expiry-time=\"203007011200\"",
            "expiry-time=\"20301231235960\"",
            "expiry-time=\"20310101Z\"",
            "expiry-time=\"203103100230\"",
            "expiry-time=\"203111030130\"",
            "expiry-time=\"20991231235959UTC\"",
            "expiry-time=\"20200101\"",
            "principals=\"root\"",
            "cert-authority",
            "");
    private static final List<String> TYPES = List.of(
            "ssh-ed25519",
            "ssh-rsa",
            "rsa-sha2-256",
            "rsa-sha2-512",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "sk-ssh-ed25519@openssh.com",
            "sk-ecdsa-sha2-nistp256@openssh.com",
            "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
            "ssh-ed25519-cert-v01@openssh.com",
            "ssh-dss",
            "ssh-ed448",
            "SSH-ED25519",
            "ED25519",
            "ssh-ed25519,",
            "ssh-ed25519\u00a0",
            "restrict",
            "");
    private static final List<String> MARKS = List.of(
            "\u00ef\u00bb\u00bf",
            "\u00ff\u00fe",
            "\u00c2\u00a0",
            "\u0001",
            "\0",
            "\r",
            "\u001b[0m",
            "\u000b",
            "#",
            "\"",
            ",",
            "=");
    private static final List<String> COMMENTS = List.of(
            "", " me@here", " a b\tc", "\t# x", " \"", " cr\rin it", "\r", " nul\0x", " \u00e9", " ssh-ed25519 AAAA");
    /** What readers have stumbled over. */
    private static final List<String> SHAPES = List.of(
            "no-pty\tTYPE\tBLOB\tx",
            " \tpty TYPE BLOB\r",
            "pty TYPE BLOB\0junk",
            "pty\0 TYPE BLOB",
            "pty, TYPE BLOB",
            ",pty TYPE BLOB",
            "pty,,no-pty TYPE BLOB",
            "no-pty,command=\"a # b\" TYPE BLOB # c",
            "pty TYPE BLOB=",
            "pty BLOB",
            "BLOB",
            "TYPE TYPE BLOB",
            "TYPE BLOB BLOB",
            "BLOB TYPE BLOB",
            "pty no-pty TYPE BLOB",
            "#pty TYPE BLOB",
            " # TYPE BLOB",
            "command=\"open TYPE BLOB",
            "command=\"open\\\" TYPE BLOB",
            "command=\"TYPE BLOB\" TYPE BLOB",
            "pty TYPE\u000bBLOB",
            "TYPE\rBLOB",
            "\rTYPE BLOB",
            "pty\rTYPE BLOB",
            "command=x TYPE BLOB",
            "command= TYPE BLOB",
            "command=\"x\"y TYPE BLOB",
            "command=\"x\"\"y\" TYPE BLOB",
            "=\"x\" TYPE BLOB",
            "\"pty\" TYPE BLOB",
            "pty=\"\" TYPE BLOB",
            "no-no-pty TYPE BLOB");

    private static final String SYNTAX = "\"\\, =\t#:/-nra0\r\u0001";

    private final Random random;
    private final FileGenerator files;

    LineGenerator(long seed, List<SshPublicKey> keys) {
        this.random = new Random(seed);
        this.files = new FileGenerator(random, keys);
    }

    /** A line for a key, without its end; an LF is in none. */
    String line(SshPublicKey key) {
        String comment = pick(COMMENTS);
        String entry = bare(key) + comment;
        return switch (random.nextInt(20)) {
            case 0, 1 -> odd(entry, comment);
            case 2 -> pick(MARKS) + (random.nextBoolean() ? options() + " " : "") + entry;
            case 3, 4 -> damaged(options()) + pick(BLANKS) + entry;
            case 5 -> damaged(options() + " " + entry);
            case 6 -> (random.nextBoolean() ? options() + pick(BLANKS) : "") + pick(TYPES) + " " + blob(key) + comment;
            case 7 -> recased(options()) + " " + entry;
            case 8 -> longLine(entry);
            case 9 -> files.options() + pick(BLANKS) + entry;
            case 10 -> files.line();
            case 11 -> inBlob(key) + comment;
            case 12 -> pick(SHAPES).replace("TYPE", key.algorithm()).replace("BLOB", blob(key));
            default -> (random.nextInt(5) == 0 ? pick(BLANKS) : "") + options() + pick(BLANKS) + entry;
        };
    }

    private String options() {
        return IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> pick(OPTIONS))
                .collect(Collectors.joining(","));
    }

    /** Blanks in all places where they may, and may not, stand. */
    private String odd(String entry, String comment) {
        String bare = entry.substring(0, entry.length() - comment.length());
        String spaced = bare.replace(" ", pick(BLANKS));
        return switch (random.nextInt(5)) {
            case 0 -> pick(BLANKS) + spaced + comment;
            case 1 -> options() + " ," + options() + " " + entry;
            case 2 -> options() + ", " + entry;
            case 3 -> "command = \"x\" " + entry;
            default -> options() + pick(BLANKS) + spaced + pick(BLANKS) + comment;
        };
    }

    private String damaged(String text) {
        StringBuilder damaged = new StringBuilder(text);
        for (int i = 1 + random.nextInt(3); i > 0 && damaged.length() > 0; i--) {
            int at = random.nextInt(damaged.length());
            char c = SYNTAX.charAt(random.nextInt(SYNTAX.length()));
            // Characters of several bytes stay whole: values that are no text are not shown as they are.
            if (damaged.charAt(at) < 0x80 && (at == 0 || damaged.charAt(at - 1) < 0x80)) {
                switch (random.nextInt(3)) {
                    case 0 -> damaged.insert(at, c);
                    case 1 -> damaged.deleteCharAt(at);
                    default -> damaged.setCharAt(at, c);
                }
            }
        }
        return damaged.toString();
    }

    private String recased(String text) {
        return text.chars()
                .map(c -> random.nextInt(3) == 0 ? Character.toUpperCase(c) : c)
                .filter(c -> c < 0x100)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    /** Longer than the 8 KB that the manual allows, and the buffers that servers used to have. */
    private String longLine(String entry) {
        int length = 1000 + random.nextInt(20_000);
        return switch (random.nextInt(5)) {
            case 0 -> "command=\"" + "x".repeat(length) + "\" " + entry;
            case 1 -> entry + " " + "comment ".repeat(length / 8);
            case 2 -> " ".repeat(length) + options() + "\t".repeat(length) + entry;
            case 3 -> "pty,".repeat(length / 4) + options() + " " + entry;
            default ->
                IntStream.range(0, length / 20)
                                .mapToObj(i -> "permitopen=\"host-" + i + ":" + (i + 1) + "\"")
                                .collect(Collectors.joining(","))
                        + " "
                        + entry;
        };
    }

    private String inBlob(SshPublicKey key) {
        String blob = blob(key);
        int at = random.nextInt(blob.length());
        String type = key.algorithm() + " ";
        return switch (random.nextInt(6)) {
            case 0 -> type + blob.substring(0, at) + pick(MARKS) + blob.substring(at);
            case 1 -> type + blob.substring(0, at) + " " + blob.substring(at);
            case 2 -> type + blob.substring(0, at);
            case 3 -> type + blob + pick(List.of("=", "==", "A", "AAAA", "A==="));
            case 4 -> type + blob.substring(0, at) + "\r" + blob.substring(at);
            default -> type + damaged(blob);
        };
    }

    private static String blob(SshPublicKey key) {
        return Keys.base64(key);
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
