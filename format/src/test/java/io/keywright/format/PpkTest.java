package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PPK against puttygen, both ways, and what must not pass for it. */
@Tag("once")
class PpkTest {
    private static final String SECRET = "pass phrase";

    @TempDir
    Path folder = Path.of("");

    private static Passphrase passphrase() {
        return Passphrase.of(SECRET.toCharArray());
    }

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(passphrase());
    }

    private static PpkKeyWriter writer(int version) {
        return version == 3 ? KeyWriter.ppk() : KeyWriter.ppk2();
    }

    private static String plain(String name, int version) {
        try (EncodedKey encoded = writer(version).write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private static String encrypted(String name, int version) {
        PpkKeyWriter writer = writer(version).withPassphrase(passphrase());
        try (EncodedKey encoded = (version == 3 ? writer.withPasses(1) : writer).write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Has puttygen write a file anew, without encryption. */
    private byte[] unsealed(Path sealed, int version) throws IOException {
        Path out = folder.resolve("out");
        Tools.run(
                "puttygen",
                sealed,
                "-P",
                "--old-passphrase",
                file("secret", SECRET),
                "-O",
                "private",
                "--ppk-param",
                "version=" + version,
                "--new-passphrase",
                file("empty", ""),
                "-o",
                out);
        return Files.readAllBytes(out);
    }

    @Nested
    class Write {
        @ParameterizedTest
        @CsvSource({
            "rsa, 3", "dsa, 3", "nistp256, 3", "nistp384, 3", "nistp521, 3", "ed25519, 3", "ed448, 3",
            "rsa, 2", "dsa, 2", "nistp256, 2", "nistp384, 2", "nistp521, 2", "ed25519, 2", "ed448, 2",
        })
        void write_plainAndEncrypted_puttygenOpensBoth(String name, int version) throws IOException {
            String line = TestKeys.of(name).publicKey().toLine();
            Path open = file("plain", plain(name, version));
            Path sealed = file("sealed", encrypted(name, version));
            for (Path written : List.of(open, sealed)) {
                try (SshKeyPair pair = reader().read(written)) {
                    assertThat(pair.publicKey().toLine()).isEqualTo(line);
                }
                assertThat(KeyReader.of().readPublic(written).toLine()).isEqualTo(line);
            }
            assertThat(Tools.run("puttygen", open, "-O", "public-openssh")).isEqualTo(line);
            assertThat(unsealed(sealed, version))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(plain(name, version));
        }

        @Test
        void write_defaults_areReadAndInspected() {
            try (EncodedKey encoded =
                    KeyWriter.of(KeyFormat.PPK).withPassphrase(passphrase()).write(TestKeys.of("ed25519"))) {
                assertThat(encoded.keepsComment()).isTrue();
                KeyInspection seen = KeyReader.inspect(encoded.toText());
                assertThat(seen.cipher()).contains("aes256-cbc");
                assertThat(seen.kdf())
                        .contains(new KdfDescription(
                                "Argon2id", Map.of("memory KiB", 8192L, "passes", 21L, "parallelism", 1L)));
                assertThat(seen.comment()).contains(KeyComment.of(TestKeys.COMMENT));
                assertThat(seen.warnings()).isEmpty();
                reader().read(encoded.toByteArray()).close();
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ",
                    "\t",
                    "  blanks around  ",
                    "a: b",
                    "Private-Lines: 1",
                    "PuTTY-User-Key-File-3: ssh-rsa",
                    "\"quoted\" \\",
                    "M\u00fcller",
                    "\u9375"
                })
        void write_oddComment_survivesHereAndInPuttygen(String text) throws IOException {
            List<Charset> charsets = List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
            for (Charset charset : charsets) {
                KeyComment comment = KeyComment.ofBytes(text.getBytes(charset));
                for (int version = 2; version <= 3; version++) {
                    byte[] written;
                    try (EncodedKey encoded =
                            writer(version).withComment(comment).write(TestKeys.of("ed25519"))) {
                        written = encoded.toByteArray();
                    }
                    try (SshKeyPair pair = KeyReader.of().read(written)) {
                        assertThat(pair.comment()).isEqualTo(comment);
                    }
                    Files.write(folder.resolve("sealed"), written);
                    assertThat(unsealed(folder.resolve("sealed"), version)).isEqualTo(written);
                }
            }
        }

        @ParameterizedTest
        @CsvSource({
            "ARGON2ID, 64, 1, 1",
            "ARGON2ID, 8192, 3, 1",
            "ARGON2ID, 1024, 3, 4",
            "ARGON2ID, 128, 1, 16",
            "ARGON2I, 64, 1, 1",
            "ARGON2I, 777, 5, 3",
            "ARGON2I, 8192, 2, 16",
            "ARGON2D, 8, 1, 1",
            "ARGON2D, 8192, 4, 2",
            "ARGON2D, 16384, 1, 1",
        })
        void write_anyArgon2_puttygenOpensIt(Argon2Kind kind, int memoryKib, int passes, int lanes) throws IOException {
            PpkKeyWriter writer = KeyWriter.ppk()
                    .withParallelism(lanes)
                    .withPasses(passes)
                    .withMemoryKib(memoryKib)
                    .withArgon2(kind)
                    .withPassphrase(passphrase());
            Path sealed = folder.resolve("sealed");
            try (EncodedKey encoded = writer.write(TestKeys.of("nistp384"))) {
                encoded.writeTo(sealed);
            }
            assertThat(KeyReader.inspect(sealed).kdf())
                    .contains(new KdfDescription(
                            kind.displayName(),
                            Map.of("memory KiB", (long) memoryKib, "passes", (long) passes, "parallelism", (long)
                                    lanes)));
            reader().read(sealed).close();
            assertThat(unsealed(sealed, 3)).asString(StandardCharsets.UTF_8).isEqualTo(plain("nistp384", 3));
        }

        @Test
        void write_wholeBlocks_arePaddedNoMore() {
            // the length and 12 bytes: one block of 16
            EcdsaPrivateKey small = EcdsaPrivateKey.takeOver(
                    EcdsaCurve.NISTP256, SecretBytes.copyOf("a dozen byte".getBytes(StandardCharsets.US_ASCII)));
            try (SshKeyPair pair = SshKeyPair.of(small.derivePublicKey(), small);
                    EncodedKey encoded =
                            KeyWriter.ppk2().withPassphrase(passphrase()).write(pair);
                    SshKeyPair again = reader().read(encoded.toByteArray())) {
                assertThat(encoded.toText()).containsPattern("Private-Lines: 1\n.{24}\n");
                assertThat(again.publicKey()).isEqualTo(pair.publicKey());
            }
        }

        @Test
        void write_saltIsTheRandomSources() {
            SecureRandom fixed = new SecureRandom() {
                private static final long serialVersionUID = 1;

                @Override
                public void nextBytes(byte[] bytes) {
                    Arrays.fill(bytes, (byte) 0xa5);
                }
            };
            PpkKeyWriter writer = KeyWriter.ppk().withPasses(1).withMemoryKib(8).withPassphrase(passphrase());
            try (EncodedKey first = writer.write(TestKeys.of("ed25519"));
                    EncodedKey second = writer.write(TestKeys.of("ed25519"));
                    EncodedKey third = writer.withRandom(fixed).write(TestKeys.of("ed25519"))) {
                assertThat(first.toText()).isNotEqualTo(second.toText());
                assertThat(third.toText()).contains("Argon2-Salt: " + "a5".repeat(16) + "\n");
            }
        }

        @Test
        void write_impossible_throws() {
            assertThatThrownBy(() -> plain("sk-ecdsa", 3)).isInstanceOf(UnsupportedKeyException.class);
            assertThatThrownBy(() -> KeyWriter.ppk().withComment("a\nb").write(TestKeys.of("ed25519")))
                    .isInstanceOf(SshKeyException.class)
                    .hasMessageContaining("control characters");
            assertThatThrownBy(() -> KeyWriter.ppk().withPasses(5).write(TestKeys.of("ed25519")))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void write_impossibleArgon2_throws() {
            PpkKeyWriter writer = KeyWriter.ppk().withPassphrase(passphrase());
            for (Runnable choice : List.<Runnable>of(
                    () -> writer.withPasses(0),
                    () -> writer.withPasses((1 << 21) + 1),
                    () -> writer.withMemoryKib(7),
                    () -> writer.withMemoryKib(256 * 1024 + 1),
                    () -> writer.withParallelism(0),
                    () -> writer.withParallelism(17))) {
                assertThatThrownBy(choice::run).isInstanceOf(IllegalArgumentException.class);
            }
            for (PpkKeyWriter refused : List.of(
                    writer.withPasses(2049),
                    writer.withMemoryKib(127).withParallelism(16),
                    KeyWriter.ppk().withArgon2(Argon2Kind.ARGON2I),
                    KeyWriter.ppk2().withPassphrase(passphrase()).withMemoryKib(64))) {
                assertThatThrownBy(() -> refused.write(TestKeys.of("ed25519")))
                        .isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Nested
    class Read {
        @ParameterizedTest
        @CsvSource({
            "rsa -b 1024, version=3",
            "dsa -b 1024, version=3",
            "ecdsa -b 256, version=3",
            "ecdsa -b 521, version=2",
            "ed25519, version=3",
            "ed448, version=3",
            "ed25519, version=2",
            "ed448, version=2",
            "rsa -b 1024, version=2",
            "ed25519, 'kdf=argon2i,passes=2,memory=1024,parallelism=2'",
            "ed25519, 'kdf=argon2d,passes=3,memory=777'",
        })
        void read_keyOfPuttygen_opensAndIsWrittenAgain(String type, String parameters) throws IOException {
            for (String secret : List.of("", SECRET)) {
                Path made = folder.resolve("made" + secret.length());
                Tools.run(
                        "sh",
                        "-c",
                        "puttygen -q -C 'a comment' --ppk-param " + parameters + " --new-passphrase '"
                                + file("secret", secret) + "' -o '" + made + "' -t " + type);
                String line = Tools.run("puttygen", made, "-O", "public-openssh");
                int version = parameters.equals("version=2") ? 2 : 3;
                try (SshKeyPair pair = reader().read(made);
                        EncodedKey again = writer(version).write(pair)) {
                    assertThat(pair.publicKey().toLine()).isEqualTo(line);
                    if (secret.isEmpty()) {
                        assertThat(again.toText()).isEqualTo(Files.readString(made));
                    }
                }
                assertThat(KeyReader.of().readPublic(made).toLine()).isEqualTo(line);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3})
        void read_textVariants_open(int version) {
            String text = encrypted("ed25519", version);
            for (String variant : List.of(
                    text.replace("\n", "\r\n"),
                    text.replace('\n', '\r'),
                    text.indent(2),
                    "\ufeff" + text,
                    "\n\n" + text,
                    "Bag Attributes\n  name: x\n" + text,
                    text + "\nregards\n",
                    text.replace("\n", "\n\n"),
                    text.replace("\n", "  \n"),
                    text.replace("\n", "\t\n"),
                    text.replaceFirst("Public-Lines: 2\n(.*)\n", "Public-Lines: 1\n$1"),
                    text.strip())) {
                try (SshKeyPair pair = reader().read(variant)) {
                    assertThat(pair.publicKey().toLine())
                            .isEqualTo(TestKeys.of("ed25519").publicKey().toLine());
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"version=2", "version=3"})
        void read_passphraseInAnotherCharset_opensWithItsBytes(String parameters) throws IOException {
            char[] text = {'p', '\u00e4', '\u00df'};
            Path secret = Files.write(folder.resolve("secret"), new byte[] {'p', (byte) 0xe4, (byte) 0xdf});
            Path made = folder.resolve("made");
            Tools.run(
                    "puttygen",
                    "-q",
                    "-t",
                    "ed25519",
                    "--ppk-param",
                    parameters,
                    "--new-passphrase",
                    secret,
                    "-o",
                    made);
            try (Passphrase latin1 = Passphrase.of(text, StandardCharsets.ISO_8859_1);
                    Passphrase bytes = Passphrase.ofBytes(Files.readAllBytes(secret));
                    Passphrase utf8 = Passphrase.of(text)) {
                KeyReader.of().withPassphrase(latin1).read(made).close();
                KeyReader.of().withPassphrase(bytes).read(made).close();
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(utf8).read(made))
                        .isInstanceOf(WrongPassphraseException.class);
            }
        }

        @Test
        void read_passphraseOfBlanks_opensWithItAlone() {
            try (Passphrase blanks = Passphrase.of("  ".toCharArray());
                    Passphrase blank = Passphrase.of(" ".toCharArray());
                    EncodedKey encoded = KeyWriter.ppk()
                            .withMemoryKib(8)
                            .withPassphrase(blanks)
                            .write(TestKeys.of("ed25519"))) {
                KeyReader.of()
                        .withPassphrase(blanks)
                        .read(encoded.toByteArray())
                        .close();
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(blank).read(encoded.toByteArray()))
                        .isInstanceOf(WrongPassphraseException.class);
            }
        }

        @Test
        void inspect_version2_warnsOfItsKdf() {
            KeyInspection seen = KeyReader.inspect(encrypted("rsa", 2));
            assertThat(seen.publicKey()).contains(TestKeys.of("rsa").publicKey());
            assertThat(seen.kdf()).contains(new KdfDescription("SHA-1", Map.of()));
            assertThat(seen.warnings()).containsExactly(KeyWarning.CHEAP_KDF);
        }

        @Test
        void inspect_costAboveTheLimit_warnsAndComputesNothing() {
            String costly = encrypted("ed25519", 3).replace("Memory: 8192", "Memory: 262145");
            assertThat(KeyReader.inspect(costly).warnings()).containsExactly(KeyWarning.KDF_ABOVE_LIMIT);
        }

        @Test
        void inspect_plain_saysTheKeyAndItsComment() {
            KeyInspection seen = KeyReader.inspect(plain("nistp256", 3));
            assertThat(seen.encrypted()).isFalse();
            assertThat(seen.publicKey()).contains(TestKeys.of("nistp256").publicKey());
            assertThat(seen.comment()).contains(KeyComment.of(TestKeys.COMMENT));
        }
    }

    private static Arguments fault(
            String name, Class<? extends SshKeyException> expected, String message, UnaryOperator<String> change) {
        return Arguments.of(name, expected, message, change);
    }

    private static Arguments replaced(
            String name, Class<? extends SshKeyException> expected, String message, String regex, String by) {
        return fault(name, expected, message, t -> {
            String changed = t.replaceFirst(regex, by);
            assertThat(changed).as(name).isNotEqualTo(t);
            return changed;
        });
    }

    static Stream<Arguments> faults() {
        Class<MalformedKeyException> malformed = MalformedKeyException.class;
        Class<UnsupportedKeyException> unsupported = UnsupportedKeyException.class;
        Class<LimitExceededException> limit = LimitExceededException.class;
        String mac = "(?s)Private-MAC: .*";
        return Stream.of(
                replaced("version 0", unsupported, "versions 1 to 3", "File-3", "File-0"),
                replaced("version 4", unsupported, "versions 1 to 3", "File-3", "File-4"),
                replaced("no colon", malformed, "first line", "File-3:", "File-33"),
                replaced("cut in the first line", malformed, "first line", "(?s)-3.*", "-"),
                replaced("no encryption", malformed, "Encryption", "Encryption.*\n", ""),
                replaced("unknown cipher", unsupported, "aes128-ctr", "aes256-cbc", "aes128-ctr"),
                replaced("other algorithm", malformed, "name different ones", "ssh-ed25519", "ssh-ed448"),
                replaced("changed comment", WrongPassphraseException.class, "damaged", "Comment: d", "Comment: D"),
                replaced("too few public lines", malformed, "Public-Lines", "Public-Lines: 2", "Public-Lines: 3"),
                replaced("too many public lines", malformed, "Public-Lines", "Public-Lines: 2", "Public-Lines: 1"),
                replaced("line count no number", malformed, "digits", "Public-Lines: 2", "Public-Lines: x"),
                replaced("line count negative", malformed, "digits", "Public-Lines: 2", "Public-Lines: -2"),
                replaced("line count huge", malformed, "Private-Lines", "Private-Lines: 1", "Private-Lines: 999999999"),
                replaced("line count too long", malformed, "digits", "Private-Lines: 1", "Private-Lines: 9999999999"),
                replaced("MAC missing", malformed, "Private-Lines", mac, ""),
                replaced("MAC no hex", malformed, "hexadecimal", mac, "Private-MAC: zz\n"),
                replaced("MAC empty", malformed, "missing", mac, "Private-MAC: \n"),
                replaced("MAC short", WrongPassphraseException.class, "damaged", mac, "Private-MAC: 00\n"),
                replaced("unknown KDF", unsupported, "Argon3", "Argon2id", "Argon3"),
                replaced("no passes", malformed, "RFC 9106", "Passes: 1", "Passes: 0"),
                replaced("too many passes", limit, "withMaxArgon2WorkKib", "Passes: 1", "Passes: 999999"),
                replaced("too much memory", limit, "withMaxArgon2MemoryKib", "Memory: 8192", "Memory: 999999999"),
                replaced("too little memory", malformed, "RFC 9106", "Memory: 8192", "Memory: 7"),
                replaced(
                        "too little memory a lane",
                        malformed,
                        "RFC 9106",
                        "Memory: 8192(?s)(.*)ism: 1",
                        "Memory: 15$1ism: 2"),
                replaced("too parallel", limit, "withMaxArgon2Parallelism", "Parallelism: 1", "Parallelism: 17"),
                replaced("not base64", malformed, "base64", "AAAAC3", "AAAA*3"),
                replaced("blob no block", malformed, "blocks", "Private-Lines: 1\n.*\n", "Private-Lines: 1\nAAAA\n"),
                fault("two keys", malformed, "two keys", t -> t + t));
    }

    /** Another key's public half as PPK breaks it. */
    private static String otherPublicBody() {
        try (EncodedKey encoded = KeyWriter.ppk().write(OpensshFile.PAIR)) {
            String text = encoded.toText();
            return text.substring(text.indexOf("Public-Lines: 2\n") + 16, text.indexOf("Private-Lines"));
        }
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.PpkTest#faults")
        void read_oneFault_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, UnaryOperator<String> change) {
            String text = change.apply(encrypted("ed25519", 3));
            assertThatThrownBy(() -> reader().read(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3})
        void read_plainWithChangedComment_isDamaged(int version) {
            String text = plain("ed25519", version).replace("Comment: d", "Comment: D");
            assertThatThrownBy(() -> KeyReader.of().read(text))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("Private-MAC");
            assertThatThrownBy(() -> KeyReader.of().readPublic(text)).isInstanceOf(MalformedKeyException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3})
        void read_swappedPublicHalf_throws(int version) {
            String other = otherPublicBody();
            String text = plain("ed25519", version)
                    .replaceFirst("(?s)(Public-Lines: 2\n).*(Private-Lines)", "$1" + other + "$2");
            assertThatThrownBy(() -> KeyReader.of().read(text)).isInstanceOf(MalformedKeyException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3})
        void read_withoutOrWithWrongPassphrase_saysWhich(int version) {
            String text = encrypted("nistp256", version);
            assertThatThrownBy(() -> KeyReader.of().read(text))
                    .isInstanceOfSatisfying(
                            PassphraseRequiredException.class,
                            e -> assertThat(e.publicKey())
                                    .contains(TestKeys.of("nistp256").publicKey()));
            try (Passphrase wrong = Passphrase.of("x".toCharArray())) {
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(wrong).read(text))
                        .isInstanceOf(WrongPassphraseException.class);
            }
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String text : List.of(plain("nistp256", 3), encrypted("ed25519", 2))) {
                RandomDamage.assertThrowsOnlyOurs(
                        text.getBytes(StandardCharsets.UTF_8),
                        1000,
                        bad -> reader().read(bad).close());
            }
        }
    }
}
