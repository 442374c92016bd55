package io.keywright.testkit.fleet;

import java.util.ArrayList;
import java.util.List;

/**
 * What a file of authorized keys says, and whether sshd then admits a key from 127.0.0.1: once for the model, once for a real
 * sshd.
 *
 * @param name what it shows
 * @param file the file, with KEY for the key's line without comment, BLOB for its base64 alone, OTHER for another key's line
 * @param admitted what sshd decides
 */
record LogInCase(String name, String file, boolean admitted) {

    static List<LogInCase> all() {
        List<LogInCase> cases = new ArrayList<>();
        lines(cases);
        options(cases);
        expiry(cases);
        from(cases);
        return List.copyOf(cases);
    }

    private static void yes(List<LogInCase> cases, String name, String file) {
        cases.add(new LogInCase(name, file, true));
    }

    private static void no(List<LogInCase> cases, String name, String file) {
        cases.add(new LogInCase(name, file, false));
    }

    private static void lines(List<LogInCase> cases) {
        yes(cases, "plain", "KEY\n");
        yes(cases, "no final newline", "KEY");
        yes(cases, "no final newline, with comment", "OTHER\nKEY me@here");
        yes(cases, "CRLF", "OTHER\r\nKEY\r\n");
        yes(cases, "CRLF with a comment", "KEY me\r\n");
        yes(cases, "leading blanks and tabs", " \t KEY\n");
        yes(cases, "comments and blank lines", "# first\n\n  # second\nKEY\n");
        yes(cases, "junk before it", "this is no key\nssh-ed25519 AAAA\nKEY\n");
        yes(cases, "comment with quotes and hash", "KEY \"quoted # comment\n");
        yes(cases, "tabs between the fields", "restrict\tKEY\tcomment\n");
        no(cases, "empty", "");
        no(cases, "another key only", "OTHER\n");
        no(cases, "commented out", "#KEY\n");
        no(cases, "commented out after blanks", "  #KEY\n");
        no(cases, "byte order mark", "\uFEFFKEY\n");
        yes(cases, "byte order mark on another line", "\uFEFFOTHER\nKEY\n");
        no(cases, "declared as another type", "ssh-rsa BLOB\n");
        no(cases, "no type", "BLOB\n");
        no(cases, "options and no type", "restrict BLOB\n");
        no(cases, "type in capitals", "SSH-ED25519 BLOB\n");
        no(cases, "glued to another line", "OTHERKEY\n");
        no(cases, "CR as line end", "OTHER\rKEY\n");
    }

    private static void options(List<LogInCase> cases) {
        yes(cases, "restrict", "restrict KEY\n");
        yes(cases, "restrict and pty", "restrict,pty KEY\n");
        yes(cases, "every flag", "no-pty,no-port-forwarding,no-agent-forwarding,no-x11-forwarding,no-user-rc KEY\n");
        yes(cases, "flags in capitals", "NO-PTY,Restrict KEY\n");
        yes(cases, "forced command", "command=\"/bin/true\" KEY\n");
        yes(cases, "forced command in capitals", "COMMAND=\"/bin/true\" KEY\n");
        yes(cases, "quoted blanks, commas and hash", "command=\"/bin/true # a, b\" KEY\n");
        yes(cases, "escaped quote", "command=\"/bin/true \\\"x\\\"\" KEY\n");
        yes(cases, "environment", "environment=\"A=b\" KEY\n");
        yes(cases, "permitopen", "permitopen=\"localhost:80\" KEY\n");
        yes(cases, "permitopen of all ports", "permitopen=\"localhost:*\" KEY\n");
        yes(cases, "permitlisten of a port", "permitlisten=\"8080\" KEY\n");
        yes(cases, "tunnel", "tunnel=\"1\" KEY\n");
        yes(cases, "leading comma", ",no-pty KEY\n");
        yes(cases, "blank after a comma", "restrict, KEY\n");
        no(cases, "unknown option", "no-such-option KEY\n");
        no(cases, "unknown option with a value", "no-such-option=\"x\" KEY\n");
        no(cases, "unknown option among known ones", "no-pty,no-such-option,restrict KEY\n");
        yes(cases, "unknown option, again without", "no-such-option KEY\nKEY\n");
        no(cases, "blank before the value", "command =\"/bin/true\" KEY\n");
        no(cases, "blank in the value without quotes", "command=/bin/true x KEY\n");
        no(cases, "value without quotes", "command=/bin/true KEY\n");
        no(cases, "quote not closed", "command=\"/bin/true KEY\n");
        no(cases, "two commands", "command=\"/bin/true\",command=\"/bin/true\" KEY\n");
        no(cases, "junk after a value", "command=\"/bin/true\"x KEY\n");
        no(cases, "no-restrict", "no-restrict KEY\n");
        no(cases, "permitopen without a port", "permitopen=\"localhost\" KEY\n");
        no(cases, "permitopen of port 0", "permitopen=\"localhost:0\" KEY\n");
        no(cases, "environment with a bad name", "environment=\"A-B=c\" KEY\n");
        no(cases, "bad tunnel", "tunnel=\"x\" KEY\n");
        no(cases, "certificate authority", "cert-authority KEY\n");
        yes(cases, "certificate authority, again without", "cert-authority KEY\nKEY\n");
        no(cases, "principals without authority", "principals=\"deploy\" KEY\n");
        yes(cases, "principals without authority, again without", "principals=\"deploy\" KEY\nKEY\n");
    }

    private static void expiry(List<LogInCase> cases) {
        yes(cases, "expires later", "expiry-time=\"20991231\" KEY\n");
        no(cases, "expired", "expiry-time=\"20200101\" KEY\n");
        no(cases, "expired, to the second, UTC", "expiry-time=\"20200101120000Z\" KEY\n");
        yes(cases, "expired, again without", "expiry-time=\"20200101\" KEY\nKEY\n");
        no(cases, "the earliest counts", "expiry-time=\"20991231\",expiry-time=\"20200101\" KEY\n");
        no(cases, "the earliest counts, first", "expiry-time=\"20200101\",expiry-time=\"20991231\" KEY\n");
        no(cases, "no such day", "expiry-time=\"20991332\" KEY\n");
        no(cases, "no date", "expiry-time=\"tomorrow\" KEY\n");
    }

    private static void from(List<LogInCase> cases) {
        yes(cases, "from this address", "from=\"127.0.0.1\" KEY\n");
        yes(cases, "from a list", "from=\"192.0.2.1,127.0.0.1\" KEY\n");
        yes(cases, "from a network", "from=\"127.0.0.0/8\" KEY\n");
        yes(cases, "from a wildcard", "from=\"127.*\" KEY\n");
        yes(cases, "from anywhere", "from=\"*\" KEY\n");
        no(cases, "from elsewhere", "from=\"192.0.2.1\" KEY\n");
        no(cases, "from another network", "from=\"10.0.0.0/8\" KEY\n");
        no(cases, "from all but here", "from=\"*,!127.0.0.1\" KEY\n");
        no(cases, "only not from elsewhere", "from=\"!192.0.2.1\" KEY\n");
        no(cases, "network with host bits", "from=\"127.0.0.1/8\" KEY\n");
        no(cases, "two from", "from=\"127.0.0.1\",from=\"127.0.0.1\" KEY\n");
        yes(cases, "the first from fails, the second line admits", "from=\"192.0.2.1\" KEY\nKEY\n");
        yes(cases, "two lines, each with its from", "from=\"192.0.2.1\" KEY\nfrom=\"127.0.0.1\" KEY\n");
        no(cases, "two lines, neither admits", "from=\"192.0.2.1\" KEY\nexpiry-time=\"20200101\" KEY\n");
    }

    byte[] content(String keyLine, String otherLine) {
        return file.replace("OTHER", "\u0000")
                .replace("KEY", keyLine)
                .replace("BLOB", keyLine.split(" ", 3)[1])
                .replace("\u0000", otherLine)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The name alone: it stands in reports. */
    @Override
    public String toString() {
        return name;
    }
}
