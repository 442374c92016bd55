package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.ALICE;
import static io.keywright.authorizedkeys.Keys.BOB;
import static io.keywright.authorizedkeys.Keys.bare;
import static io.keywright.authorizedkeys.Keys.file;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LineDiffTest {
    private static String diff(String before, String after) {
        return file(before).diff(file(after));
    }

    @Test
    void diff_equalFiles_isEmpty() {
        assertThat(diff("", "")).isEmpty();
        assertThat(diff("a\nb", "a\nb")).isEmpty();
    }

    @Test
    void diff_replacedKey_showsFingerprintsAndNumbers() {
        AuthorizedKeys file = file("# x\nrestrict " + bare(ALICE) + " me\n# y\n");
        assertThat(file.diff(file.replace(ALICE, BOB)))
                .isEqualTo("""
                        @@ -2 +2 @@
                        -2: restrict ssh-ed25519 %s me
                        +2: restrict ssh-ed25519 %s bob
                        """.formatted(ALICE.fingerprint(), BOB.fingerprint()));
    }

    @Test
    void diff_scatteredChanges_areHunks() {
        assertThat(diff("#a\n#b\n#c\n#d\n#e\n", "#b\n#c\n#x\n#d\n\n#e\n#f\n")).isEqualTo("""
                        @@ -1 +0,0 @@
                        -1: #a
                        @@ -3,0 +3 @@
                        +3: #x
                        @@ -4,0 +5 @@
                        +5: (blank)
                        @@ -5,0 +7 @@
                        +7: #f
                        """);
    }

    @Test
    void diff_severalLinesAtOnce_areARange() {
        assertThat(diff("#1\n#2\n#z\n", "#3\n#z\n")).startsWith("@@ -1,2 +1 @@\n-1: #1\n-2: #2\n+1: #3\n");
    }

    @Test
    void diff_lineEnds_areShown() {
        assertThat(diff("#a", "#a\n")).isEqualTo("@@ -1 +1 @@\n-1: #a (no line end)\n+1: #a\n");
        assertThat(diff("#a\n", "#a\r\n")).isEqualTo("@@ -1 +1 @@\n-1: #a\n+1: #a (CR LF)\n");
    }

    @Test
    void diff_whatATerminalObeys_isEscaped() {
        assertThat(diff("", "# \u001b[2J\r\n")).isEqualTo("@@ -0,0 +1 @@\n+1: # \\u{1b}[2J (CR LF)\n");
        byte[] bidi = "# \u202egnp \u00e9\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(AuthorizedKeys.empty().diff(AuthorizedKeys.parse(bidi))).contains("# \\u{202e}gnp \u00e9");
    }

    @Test
    void diff_malformedLine_isNotQuoted() {
        assertThat(diff("", "secret passphrase\n"))
                .isEqualTo("@@ -0,0 +1 @@\n+1: (malformed, 17 bytes: no key type and key are found)\n");
    }

    @Test
    void diff_moreThanCanBeCompared_isOneHunk() {
        String before = "#a\n".repeat(3000);
        String after = "#b\n".repeat(3000);
        assertThat(diff("#x\n" + before, "#x\n" + after))
                .startsWith("@@ -2,3000 +2,3000 @@\n")
                .hasLineCount(6001);
    }
}
