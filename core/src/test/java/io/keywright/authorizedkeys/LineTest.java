package io.keywright.authorizedkeys;

import static io.keywright.authorizedkeys.Keys.ALICE;
import static io.keywright.authorizedkeys.Keys.BOB;
import static io.keywright.authorizedkeys.Keys.FUTURE;
import static io.keywright.authorizedkeys.Keys.RSA;
import static io.keywright.authorizedkeys.Keys.bare;
import static io.keywright.authorizedkeys.Keys.base64;
import static io.keywright.authorizedkeys.Keys.bytes;
import static io.keywright.authorizedkeys.Keys.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywright.Fingerprint;
import io.keywright.LimitExceededException;
import io.keywright.SshKeyException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LineTest {
    private static Line only(String text) {
        List<Line> lines = file(text).lines();
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private static Entry entry(String text) {
        assertThat(only(text)).isInstanceOf(Entry.class);
        return (Entry) only(text);
    }

    private static Line.Problem problem(String text) {
        assertThat(only(text)).isInstanceOf(Line.Malformed.class);
        return ((Line.Malformed) only(text)).problem();
    }

    @Nested
    class Split {
        @Test
        void lines_emptyFile_areNone() {
            assertThat(file("").lines()).isEmpty();
            assertThat(AuthorizedKeys.empty()).isEqualTo(file("")).hasSameHashCodeAs(file(""));
        }

        @Test
        void lines_endings_belongToTheirLines() {
            List<Line> lines = file("# a\n# b\r\n\r\n# c").lines();
            assertThat(lines).extracting(Line::lineEnd).containsExactly("\n", "\r\n", "\r\n", "");
            assertThat(lines).extracting(Line::number).containsExactly(1, 2, 3, 4);
            assertThat(lines).extracting(Line::text).containsExactly("# a", "# b", "", "# c");
            assertThat(lines.get(1).toBytes()).isEqualTo(bytes("# b\r\n"));
            assertThat(lines.get(1).textBytes()).isEqualTo(bytes("# b"));
        }

        @Test
        void lines_carriageReturnInComment_makesNoSecondEntry() {
            String trap = bare(ALICE) + " me\r" + bare(BOB) + "\n";
            AuthorizedKeys file = file(trap);
            assertThat(file.entries()).hasSize(1);
            assertThat(file.contains(BOB)).isFalse();
            assertThat(file.entries().get(0).comment().toByteArray()).isEqualTo(bytes("me\r" + bare(BOB)));
        }

        @Test
        void lines_ofTheSameBytes_areEqualByNumberToo() {
            List<Line> lines = file("\n\n# x\n").lines();
            assertThat(lines.get(0)).isEqualTo(file("\n").lines().get(0)).isNotEqualTo(lines.get(1));
            assertThat(lines.get(0)).hasSameHashCodeAs(file("\n").lines().get(0));
            assertThat(lines.get(2)).isNotEqualTo("# x");
        }

        @Test
        void lines_indexOutOfRange_isRefused() {
            List<Line> lines = file("\n").lines();
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> lines.get(1));
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> lines.remove(0));
        }
    }

    @Nested
    class Kinds {
        @ParameterizedTest
        @ValueSource(strings = {"", " ", "\t \t", " \r"})
        void line_ofBlanks_isBlank(String text) {
            Line line = only(text + "\n");
            assertThat(line).isInstanceOf(Line.Blank.class).hasToString("line 1: blank");
        }

        @ParameterizedTest
        @ValueSource(strings = {"#", " \t# text", "#ssh-ed25519 AAAA"})
        void line_hashFirst_isComment(String text) {
            assertThat(only(text + "\n")).isInstanceOf(Line.Comment.class).hasToString("line 1: comment");
        }

        @Test
        void line_hashInQuotesOrComment_isEntry() {
            Entry entry = entry("command=\"echo # no\" " + bare(ALICE) + " a # b\n");
            assertThat(entry.options().find("command").orElseThrow().value()).contains("echo # no");
            assertThat(entry.comment()).hasToString("a # b");
        }

        @Test
        void line_blanksAndTabs_separate() {
            Entry entry = entry(" \t restrict\t \tssh-ed25519\t " + base64(ALICE) + " \t alice  x \n");
            assertThat(entry.key()).isEqualTo(ALICE);
            assertThat(entry.key().comment()).hasToString("alice  x ");
            assertThat(entry.options()).hasToString("[restrict]");
            assertThat(entry.algorithm()).isEqualTo("ssh-ed25519");
            assertThat(entry.fingerprint()).isEqualTo(ALICE.fingerprint());
            assertThat(entry.fingerprint(Fingerprint.Hash.MD5)).isEqualTo(ALICE.fingerprint(Fingerprint.Hash.MD5));
            assertThat(entry).hasToString("line 1: ssh-ed25519 " + ALICE.fingerprint());
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "\r", " ", " \r"})
        void line_withoutComment_isEntry(String end) {
            Entry entry = entry(bare(ALICE) + end + "\n");
            assertThat(entry.key()).isEqualTo(ALICE);
            assertThat(entry.comment().isEmpty()).isTrue();
            assertThat(entry.options().isEmpty()).isTrue();
        }

        @Test
        void line_unknownKeyType_isEntryWhoseKeyIsOpaque() {
            Entry entry = entry("restrict " + bare(FUTURE) + " later\n");
            assertThat(entry.key()).isEqualTo(FUTURE);
            assertThat(entry.algorithm()).isEqualTo("ssh-future@example.org");
            assertThat(entry(bare(FUTURE)).options()).isEqualTo(KeyOptions.NONE);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "',pty ' | true",
                    "'restrict, ' | true",
                    "'restrict,,pty ' | true",
                    "'command=\"x\" ' | true",
                    "'command=\"x\"y ' | false",
                    "'command=x ' | false",
                    "'nonsense ' | false"
                })
        void line_options_dropItOrNot(String options, boolean usable) {
            String text = options + bare(ALICE) + "\n" + bare(BOB) + "\n";
            assertThat(file(text).admitting(ALICE, "10.0.0.1").isPresent()).isEqualTo(usable);
            assertThat(file(text).admitting(BOB, "10.0.0.1"))
                    .as("later lines still count")
                    .isPresent();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"command =\"x\" ", "command= \"x\" ", "command = \"x\" ", "pty , no-pty ", "pty no-pty "})
        void line_blankInOptions_holdsNoKey(String options) {
            assertThat(only(options + bare(ALICE) + "\n")).isInstanceOf(Line.Malformed.class);
        }

        @Test
        void line_signatureAlgorithmAsType_isTheKeyThatSshdSees() {
            assertThat(entry("rsa-sha2-512 " + base64(RSA) + "\n").holds(RSA)).isTrue();
        }

        @Test
        void line_unknownTypeInOptions_doesNotHideTheKeyThatSshdSees() {
            // The blob names the first word, so that word and blob would pass for a key of an unknown type.
            String word = "command=\"a";
            String fake = base64(Keys.bytes("\0\0\0" + (char) word.length() + word + "x"));
            assertThat(entry(word + " " + fake + " b\" " + bare(ALICE) + "\n").key())
                    .isEqualTo(ALICE);
            String blob = base64(new byte[] {0, 0, 0, 2, 'a', 'b'});
            assertThat(entry("ab " + blob + "\n").algorithm()).isEqualTo("ab");
            assertThat(entry("ab " + bare(ALICE) + "\n").key()).isEqualTo(ALICE);
        }

        @Test
        void line_characterThatSshdSkipsInBase64_isStillTheKey() {
            String blob = base64(ALICE);
            String spaced = blob.substring(0, 20) + "\r" + blob.substring(20, 40) + "\u000b\u000c" + blob.substring(40);
            Entry entry = entry("ssh-ed25519 " + spaced + " alice\n");
            assertThat(entry.key()).isEqualTo(ALICE);
            assertThat(entry.holds(ALICE)).isTrue();
        }

        @Test
        void line_paddedNumbers_isTheSameKey() {
            Entry entry = entry("ssh-rsa " + base64(Keys.paddedRsaBlob()) + "\n");
            assertThat(entry.holds(RSA)).isTrue();
            assertThat(entry.fingerprint()).isEqualTo(RSA.fingerprint());
            assertThat(entry.blob()).isEqualTo(RSA.blob());
            assertThat(file("\n" + "ssh-rsa " + base64(Keys.paddedRsaBlob())).find(RSA.fingerprint()))
                    .extracting(Line::number)
                    .containsExactly(2);
        }

        @Test
        void line_nulAfterTheKey_isEntry() {
            Entry entry = entry(bare(ALICE) + " a\0b\n");
            assertThat(entry.key()).isEqualTo(ALICE);
            assertThat(entry.comment().toByteArray()).isEqualTo(bytes("a\0b"));
        }

        @Test
        void line_brokenKey_isEntryWhoseKeyThrows() {
            Entry entry = entry("ssh-ed25519 " + base64(bytes("\0\0\0\u000bssh-ed25519\0\0\0\u0002xx")) + "\n");
            assertThatExceptionOfType(SshKeyException.class).isThrownBy(entry::key);
            assertThat(entry.fingerprint().toString()).startsWith("SHA256:");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"\0\0\0\u0007ssh-rsa\0\0\0\u0009xx", "\0\0\0\u0007ssh-rsa\0\0\0\u0001\u00ff\0\0\0\u0001x"})
        void line_brokenRsaKey_isHashedAsItIs(String blob) {
            Entry entry = entry("ssh-rsa " + base64(bytes(blob)) + "\n");
            assertThat(entry.blob()).isEqualTo(bytes(blob));
        }
    }

    @Nested
    class Malformed {
        @ParameterizedTest
        @CsvSource(
                nullValues = "-",
                value = {
                    "hello, NO_KEY",
                    "hello world and more, NO_KEY",
                    "'restrict ', NO_KEY",
                    "ssh-ed25519, NO_KEY",
                    "'ssh-ed25519 ', NO_KEY",
                    "restrict ssh-ed25519, NO_KEY",
                    "ssh-ed25519 %%%, BAD_BASE64",
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5A, BAD_BASE64",
                    "ssh-ed25519 AAAA=AAA, BAD_BASE64",
                    "ssh-ed25519 AAAA, TYPE_MISMATCH",
                    "restrict ssh-rsa AAAA, TYPE_MISMATCH",
                    "'command=\"x ssh-ed25519 AAAA', UNTERMINATED_QUOTE",
                    "SSH-ED25519 AAAA, NO_KEY"
                })
        void line_withoutKey_saysWhy(String text, Line.Problem problem) {
            assertThat(problem(text + "\n")).isEqualTo(problem);
            assertThat(only(text)).hasToString("line 1: malformed, " + problem.description());
        }

        @Test
        void line_typeOfAnotherKey_isMalformed() {
            assertThat(problem("ssh-rsa " + base64(ALICE) + "\n")).isEqualTo(Line.Problem.TYPE_MISMATCH);
            assertThat(problem("restrict " + base64(ALICE) + "\n")).isEqualTo(Line.Problem.NO_KEY);
            assertThat(problem("SSH-ED25519 " + base64(ALICE) + "\n")).isEqualTo(Line.Problem.NO_KEY);
        }

        @Test
        void line_strayBitsOrPaddingInBase64_isMalformedAsForSshd() {
            String blob = base64(ALICE);
            assertThat(blob).hasSize(68);
            byte[] longer = java.util.Arrays.copyOf(ALICE.blob(), ALICE.blob().length + 1);
            String padded = base64(longer);
            assertThat(padded).endsWith("AA==");
            String head = padded.substring(0, padded.length() - 3);
            assertThat(problem("ssh-ed25519 " + head + "B==\n")).isEqualTo(Line.Problem.BAD_BASE64);
            assertThat(problem("ssh-ed25519 " + head + "A\n")).isEqualTo(Line.Problem.BAD_BASE64);
            assertThat(problem("ssh-ed25519 " + head + "A=\n")).isEqualTo(Line.Problem.BAD_BASE64);
            assertThat(problem("ssh-ed25519 " + blob + "A\n")).isEqualTo(Line.Problem.BAD_BASE64);
            assertThat(entry("ssh-ed25519 " + head + "A==\n").algorithm()).isEqualTo("ssh-ed25519");
        }

        @Test
        void line_byteOrderMark_killsTheFirstLineOnly() {
            AuthorizedKeys file = file("\u00ef\u00bb\u00bf" + bare(ALICE) + "\n" + bare(BOB) + "\n");
            assertThat(((Line.Malformed) file.lines().get(0)).problem()).isEqualTo(Line.Problem.BYTE_ORDER_MARK);
            assertThat(file.contains(ALICE)).isFalse();
            assertThat(file.contains(BOB)).isTrue();
        }

        @Test
        void lines_utf16_areAllMalformed() {
            for (var charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16)) {
                byte[] bytes = (bare(ALICE) + "\n" + bare(BOB) + "\n").getBytes(charset);
                AuthorizedKeys file = AuthorizedKeys.parse(bytes);
                assertThat(file.entries()).isEmpty();
                assertThat(file.toBytes()).isEqualTo(bytes);
                assertThat(file.lines()).hasOnlyElementsOfType(Line.Malformed.class);
            }
            assertThat(problem("\u00ff\u00fes")).isEqualTo(Line.Problem.UTF_16);
            assertThat(problem("s\0s\0")).isEqualTo(Line.Problem.NUL_BYTE);
        }

        @Test
        void line_oneIsBad_othersCount() {
            AuthorizedKeys file = file("ssh-ed25519 !!!\n" + bare(ALICE) + "\nfoo=bar " + bare(BOB) + "\n");
            assertThat(file.entries()).extracting(Line::number).containsExactly(2, 3);
        }
    }

    @Nested
    class Limits {
        @Test
        void parse_largerThanAllowed_isRefusedAndSaysHowToRaise() {
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> AuthorizedKeys.parse(new byte[11], 10))
                    .withMessageContaining("parse(bytes, maxBytes)");
            assertThat(AuthorizedKeys.parse(new byte[10], 10).lines()).hasSize(1);
        }

        @Test
        void line_hugeCommentOrJunk_isReadAtOnce() {
            String huge = "x".repeat(8 * 1024 * 1024);
            assertThat(entry(bare(ALICE) + " " + huge).key()).isEqualTo(ALICE);
            assertThat(problem(huge)).isEqualTo(Line.Problem.NO_KEY);
            assertThat(file(bare(ALICE) + " " + huge).add(BOB).contains(BOB)).isTrue();
        }
    }
}
