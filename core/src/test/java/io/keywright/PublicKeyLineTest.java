package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyLineTest {
    private final SshPublicKey key = TestKeys.Signer.ED25519.pair().publicKey().withComment("");
    private final String bare = key.toLine();

    static Stream<SshPublicKey> publicKeys() {
        return TestKeys.publicKeys();
    }

    @Nested
    class Parse {
        @ParameterizedTest
        @MethodSource("io.keywright.PublicKeyLineTest#publicKeys")
        void parseLine_writtenLine_roundTrips(SshPublicKey any) {
            SshPublicKey commented = any.withComment("me@host and more");
            SshPublicKey read = SshPublicKey.parseLine(commented.toLine());
            assertThat(read).isEqualTo(any);
            assertThat(read.comment()).hasToString("me@host and more");
            assertThat(read.toLineBytes()).isEqualTo(commented.toLineBytes());
            assertThat(SshPublicKey.parseLine(any.toLine()).comment().isEmpty()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "%s a comment",
                    "  %s a comment",
                    "\t %s a comment",
                    "%s  \t a comment",
                    "%s a comment\r\n",
                    "%s a comment\n",
                    "%s a comment  \t\r\n\r\n",
                    "\r\n\n%s a comment",
                    "\ufeff%s a comment\r\n",
                    "\ufeff\r\n %s a comment"
                })
        void parseLine_blanksLineEndsAndByteOrderMark_areIgnored(String pattern) {
            SshPublicKey read = SshPublicKey.parseLine(pattern.formatted(bare));
            assertThat(read).isEqualTo(key);
            assertThat(read.comment()).hasToString("a comment");
        }

        @Test
        void parseLine_tabsBetweenWords_areBlanks() {
            SshPublicKey read = SshPublicKey.parseLine(bare.replace(' ', '\t') + "\tme");
            assertThat(read).isEqualTo(key);
            assertThat(read.comment()).hasToString("me");
        }

        @Test
        void parseLine_commentWithSeveralBlanks_isKept() {
            assertThat(SshPublicKey.parseLine(bare + " a  b\tc # d").comment()).hasToString("a  b\tc # d");
        }

        @Test
        void parseLine_commentNotUtf8_survivesAsBytes() {
            byte[] line = (bare + " j?rgen").getBytes(StandardCharsets.US_ASCII);
            line[bare.length() + 2] = (byte) 0xfc;
            SshPublicKey read = SshPublicKey.parseLine(line);
            assertThat(read.comment().toByteArray()[1]).isEqualTo((byte) 0xfc);
            assertThat(read.toLineBytes()).isEqualTo(line);
        }

        @Test
        void parseLine_base64WithoutPadding_isRead() {
            SshPublicKey rsa = TestKeys.skEd25519();
            String padded = Base64.getEncoder().encodeToString(rsa.blob());
            assertThat(padded).endsWith("=");
            assertThat(SshPublicKey.parseLine(rsa.algorithm() + " " + padded.replace("=", "")))
                    .isEqualTo(rsa);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " \t\r\n",
                    "hello",
                    "hello word",
                    "hello world",
                    "# a comment",
                    "ssh-ed25519",
                    "ssh-ed25519\nAAAA",
                    "no-pty ssh-ed25519",
                    "\ufeff"
                })
        void parseLine_noKeyAtAll_isNotAKey(String text) {
            assertThatExceptionOfType(NotAKeyException.class).isThrownBy(() -> SshPublicKey.parseLine(text));
        }

        @Test
        void parseLine_optionsInFront_isNotAKey() {
            assertThatExceptionOfType(NotAKeyException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine("no-pty " + bare));
            assertThatExceptionOfType(NotAKeyException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine("command=\"echo hi\" " + bare));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "-----BEGIN OPENSSH PRIVATE KEY-----\nU0VDUkVU\n-----END OPENSSH PRIVATE KEY-----\n",
                    "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\nU0VDUkVU\r\n",
                    "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n",
                    "---- BEGIN SSH2 PUBLIC KEY ----\nComment: x\nU0VDUkVU\n",
                    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nU0VDUkVU\n",
                    "ssh-secret U0VDUkVU!",
                    "ssh-secret U0VDUkVU",
                    "ssh-ed25519 U0VDUkVU\nU0VDUkVU",
                    "U0VDUkVU U0VDUkVU"
                })
        void parseLine_anotherFormatOrPrivateText_isRefusedWithoutEcho(String text) {
            assertThatThrownBy(() -> SshPublicKey.parseLine(text))
                    .isInstanceOf(text.startsWith("ssh-") ? MalformedKeyException.class : NotAKeyException.class)
                    .hasMessageNotContaining("U0VDUkVU")
                    .hasMessageNotContaining("SECRET")
                    .hasNoCause();
        }

        @ParameterizedTest
        @ValueSource(strings = {"\n", "\r\n", "\r", "\n\n", " c\n", "\n# "})
        void parseLine_twoLines_areMalformed(String between) {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine(bare + between + bare))
                    .withMessageContaining("more than one line");
        }

        @Test
        void parseLine_twoLinesOfUnknownAlgorithm_areMalformed() {
            byte[] blob = TestKeys.wire(w -> w.writeString("x-key@example.org").writeString("data"));
            String line = SshPublicKey.fromBlob(blob).toLine();
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine(line + "\n" + line));
        }

        @Test
        void parseLine_algorithmOfAnotherBlob_isMalformed() {
            assertThatExceptionOfType(MalformedKeyException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine(bare.replace("ssh-ed25519", "ssh-rsa")))
                    .satisfies(e -> assertThat(e.where()).isEqualTo("algorithm"));
        }

        @Test
        void parseLine_cutAnywhere_isOurException() {
            TestKeys.publicKeys().filter(k -> !(k instanceof OpaquePublicKey)).forEach(any -> {
                String line = any.toLine();
                int padding = line.length() - line.replace("=", "").length();
                for (int length = 0; length < line.length() - padding; length++) {
                    String cut = line.substring(0, length);
                    assertThatThrownBy(() -> SshPublicKey.parseLine(cut))
                            .as("%s cut to %d", any.algorithm(), length)
                            .isInstanceOfAny(NotAKeyException.class, MalformedKeyException.class);
                }
            });
        }

        @Test
        void parseLine_blobAtTheLimit_isReadAndOneByteMoreIsNot() {
            String name = "ssh-future@example.org";
            int room = SshPublicKey.MAX_BLOB_BYTES - 4 - name.length();
            byte[] blob = TestKeys.wire(w -> w.writeString(name).writeBytes(new byte[room]));
            assertThat(SshPublicKey.parseLine(SshPublicKey.fromBlob(blob).toLine()))
                    .isEqualTo(SshPublicKey.fromBlob(blob));
            byte[] longer = Arrays.copyOf(blob, blob.length + 1);
            String line = name + " " + Base64.getEncoder().encodeToString(longer);
            assertThatExceptionOfType(LimitExceededException.class).isThrownBy(() -> SshPublicKey.parseLine(line));
        }

        @Test
        void parseLine_base64BeyondTheLimit_isRefusedBeforeDecoding() {
            byte[] line = new byte[1 << 20];
            Arrays.fill(line, (byte) 'A');
            System.arraycopy("ssh-rsa ".getBytes(StandardCharsets.US_ASCII), 0, line, 0, 8);
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> SshPublicKey.parseLine(line))
                    .withMessageContaining("base64");
        }
    }

    @Nested
    class Write {
        @ParameterizedTest
        @ValueSource(strings = {"a\nssh-rsa AAAA", "a\rb", "a\0b", "a\u001b[2Jb"})
        void toLine_controlCharacterInTheComment_isRefusedWithoutEcho(String comment) {
            assertThatExceptionOfType(SshKeyException.class)
                    .isThrownBy(() -> key.withComment(comment).toLine())
                    .withMessageContaining("withComment")
                    .withMessageContaining(key.fingerprint().toString())
                    .withMessageNotContaining(comment);
        }

        @Test
        void toLine_noComment_hasNoTrailingBlank() {
            assertThat(bare).matches("ssh-ed25519 [A-Za-z0-9+/]+=*");
        }
    }
}
