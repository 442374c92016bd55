package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** openssh-key-v1 against ssh-keygen and puttygen, both ways. */
@Tag("once")
class OpensshInteropTest {
    private static final String SECRET = "a pass phrase, nöt quite ASCII";

    @TempDir
    Path folder = Path.of("");

    private static String type(String typeAndBits) {
        return typeAndBits.substring(0, typeAndBits.indexOf('-'));
    }

    private static String bits(String typeAndBits) {
        return typeAndBits.substring(typeAndBits.indexOf('-') + 1);
    }

    private static Passphrase passphrase() {
        return Passphrase.of(SECRET.toCharArray());
    }

    static Stream<String> typesThatOpensshKnows() {
        return TestKeys.all().keySet().stream().filter(type -> !type.equals("ed448"));
    }

    static Stream<Arguments> typesAndCiphers() {
        return typesThatOpensshKnows()
                .flatMap(type -> Arrays.stream(OpensshCipher.values()).map(cipher -> Arguments.of(type, cipher)));
    }

    /** The types that ssh-keygen makes without a token. */
    static Stream<Arguments> generatedTypesAndCiphers() {
        return Stream.of("rsa-2048", "dsa-1024", "ecdsa-256", "ecdsa-384", "ecdsa-521", "ed25519-256")
                .flatMap(type -> Arrays.stream(OpensshCipher.values()).map(cipher -> Arguments.of(type, cipher)));
    }

    @Nested
    class Write {
        @ParameterizedTest
        @MethodSource("io.keywright.format.OpensshInteropTest#typesThatOpensshKnows")
        void write_plain_sshKeygenShowsTheSameKey(String type) throws IOException {
            SshKeyPair pair = TestKeys.of(type);
            Path file = folder.resolve("key");
            try (EncodedKey encoded = KeyWriter.openssh().write(pair)) {
                encoded.writeTo(file);
            }
            SshPublicKey key = pair.publicKey();
            assertThat(Tools.run("ssh-keygen", "-y", "-f", file)).isEqualTo(key.toLine());
            String tail = " " + TestKeys.COMMENT + " (" + key.shortName() + ")";
            String shown = key.bits() + " " + key.fingerprint() + tail;
            assertThat(Tools.run("ssh-keygen", "-l", "-f", file)).isEqualTo(shown);
            assertThat(Tools.run("ssh-keygen", "-lv", "-f", file))
                    .isEqualTo(shown + "\n" + key.randomart(Fingerprint.Hash.SHA256));
            assertThat(Tools.run("ssh-keygen", "-l", "-E", "md5", "-f", file))
                    .isEqualTo(key.bits() + " " + key.fingerprint(Fingerprint.Hash.MD5) + tail);
            assertThat(Tools.run("ssh-keygen", "-lv", "-E", "md5", "-f", file))
                    .endsWith("\n" + key.randomart(Fingerprint.Hash.MD5));
            assertThat(Tools.run("ssh-keygen", "-B", "-f", file))
                    .isEqualTo(key.bits() + " " + key.bubbleBabble() + tail);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.OpensshInteropTest#typesAndCiphers")
        void write_encrypted_sshKeygenDecryptsToTheSameBytes(String type, OpensshCipher cipher) throws IOException {
            SshKeyPair pair = TestKeys.of(type);
            Path file = folder.resolve("key");
            try (Passphrase passphrase = passphrase();
                    EncodedKey encoded = KeyWriter.openssh()
                            .withPassphrase(passphrase)
                            .withCipher(cipher)
                            .withRounds(2)
                            .write(pair)) {
                encoded.writeTo(file);
            }
            assertThat(Tools.run("ssh-keygen", "-y", "-P", SECRET, "-f", file))
                    .isEqualTo(pair.publicKey().toLine());
            Tools.run("ssh-keygen", "-q", "-p", "-P", SECRET, "-N", "", "-f", file);
            try (EncodedKey plain = KeyWriter.openssh().write(pair)) {
                assertThat(OpensshFile.withoutCheckNumbers(Files.readAllBytes(file)))
                        .isEqualTo(OpensshFile.withoutCheckNumbers(plain.toByteArray()));
            }
        }

        @Test
        void write_defaults_areThoseOfSshKeygen() throws IOException {
            Path file = folder.resolve("key");
            try (Passphrase passphrase = passphrase();
                    EncodedKey encoded =
                            KeyWriter.openssh().withPassphrase(passphrase).write(TestKeys.of("ed25519"))) {
                KeyInspection seen = KeyReader.inspect(encoded.toByteArray());
                assertThat(seen.cipher()).contains("aes256-ctr");
                assertThat(seen.kdf().orElseThrow().cost()).containsEntry("rounds", 24L);
                encoded.writeTo(file);
            }
            assertThat(Tools.run("ssh-keygen", "-y", "-P", SECRET, "-f", file)).startsWith("ssh-ed25519 ");
        }

        @Test
        void write_commentOfLatin1Bytes_survivesSshKeygen() throws IOException {
            KeyComment comment = KeyComment.ofBytes(new byte[] {'M', (byte) 0xfc, 'l'});
            Path file = folder.resolve("key");
            try (EncodedKey encoded = KeyWriter.openssh().withComment(comment).write(TestKeys.of("ed25519"))) {
                encoded.writeTo(file);
            }
            Tools.run("ssh-keygen", "-q", "-p", "-N", SECRET, "-a", "1", "-f", file);
            try (Passphrase passphrase = passphrase();
                    SshKeyPair again = KeyReader.of().withPassphrase(passphrase).read(file)) {
                assertThat(again.comment()).isEqualTo(comment);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"ed448", "ed25519", "rsa", "nistp521"})
        void write_anyType_puttygenReadsIt(String type) throws IOException {
            SshKeyPair pair = TestKeys.of(type);
            Path file = folder.resolve("key");
            Path secret = Files.writeString(folder.resolve("passphrase"), "abc\n");
            try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                    EncodedKey encoded = KeyWriter.openssh()
                            .withPassphrase(passphrase)
                            .withRounds(1)
                            .write(pair)) {
                encoded.writeTo(file);
            }
            assertThat(Tools.run("puttygen", file, "--old-passphrase", secret, "-O", "public-openssh"))
                    .isEqualTo(pair.publicKey().toLine());
        }
    }

    @Nested
    class Read {
        @ParameterizedTest
        @MethodSource("io.keywright.format.OpensshInteropTest#generatedTypesAndCiphers")
        void read_madeBySshKeygen_equalAndWrittenBackEqual(String type, OpensshCipher cipher) throws IOException {
            readAndWriteBack(type, cipher, 1);
        }

        @ParameterizedTest
        @EnumSource(OpensshCipher.class)
        void read_madeWith16Rounds_equalAndWrittenBackEqual(OpensshCipher cipher) throws IOException {
            readAndWriteBack("ed25519-256", cipher, 16);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa-3072", "ecdsa-384", "ed25519-256"})
        void read_madeWith24Rounds_equalAndWrittenBackEqual(String type) throws IOException {
            readAndWriteBack(type, OpensshCipher.AES256_CTR, 24);
        }

        @Test
        void read_madeWith300Rounds_equalAndWrittenBackEqual() throws IOException {
            readAndWriteBack("ed25519-256", OpensshCipher.AES256_CTR, 300);
        }

        private void readAndWriteBack(String type, OpensshCipher cipher, int rounds) throws IOException {
            Path file = folder.resolve("key");
            Tools.run("ssh-keygen", "-q", "-t", type(type), "-b", bits(type), "-N", "", "-C", "two words", "-f", file);
            final byte[] plainFile = Files.readAllBytes(file);
            final String publicLine =
                    Files.readString(folder.resolve("key.pub")).strip();
            Tools.run("ssh-keygen", "-q", "-p", "-N", SECRET, "-Z", cipher.sshName(), "-a", rounds, "-f", file);

            KeyInspection seen = KeyReader.inspect(file);
            assertThat(seen.format()).isEqualTo(KeyFormat.OPENSSH);
            assertThat(seen.encrypted()).isTrue();
            assertThat(seen.cipher()).contains(cipher.sshName());
            assertThat(seen.kdf()).contains(new KdfDescription("bcrypt", Map.of("rounds", (long) rounds)));
            assertThat(publicLine).isEqualTo(seen.publicKey().orElseThrow().toLine() + " two words");

            try (Passphrase passphrase = passphrase();
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(file)) {
                assertThat(pair.publicKey().toLine()).isEqualTo(publicLine);
                try (EncodedKey plain = KeyWriter.openssh().write(pair)) {
                    assertThat(OpensshFile.withoutCheckNumbers(plain.toByteArray()))
                            .isEqualTo(OpensshFile.withoutCheckNumbers(plainFile));
                    assertThat(plain.toByteArray()).hasSameSizeAs(plainFile);
                }
                writeBack(pair, passphrase, cipher, rounds, plainFile);
            }
        }

        private void writeBack(
                SshKeyPair pair, Passphrase passphrase, OpensshCipher cipher, int rounds, byte[] plainFile)
                throws IOException {
            Path back = folder.resolve("back");
            try (EncodedKey encoded = KeyWriter.openssh()
                    .withPassphrase(passphrase)
                    .withCipher(cipher)
                    .withRounds(rounds)
                    .write(pair)) {
                encoded.writeTo(back);
            }
            Tools.run("ssh-keygen", "-q", "-p", "-P", SECRET, "-N", "", "-f", back);
            assertThat(OpensshFile.withoutCheckNumbers(Files.readAllBytes(back)))
                    .isEqualTo(OpensshFile.withoutCheckNumbers(plainFile));
        }

        /** The KDF with random passphrases, salts, rounds and output lengths of 28 to 64 bytes. */
        @Test
        void read_fortyRandomParameterSets_allOpen() throws IOException {
            long seed = 20261121;
            Random random = new Random(seed);
            Path file = folder.resolve("key");
            Tools.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
            final String expected = KeyReader.of().readPublic(file).toLine();
            String old = "";
            List<OpensshCipher> ciphers = List.of(OpensshCipher.values());
            List<String> failed = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String secret = randomPassphrase(random);
                OpensshCipher cipher = ciphers.get(random.nextInt(ciphers.size()));
                int rounds = 1 + random.nextInt(6);
                Tools.run(
                        "ssh-keygen",
                        "-q",
                        "-p",
                        "-P",
                        old,
                        "-N",
                        secret,
                        "-Z",
                        cipher.sshName(),
                        "-a",
                        rounds,
                        "-f",
                        file);
                old = secret;
                try (Passphrase passphrase = Passphrase.of(secret.toCharArray());
                        SshKeyPair pair =
                                KeyReader.of().withPassphrase(passphrase).read(file)) {
                    if (!pair.publicKey().toLine().equals(expected)) {
                        failed.add(i + " " + cipher);
                    }
                }
            }
            assertThat(failed).as("seed %d", seed).isEmpty();
        }

        private String randomPassphrase(Random random) {
            int length = 1 + random.nextInt(100);
            return random.ints(length, 0x20, 0x7f)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa-2048", "dsa-1024", "ecdsa-256", "ecdsa-521", "eddsa-255", "eddsa-448"})
        void read_madeByPuttygen_equal(String type) throws IOException {
            Path secret = Files.writeString(folder.resolve("passphrase"), "abc\n");
            Path ppk = folder.resolve("key.ppk");
            Path none = Files.writeString(folder.resolve("none"), "");
            Tools.run(
                    "puttygen",
                    "-q",
                    "-t",
                    type(type),
                    "-b",
                    bits(type),
                    "-C",
                    "made by PuTTY",
                    "--new-passphrase",
                    none,
                    "-o",
                    ppk);
            final String expected = Tools.run("puttygen", ppk, "-O", "public-openssh");
            Path plain = folder.resolve("plain");
            Path encrypted = folder.resolve("encrypted");
            Tools.run("puttygen", ppk, "-O", "private-openssh-new", "-o", plain);
            Tools.run("puttygen", ppk, "-O", "private-openssh-new", "--new-passphrase", secret, "-o", encrypted);

            try (SshKeyPair pair = KeyReader.of().read(plain)) {
                assertThat(pair.publicKey().toLine()).isEqualTo(expected);
            }
            try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(encrypted)) {
                assertThat(pair.publicKey().toLine()).isEqualTo(expected);
            }
        }

        /** PuTTY adds 1 to 16 bytes although 0 to 7 would do: nine of sixteen comments' lengths must show it. */
        @Test
        void inspect_paddedByPuttygen_warns() throws IOException {
            Path ppk = folder.resolve("key.ppk");
            Path none = Files.writeString(folder.resolve("none"), "");
            Tools.run("puttygen", "-q", "-t", "eddsa", "-C", "c", "--new-passphrase", none, "-o", ppk);
            int overPadded = 0;
            for (int length = 1; length <= 16; length++) {
                Path file = folder.resolve("key" + length);
                Tools.run("puttygen", ppk, "-C", "c".repeat(length), "-O", "private-openssh-new", "-o", file);
                if (KeyReader.inspect(file).warnings().contains(KeyWarning.OVER_PADDED)) {
                    overPadded++;
                }
            }
            assertThat(overPadded).isEqualTo(9);
        }
    }

    @Nested
    class Permissions {
        @Test
        void inspect_fileReadableByOthers_warnsAndSshKeygenRefuses() throws IOException {
            Path file = folder.resolve("key");
            try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of("ed25519"))) {
                encoded.writeTo(file);
            }
            assertThat(KeyReader.inspect(file).warnings()).isEmpty();
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(KeyReader.inspect(file).warnings()).containsExactly(KeyWarning.FILE_READABLE_BY_OTHERS);
            Tools.Outcome outcome = Tools.tryRun("ssh-keygen", "-y", "-f", file);
            assertThat(outcome.exitCode()).isNotZero();
            assertThat(outcome.errors().toLowerCase(Locale.ROOT)).contains("unprotected private key file");
        }

        @Test
        void inspect_withoutFinalNewline_warnsAndSshKeygenRefuses() throws IOException {
            Path file = folder.resolve("key");
            try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of("ed25519"))) {
                encoded.writeTo(file);
            }
            Files.writeString(file, Files.readString(file).stripTrailing());
            assertThat(KeyReader.inspect(file).warnings()).containsExactly(KeyWarning.MISSING_FINAL_NEWLINE);
            assertThat(Tools.tryRun("ssh-keygen", "-y", "-f", file).exitCode()).isNotZero();
            try (SshKeyPair pair = KeyReader.of().read(file)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("ed25519").publicKey());
            }
        }
    }
}
