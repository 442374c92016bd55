package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.KeyComment;
import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reader's own part: finding the key in a text, and saying what it found. */
class KeyReaderTest {
    private static final SshPublicKey KEY = OpensshFile.PAIR.publicKey();

    /** Of which the loading of classes takes most. */
    private static final long MAX_CPU_NANOS = 5_000_000_000L;

    @TempDir
    Path folder = Path.of("");

    private static String plain() {
        try (EncodedKey encoded = KeyWriter.openssh().write(OpensshFile.PAIR)) {
            return encoded.toText();
        }
    }

    private static Arguments variant(String name, boolean warned, UnaryOperator<String> change) {
        return Arguments.of(name, warned, change);
    }

    static Stream<Arguments> textVariants() {
        return Stream.of(
                variant("as written", false, t -> t),
                variant("CRLF", true, t -> t.replace("\n", "\r\n")),
                variant("CR only", true, t -> t.replace('\n', '\r')),
                variant("indented", true, t -> t.indent(4)),
                variant("indented by a tab", true, t -> t.replaceAll("(?m)^", "\t")),
                variant("byte order mark", true, t -> "\ufeff" + t),
                variant("blank lines in front", true, t -> "\n\n  \n" + t),
                variant("blank lines between", false, t -> t.replace("\n", "\n\n")),
                variant("trailing blanks", true, t -> t.replace("\n", "  \n")),
                variant("trailing tab", true, t -> t.replace("\n", "\t\n")),
                variant("base64 in one line", false, KeyReaderTest::inOneLine),
                variant("all in one line", true, t -> t.replace('\n', ' ')),
                variant("text in front", true, t -> "Bag Attributes\n    friendlyName: x\n" + t),
                variant("text behind", false, t -> t + "\nregards\n"),
                variant("a certificate behind", false, t -> t + "-----BEGIN CERTIFICATE-----\nAAAA\n"),
                variant("columns of 4", false, KeyReaderTest::inShortLines),
                variant("blank lines behind", false, t -> t + "\n\n\n"));
    }

    private static String inOneLine(String text) {
        String body = text.substring(text.indexOf('\n'), text.indexOf("-----END"));
        return text.replace(body, "\n" + body.replace("\n", "") + "\n");
    }

    private static String inShortLines(String text) {
        String body = text.substring(text.indexOf('\n'), text.indexOf("-----END"));
        return text.replace(body, "\n" + body.replace("\n", "").replaceAll("(.{4})", "$1\n"));
    }

    @Nested
    class Read {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.KeyReaderTest#textVariants")
        void read_textVariant_opens(String name, boolean warned, UnaryOperator<String> change) {
            String text = change.apply(plain());
            try (SshKeyPair pair = KeyReader.of().read(text)) {
                assertThat(pair.publicKey().toLine()).as(name).isEqualTo(KEY.toLine());
            }
            assertThat(KeyReader.inspect(text).warnings().contains(KeyWarning.UNUSUAL_TEXT))
                    .as(name)
                    .isEqualTo(warned);
        }

        @Test
        void read_textBytesOrFile_same() throws IOException {
            Path file = Files.writeString(folder.resolve("key"), plain());
            try (SshKeyPair fromText = KeyReader.of().read(plain());
                    SshKeyPair fromBytes = KeyReader.of().read(plain().getBytes(StandardCharsets.US_ASCII));
                    SshKeyPair fromFile = KeyReader.of().read(file)) {
                assertThat(fromText.publicKey().toLine()).isEqualTo(KEY.toLine());
                assertThat(fromBytes.publicKey()).isEqualTo(fromText.publicKey());
                assertThat(fromFile.publicKey()).isEqualTo(fromText.publicKey());
            }
        }

        @Test
        void read_bytes_leavesThemAsTheyWere() {
            byte[] bytes = plain().getBytes(StandardCharsets.US_ASCII);
            KeyReader.of().read(bytes).close();
            assertThat(new String(bytes, StandardCharsets.US_ASCII))
                    .startsWith("-----BEGIN")
                    .endsWith("-----\n");
        }

        @Test
        void read_publicKey_throwsWithTheKey() {
            assertThatThrownBy(() -> KeyReader.of().read(KEY.toLine()))
                    .isInstanceOfSatisfying(UnexpectedPublicKeyException.class, e -> {
                        assertThat(e.publicKey()).isEqualTo(KEY);
                        assertThat(e).hasMessageContaining("this is the public key");
                    });
        }

        @Test
        void read_cutBeforeTheEnd_saysSo() {
            String text = plain();
            String cut = text.substring(0, text.indexOf("-----END"));
            assertThatThrownBy(() -> KeyReader.of().read(cut))
                    .isInstanceOfSatisfying(
                            MalformedKeyException.class,
                            e -> assertThat(e.where()).isEqualTo("END line"))
                    .hasMessageContaining("cut off");
        }

        @Test
        void read_beginLineMissing_saysSo() {
            String text = plain();
            String cut = text.substring(text.indexOf('\n') + 1);
            assertThatThrownBy(() -> KeyReader.of().read(cut))
                    .isInstanceOfSatisfying(
                            MalformedKeyException.class,
                            e -> assertThat(e.where()).isEqualTo("BEGIN line"));
        }

        @Test
        void read_twoKeys_throws() {
            assertThatThrownBy(() -> KeyReader.of().read(plain() + plain()))
                    .isInstanceOfSatisfying(
                            MalformedKeyException.class,
                            e -> assertThat(e.where()).isEqualTo("second key"));
        }

        @Test
        void read_notBase64_throwsWithoutQuoting() {
            assertThatThrownBy(() -> KeyReader.of().read(plain().replaceFirst("b3Bl", "b3B*")))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("base64")
                    .hasMessageNotContaining("*")
                    .hasNoCause();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", " \n\t\r\n", "# only a comment\n", "hello", "/home/me/.ssh/id_rsa", "a b c", "\ufeff"})
        void read_noKey_throws(String text) {
            assertThatThrownBy(() -> KeyReader.of().read(text)).isInstanceOf(NotAKeyException.class);
            assertThatThrownBy(() -> KeyReader.inspect(text)).isInstanceOf(NotAKeyException.class);
            assertThatThrownBy(() -> KeyReader.of().readPublic(text)).isInstanceOf(NotAKeyException.class);
        }

        @Test
        void read_utf16_saysSo() {
            assertThatThrownBy(() -> KeyReader.of().read(("\ufeff" + plain()).getBytes(StandardCharsets.UTF_16LE)))
                    .isInstanceOf(NotAKeyException.class)
                    .hasMessageContaining("UTF-16");
        }

        @Test
        void read_missingFile_throwsIoException() {
            assertThatThrownBy(() -> KeyReader.of().read(folder.resolve("none")))
                    .isInstanceOf(NoSuchFileException.class);
        }

        @Test
        void read_tooLong_throws() throws IOException {
            KeyReader reader = KeyReader.of().withLimits(ReadLimits.defaults().withMaxFileBytes(100));
            Path file = Files.writeString(folder.resolve("key"), plain());
            assertThatThrownBy(() -> reader.read(plain())).isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> reader.read(file)).isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> KeyReader.inspect(new byte[ReadLimits.DEFAULT_MAX_FILE_BYTES + 1]))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("withMaxFileBytes");
        }

        @Test
        void read_endlessFile_stopsAtTheLimit() {
            assertThatThrownBy(() -> KeyReader.of().read(Path.of("/dev/zero")))
                    .isInstanceOf(LimitExceededException.class);
        }

        /** Nothing in a mebibyte may take quadratic time. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "-",
                    "----",
                    "-----BEGIN ",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\n",
                    "PuTTY-User-Key-File-",
                    "PuTTY-User-Key-File-3: ssh-rsa\n",
                    "\n",
                    " ",
                    "# \n",
                    "ssh-rsa ",
                    "---- BEGIN SSH2 PUBLIC KEY ----\n",
                    "{[",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
                })
        void read_hostileRepetition_isRefusedSoon(String part) {
            Cases.leaveOutOfMutationRuns();
            String text = part.repeat(ReadLimits.DEFAULT_MAX_FILE_BYTES / part.length());
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            assertThatThrownBy(() -> KeyReader.of().read(text)).isInstanceOf(SshKeyException.class);
            assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(MAX_CPU_NANOS);
        }
    }

    @Nested
    class ReadBoth {
        @Test
        void read_privateAndItsPublicKey_isThePair() {
            try (SshKeyPair pair =
                    KeyReader.of().read(plain(), KEY.withComment("pasted").toLine())) {
                assertThat(pair.publicKey().toLine()).as("its own comment").isEqualTo(KEY.toLine());
            }
        }

        @Test
        void read_privateKeyWithoutAComment_takesThatOfThePublicOne() {
            try (SshKeyPair bare = OpensshFile.PAIR.withComment("");
                    EncodedKey encoded = KeyWriter.openssh().write(bare);
                    SshKeyPair pair = KeyReader.of()
                            .read(encoded.toText(), KEY.withComment("pasted").toLine() + "\r\n")) {
                assertThat(pair.comment()).isEqualTo(KeyComment.of("pasted"));
            }
        }

        @Test
        void read_publicKeyOfAnother_isRefusedByFingerprints() {
            SshPublicKey other = TestKeys.of("rsa").publicKey();
            assertThatThrownBy(() -> KeyReader.of().read(plain(), other.toLine()))
                    .isInstanceOf(KeyMismatchException.class)
                    .hasMessageContaining(KEY.fingerprint().toString())
                    .hasMessageContaining(other.fingerprint().toString());
        }

        @Test
        void read_publicTextThatIsNoKey_isRefused() {
            assertThatThrownBy(() -> KeyReader.of().read(plain(), "no key")).isInstanceOf(NotAKeyException.class);
        }
    }

    @Nested
    class ReadPublic {
        @ParameterizedTest
        @ValueSource(strings = {"", "\n", "\r\n", "\n\n# comment\n"})
        void readPublic_line_keepsTheComment(String end) {
            SshPublicKey key = KEY.withComment("two words");
            assertThat(KeyReader.of().readPublic(key.toLine() + end).toLine()).isEqualTo(key.toLine());
            assertThat(KeyReader.of()
                            .readPublic("\ufeff# about it\n\n  " + key.toLine() + end)
                            .toLine())
                    .isEqualTo(key.toLine());
        }

        @Test
        void readPublic_commentOfLatin1Bytes_survives() {
            KeyComment comment = KeyComment.ofBytes(new byte[] {'M', (byte) 0xfc, 'l'});
            byte[] line = KEY.withComment(comment).toLineBytes();
            assertThat(KeyReader.of().readPublic(line).comment()).isEqualTo(comment);
        }

        @Test
        void readPublic_encryptedPrivateKey_needsNoPassphrase() {
            try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                    EncodedKey encoded = KeyWriter.openssh()
                            .withPassphrase(passphrase)
                            .withRounds(1)
                            .write(OpensshFile.PAIR)) {
                assertThat(KeyReader.of().readPublic(encoded.toByteArray())).isEqualTo(KEY);
            }
        }

        @Test
        void readPublic_twoLines_throws() {
            assertThatThrownBy(() -> KeyReader.of().readPublic(KEY.toLine() + "\n" + KEY.toLine()))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("two keys");
        }

        @Test
        void readPublic_lineBroken_throws() {
            String line = KEY.toLine();
            assertThatThrownBy(() -> KeyReader.of().readPublic(line.substring(0, 40) + "\n" + line.substring(40)))
                    .isInstanceOf(MalformedKeyException.class);
        }

        @Test
        void readPublic_certificate_isOpaque() {
            byte[] blob = OpensshFile.fields(
                    "ssh-ed25519-cert-v01@openssh.com".getBytes(StandardCharsets.US_ASCII), new byte[3]);
            SshPublicKey key = SshPublicKey.fromBlob(blob);
            assertThat(KeyReader.of().readPublic(key.toLine())).isEqualTo(key);
        }
    }

    @Nested
    class Inspect {
        @ParameterizedTest
        @CsvSource({"rw-------, false", "rw-r-----, true", "rw----r--, true", "rw--w--w-, false"})
        void inspect_file_warnsWhenOthersCanReadIt(String mode, boolean warns) throws IOException {
            Path file = folder.resolve("key");
            Files.writeString(file, plain());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            KeyInspection seen = KeyReader.inspect(file);
            assertThat(seen.warnings().contains(KeyWarning.FILE_READABLE_BY_OTHERS))
                    .isEqualTo(warns);
            assertThat(seen.publicKey()).isEqualTo(KeyReader.inspect(plain()).publicKey());
        }

        @Test
        void inspect_publicFile_isForEverybody() throws IOException {
            Path file = Files.writeString(folder.resolve("key.pub"), KEY.toLine() + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(KeyReader.inspect(file).warnings()).isEmpty();
            assertThat(KeyReader.of().readPublic(file)).isEqualTo(KEY);
        }

        @Test
        void inspect_plainKey_saysEverything() {
            KeyInspection seen = KeyReader.inspect(plain());
            assertThat(seen)
                    .isEqualTo(new KeyInspection(
                            KeyFormat.OPENSSH,
                            true,
                            Optional.of("ssh-ed25519"),
                            256,
                            false,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(KeyComment.of("c")),
                            Optional.of(KEY),
                            List.of()));
            assertThat(seen.fingerprint()).contains(KEY.fingerprint());
        }

        @Test
        void inspect_publicLine_saysEverything() {
            KeyInspection seen = KeyReader.inspect(KEY.toLine());
            assertThat(seen.format()).isEqualTo(KeyFormat.PUBLIC_LINE);
            assertThat(seen.holdsPrivateKey()).isFalse();
            assertThat(seen.comment()).contains(KeyComment.of("c"));
            assertThat(seen.publicKey()).contains(KEY);
            assertThat(seen.warnings()).isEmpty();
        }

        @Test
        void inspect_dsa_warns() {
            assertThat(KeyReader.inspect(TestKeys.of("dsa").publicKey().toLine())
                            .warnings())
                    .containsExactly(KeyWarning.LEGACY_DSA);
        }

        @Test
        void inspect_rsa1024_warns() throws IOException {
            Path file = folder.resolve("key");
            Tools.run("ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", file);
            assertThat(KeyReader.inspect(file).warnings()).containsExactly(KeyWarning.WEAK_RSA);
            assertThat(KeyReader.inspect(file).bits()).isEqualTo(1024);
        }

        @Test
        void inspect_outdatedCipherAndFewRounds_warns() throws IOException {
            Path file = folder.resolve("key");
            Tools.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "abcde", "-a", "2", "-Z", "3des-cbc", "-f", file);
            assertThat(KeyReader.inspect(file).warnings())
                    .containsExactly(KeyWarning.OUTDATED_CIPHER, KeyWarning.CHEAP_KDF);
        }
    }

    /** Formats that are told apart by content; those without a codec yet are refused by name. */
    @Nested
    class Detection {
        @ParameterizedTest
        @CsvSource({
            "PEM, ssh-keygen -q -m PEM -t rsa -N '' -f FILE",
            "PEM, ssh-keygen -q -m PEM -t ecdsa -N '' -f FILE",
            "PEM, ssh-keygen -q -m PEM -t rsa -N abcde -f FILE",
            "PEM, openssl ecparam -genkey -name prime256v1 -out FILE",
            "PKCS8, ssh-keygen -q -m PKCS8 -t rsa -N abcde -f FILE",
            "OPENSSH, ssh-keygen -q -t ed25519 -N abcde -f FILE",
            "PPK, puttygen -q -t ed25519 --new-passphrase /dev/null -O private -o FILE",
            "SSHCOM, puttygen -q -t rsa -b 1024 --new-passphrase /dev/null -O private-sshcom -o FILE",
        })
        void inspect_fileOfARealTool_findsTheFormat(KeyFormat format, String command) throws IOException {
            Path file = folder.resolve("key");
            Tools.run("sh", "-c", command.replace("FILE", file.toString()).replace("/dev/null", empty()));
            KeyInspection seen = KeyReader.inspect(file);
            assertThat(seen.format()).isEqualTo(format);
            assertThat(seen.encrypted()).isEqualTo(command.contains("abcde"));
        }

        private String empty() throws IOException {
            return Files.writeString(folder.resolve("empty"), "").toString();
        }

        @Test
        void read_knownThingsThatAreNoKeys_areToldByName() {
            assertThatThrownBy(() -> KeyReader.of().read("SSH PRIVATE KEY FILE FORMAT 1.1\nxyz"))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("protocol 1");
            assertThatThrownBy(
                            () -> KeyReader.of().read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("certificate");
            assertThatThrownBy(() -> KeyReader.of().read(new byte[] {0x30, (byte) 0x82, 1, 2}))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("DER");
        }

        @Test
        void read_publicLineInFrontOfAPrivateKey_findsThePrivateKey() {
            try (SshKeyPair pair = KeyReader.of().read(KEY.toLine() + "\n" + plain())) {
                assertThat(pair.publicKey()).isEqualTo(KEY);
            }
        }
    }

    @Nested
    class Limits {
        @Test
        void defaults_areTheConstants() {
            ReadLimits limits = ReadLimits.defaults();
            assertThat(limits.maxFileBytes()).isEqualTo(1 << 20);
            assertThat(limits.maxBcryptRounds()).isEqualTo(2048);
            assertThat((long) limits.maxArgon2MemoryKib())
                    .isEqualTo(Math.min(256 * 1024, Runtime.getRuntime().maxMemory() / 4096));
            assertThat(limits.maxArgon2WorkKib()).isEqualTo(1L << 24);
            assertThat(limits.maxArgon2Parallelism()).isEqualTo(16);
            assertThat(limits.maxPbkdf2Iterations()).isEqualTo(10_000_000);
            assertThat(limits.maxScryptMemoryBytes()).isEqualTo(256L << 20);
            assertThat(limits.maxAsn1Depth()).isEqualTo(16);
        }

        @Test
        void with_each_changesThatOneOnly() {
            ReadLimits limits = ReadLimits.defaults()
                    .withMaxFileBytes(1)
                    .withMaxBcryptRounds(2)
                    .withMaxArgon2MemoryKib(3)
                    .withMaxArgon2WorkKib(4)
                    .withMaxArgon2Parallelism(5)
                    .withMaxPbkdf2Iterations(6)
                    .withMaxScryptMemoryBytes(7)
                    .withMaxAsn1Depth(8);
            assertThat(limits.maxFileBytes()).isEqualTo(1);
            assertThat(limits.maxBcryptRounds()).isEqualTo(2);
            assertThat(limits.maxArgon2MemoryKib()).isEqualTo(3);
            assertThat(limits.maxArgon2WorkKib()).isEqualTo(4);
            assertThat(limits.maxArgon2Parallelism()).isEqualTo(5);
            assertThat(limits.maxPbkdf2Iterations()).isEqualTo(6);
            assertThat(limits.maxScryptMemoryBytes()).isEqualTo(7);
            assertThat(limits.maxAsn1Depth()).isEqualTo(8);
        }

        @Test
        void with_belowOne_throws() {
            assertThatThrownBy(() -> ReadLimits.defaults().withMaxBcryptRounds(0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
