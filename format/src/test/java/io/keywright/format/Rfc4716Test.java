package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.KeyComment;
import io.keywright.MalformedKeyException;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 4716 against ssh-keygen and puttygen, both ways. */
class Rfc4716Test {
    private static final SshPublicKey KEY = OpensshFile.PAIR.publicKey();

    @TempDir
    Path folder = Path.of("");

    static Stream<String> types() {
        return TestKeys.all().keySet().stream();
    }

    private static String written(SshPublicKey key) {
        try (EncodedKey encoded = KeyWriter.publicRfc4716().write(key)) {
            return encoded.toText();
        }
    }

    private static String withHeaders(String headers) {
        String plain = written(KEY.withComment(KeyComment.EMPTY));
        int body = plain.indexOf('\n') + 1;
        return plain.substring(0, body) + headers + plain.substring(body);
    }

    @Nested
    class Write {
        @ParameterizedTest
        @MethodSource("io.keywright.format.Rfc4716Test#types")
        void write_anyType_sshKeygenAndPuttygenReadIt(String type) throws IOException {
            SshPublicKey key = TestKeys.of(type).publicKey();
            Path file = Files.writeString(folder.resolve("key"), written(key));
            String line = key.withComment("").toLine();
            if (!type.equals("ed448")) {
                assertThat(Tools.run("ssh-keygen", "-i", "-f", file)).isEqualTo(line);
            }
            if (!type.startsWith("sk-")) {
                assertThat(Tools.run("puttygen", file, "-O", "public-openssh")).isEqualTo(key.toLine());
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 60, 61, 62, 63, 64, 71, 72, 140, 1024})
        void write_longComment_isWrappedAt72AndSurvives(int length) {
            SshPublicKey key = KEY.withComment("x".repeat(length));
            String text = written(key);
            assertThat(text.lines()).allMatch(line -> line.length() <= 72);
            assertThat(KeyReader.of().readPublic(text).comment()).isEqualTo(key.comment());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3})
        void write_charactersOfFourBytes_areNotBroken(int before) throws CharacterCodingException {
            SshPublicKey key = KEY.withComment("x".repeat(before) + "\ud83d\udd11".repeat(60));
            for (String line : new String(written(key).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                    .split("\n", -1)) {
                assertThat(line.length()).isLessThanOrEqualTo(72);
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line.getBytes(StandardCharsets.ISO_8859_1)));
            }
            assertThat(KeyReader.of().readPublic(written(key)).comment()).isEqualTo(key.comment());
        }

        @Test
        void write_headerOf72Bytes_isOneLine() {
            assertThat(written(KEY.withComment("x".repeat(61)))).contains("\nComment: \"" + "x".repeat(61) + "\"\n");
            assertThat(written(KEY.withComment("x".repeat(62))))
                    .contains("\nComment: \"" + "x".repeat(61) + "\\\nx\"\n");
        }

        @Test
        void write_randomComments_survive() {
            long seed = 4716;
            Random random = new Random(seed);
            String alphabet = "ab \\\":\u00fc\t";
            for (int i = 0; i < 500; i++) {
                StringBuilder comment = new StringBuilder();
                for (int length = random.nextInt(200); length > 0; length--) {
                    comment.append(alphabet.charAt(random.nextInt(alphabet.length())));
                }
                SshPublicKey key = KEY.withComment(comment.toString());
                assertThat(KeyReader.of().readPublic(written(key)).comment())
                        .as("seed %d, comment %d", seed, i)
                        .isEqualTo(key.comment());
            }
        }

        @Test
        void write_commentTooLongOrOfTwoLines_throws() {
            assertThatThrownBy(() -> written(KEY.withComment("x".repeat(1025)))).isInstanceOf(SshKeyException.class);
            assertThatThrownBy(() -> written(KEY.withComment("a\nb"))).isInstanceOf(SshKeyException.class);
        }
    }

    @Nested
    class Read {
        @Test
        void readPublic_longestHeaders_areRead() {
            String value = "v".repeat(2 * 1024);
            String text = withHeaders("x".repeat(64) + ": y\nComment: " + value + "\n");
            assertThat(KeyReader.of().readPublic(text).comment()).hasToString(value);
        }

        @Test
        void readPublic_backslashBeforeTheLastQuote_isPartOfTheComment() {
            assertThat(KeyReader.of()
                            .readPublic(withHeaders("Comment: \"a\\\"\n"))
                            .comment())
                    .hasToString("a\\");
        }

        @Test
        void readPublic_exportOfSshKeygen_equal() {
            Path file = folder.resolve("key");
            Tools.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
            SshPublicKey key = KeyReader.of().readPublic(Tools.run("ssh-keygen", "-e", "-m", "RFC4716", "-f", file));
            assertThat(key.comment().toString())
                    .startsWith("256-bit ED25519, converted by ")
                    .endsWith(" from OpenSSH");
            assertThat(Tools.run("ssh-keygen", "-l", "-f", file))
                    .contains(key.fingerprint().toString());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "simple",
                    "two words",
                    "we \"say\" hi",
                    "back\\slash \\\\ twice",
                    "ends with \\",
                    "a: colon",
                    "long long long long long long long long long long long long long long long long comment",
                    "M\u00fcll"
                })
        void readPublic_exportOfPuttygen_keepsTheComment(String comment) throws IOException {
            Path none = Files.writeString(folder.resolve("none"), "");
            Path ppk = folder.resolve("key.ppk");
            Tools.run("puttygen", "-q", "-t", "eddsa", "-C", comment, "--new-passphrase", none, "-o", ppk);
            String exported = Tools.run("puttygen", ppk, "-O", "public");
            assertThat(KeyReader.of().readPublic(exported).toLine())
                    .isEqualTo(Tools.run("puttygen", ppk, "-O", "public-openssh"));
            assertThat(KeyReader.of().readPublic(exported).comment().toString()).isEqualTo(comment);
        }

        @Test
        void readPublic_anyCaseOtherTagsAndContinuation_readsTheComment() {
            String text = withHeaders("Subject: me\nx-private: a\\\nb:c\\\nd\nCOMMENT:one \\\n two\n\n");
            assertThat(KeyReader.of().readPublic(text).comment().toString()).isEqualTo("one  two");
            assertThat(KeyReader.inspect(text).comment()).contains(KeyComment.of("one  two"));
        }

        @Test
        void readPublic_textVariants_open() {
            String text = written(KEY);
            for (String variant : new String[] {
                text.replace("\n", "\r\n"),
                text.replace('\n', '\r'),
                text.indent(3),
                "\ufeff\n" + text,
                text.replace("\n", " \n"),
                text.stripTrailing(),
                "mail text\n" + text + "\nregards"
            }) {
                assertThat(KeyReader.of().readPublic(variant).toLine()).isEqualTo(KEY.toLine());
            }
        }

        @Test
        void read_asPrivateKey_throwsWithTheKey() {
            assertThatThrownBy(() -> KeyReader.of().read(written(KEY)))
                    .isInstanceOfSatisfying(
                            UnexpectedPublicKeyException.class,
                            e -> assertThat(e.publicKey()).isEqualTo(KEY));
        }

        @ParameterizedTest
        @ValueSource(strings = {"Comment: \\\n", "TAG", "VALUE"})
        void readPublic_badHeader_throws(String kind) {
            String header = switch (kind) {
                case "TAG" -> "x".repeat(65) + ": y\n";
                case "VALUE" -> "Comment: " + "x".repeat(2049) + "\n";
                default -> kind;
            };
            String text = kind.startsWith("Comment")
                    ? "---- BEGIN SSH2 PUBLIC KEY ----\n" + header + "---- END SSH2 PUBLIC KEY ----\n"
                    : withHeaders(header);
            assertThatThrownBy(() -> KeyReader.of().readPublic(text))
                    .isInstanceOfSatisfying(
                            MalformedKeyException.class,
                            e -> assertThat(e.where()).isEqualTo("header"));
        }

        @Test
        void readPublic_anyMutation_throwsOnlyOurs() {
            Random random = new Random(1);
            byte[] original = written(KEY.withComment("a \"comment\" \\ " + "long ".repeat(30)))
                    .getBytes(StandardCharsets.UTF_8);
            int opened = 0;
            for (int i = 0; i < 3000; i++) {
                byte[] changed = Arrays.copyOf(original, original.length - (i % 3 == 0 ? random.nextInt(250) : 0));
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                try {
                    KeyReader.of().readPublic(changed);
                    opened++;
                } catch (SshKeyException e) {
                    assertThat(e.getMessage()).isNotBlank();
                }
            }
            assertThat(opened).isBetween(1, 2999);
        }
    }
}
