package io.keywright.format;

import static io.keywright.format.OpensshFile.bcrypt;
import static io.keywright.format.OpensshFile.concat;
import static io.keywright.format.OpensshFile.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.WrongPassphraseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not pass for an openssh-key-v1 file, one fault at a time, and what must not come out but our exceptions. */
class OpensshTest {
    private static final byte[] SALT = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(Passphrase.of("abc".toCharArray()));
    }

    private static String encrypted(OpensshCipher cipher) {
        try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                EncodedKey encoded = KeyWriter.openssh()
                        .withPassphrase(passphrase)
                        .withCipher(cipher)
                        .withRounds(1)
                        .write(OpensshFile.PAIR)) {
            return encoded.toText();
        }
    }

    private static void encryptedEnvelope(OpensshFile file, byte[] kdfOptions) {
        file.cipher = "aes256-ctr";
        file.kdf = "bcrypt";
        file.kdfOptions = kdfOptions;
        file.block = 16;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Nested
    class Read {
        @Test
        void read_noFault_opens() {
            try (SshKeyPair pair = KeyReader.of().read(new OpensshFile().text())) {
                assertThat(pair.publicKey()).isEqualTo(OpensshFile.PAIR.publicKey());
                assertThat(pair.comment().toString()).isEqualTo("c");
            }
        }

        @Test
        void read_sixteenBytesOfPadding_opens() {
            OpensshFile file = new OpensshFile();
            file.block = 0;
            file.comment = new byte[] {'f', 'i', 'v', 'e', '!'};
            file.padding = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
            assertThat(file.section().length % 8).isZero();
            KeyReader.of().read(file.text()).close();
            assertThat(KeyReader.inspect(file.text()).warnings()).containsExactly(KeyWarning.OVER_PADDED);
        }

        @Test
        void read_numbersWithLeadingZeros_opens() {
            OpensshFile file = new OpensshFile();
            EcdsaPublicKey ec = (EcdsaPublicKey) TestKeys.of("nistp256").publicKey();
            byte[] scalar = ((EcdsaPrivateKey) TestKeys.of("nistp256").privateKey())
                    .scalar()
                    .toByteArray();
            file.blob = ec.blob();
            file.type = ec.algorithm();
            file.fields = fields(ascii("nistp256"), ec.point(), concat(new byte[9], scalar));
            try (SshKeyPair pair = KeyReader.of().read(file.text());
                    EncodedKey again = KeyWriter.openssh().write(pair);
                    EncodedKey expected = KeyWriter.openssh().withComment("c").write(TestKeys.of("nistp256"))) {
                assertThat(again.toByteArray()).hasSameSizeAs(expected.toByteArray());
            }
        }

        @Test
        void inspect_unknownCipherAndKdf_saysThem() {
            OpensshFile file = new OpensshFile();
            encryptedEnvelope(file, new byte[] {1, 2, 3});
            file.cipher = "aes999-ctr";
            file.kdf = "scrypt";
            KeyInspection seen = KeyReader.inspect(file.text());
            assertThat(seen.cipher()).contains("aes999-ctr");
            assertThat(seen.kdf().orElseThrow().name()).isEqualTo("scrypt");
            assertThat(seen.publicKey()).contains(OpensshFile.PAIR.publicKey());
        }

        @Test
        void inspect_encrypted_saysCipherAndCost() {
            try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                    EncodedKey encoded =
                            KeyWriter.openssh().withPassphrase(passphrase).write(OpensshFile.PAIR)) {
                KeyInspection seen = KeyReader.inspect(encoded.toByteArray());
                assertThat(seen.cipher()).contains("aes256-ctr");
                assertThat(seen.kdf()).contains(new KdfDescription("bcrypt", Map.of("rounds", 24L)));
                assertThat(seen.warnings()).isEmpty();
            }
        }

        @Test
        void inspect_costAboveTheLimit_warnsAndComputesNothing() {
            OpensshFile file = new OpensshFile();
            encryptedEnvelope(file, bcrypt(SALT, 2048));
            assertThat(KeyReader.inspect(file.text()).warnings()).isEmpty();
            encryptedEnvelope(file, bcrypt(SALT, 0xffffffffL));
            assertThat(KeyReader.inspect(file.text()).warnings()).containsExactly(KeyWarning.KDF_ABOVE_LIMIT);
        }

        @Test
        void inspect_unknownType_givesThePublicKey() {
            OpensshFile file = new OpensshFile();
            file.blob = fields(ascii("ssh-unheard-of"), new byte[5]);
            assertThat(KeyReader.inspect(file.text()).algorithm()).contains("ssh-unheard-of");
            assertThat(KeyReader.of().readPublic(file.text()).blob()).isEqualTo(file.blob);
        }
    }

    @Nested
    class Passphrases {
        @Test
        void read_encryptedWithoutPassphrase_throwsWithThePublicKey() {
            assertThatThrownBy(() -> KeyReader.of().read(encrypted(OpensshCipher.AES256_CTR)))
                    .isInstanceOfSatisfying(
                            PassphraseRequiredException.class,
                            e -> assertThat(e.publicKey()).contains(OpensshFile.PAIR.publicKey()));
        }

        @ParameterizedTest
        @EnumSource(OpensshCipher.class)
        void read_wrongPassphrase_throws(OpensshCipher cipher) {
            try (Passphrase wrong = Passphrase.of("abd".toCharArray())) {
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(wrong).read(encrypted(cipher)))
                        .isInstanceOfSatisfying(
                                WrongPassphraseException.class,
                                e -> assertThat(e.maybeCorrupted()).isTrue());
            }
        }

        @ParameterizedTest
        @EnumSource(OpensshCipher.class)
        void read_rightPassphrase_opensAndDamageDoesNot(OpensshCipher cipher) {
            byte[] binary = OpensshFile.binary(encrypted(cipher));
            try (SshKeyPair pair = reader().read(OpensshFile.text(binary))) {
                assertThat(pair.publicKey()).isEqualTo(OpensshFile.PAIR.publicKey());
            }
            // the first block behind the check numbers, in front of any tag
            binary[binary.length - 100] ^= 1;
            assertThatThrownBy(() -> reader().read(OpensshFile.text(binary))).isInstanceOf(SshKeyException.class);
        }

        @Test
        void read_onlyBlanks_isAPassphrase() {
            try (Passphrase blanks = Passphrase.of(" ".toCharArray());
                    EncodedKey encoded = KeyWriter.openssh()
                            .withPassphrase(blanks)
                            .withRounds(1)
                            .write(OpensshFile.PAIR)) {
                KeyReader.of().withPassphrase(blanks).read(encoded.toText()).close();
                assertThatThrownBy(() -> reader().read(encoded.toText())).isInstanceOf(WrongPassphraseException.class);
            }
        }

        /** In counter mode one flipped bit stays one: the type behind the check numbers still tells the passphrase is right. */
        @Test
        void read_damagedCheckNumber_saysDamageNotPassphrase() {
            byte[] binary = OpensshFile.binary(encrypted(OpensshCipher.AES256_CTR));
            binary[sectionStart(binary)] ^= 1;
            assertThatThrownBy(() -> reader().read(OpensshFile.text(binary)))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("the passphrase is right");
        }

        @Test
        void read_damagedPadding_saysDamageNotPassphrase() {
            byte[] binary = OpensshFile.binary(encrypted(OpensshCipher.AES256_CTR));
            binary[binary.length - 1] ^= 1;
            assertThatThrownBy(() -> reader().read(OpensshFile.text(binary)))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("padding");
        }

        @Test
        void read_withRaisedLimit_runs() {
            OpensshFile file = new OpensshFile();
            encryptedEnvelope(file, bcrypt(SALT, 3));
            KeyReader strict = reader().withLimits(ReadLimits.defaults().withMaxBcryptRounds(2));
            assertThatThrownBy(() -> strict.read(file.text()))
                    .isInstanceOfSatisfying(LimitExceededException.class, e -> {
                        assertThat(e.actual()).isEqualTo(3);
                        assertThat(e.allowed()).isEqualTo(2);
                    });
            KeyReader lax = strict.withLimits(ReadLimits.defaults().withMaxBcryptRounds(3));
            assertThatThrownBy(() -> lax.read(file.text())).isInstanceOf(WrongPassphraseException.class);
        }

        private int sectionStart(byte[] binary) {
            // magic 15, cipher 4+10, kdf 4+6, options 4+4+16+4, count 4, blob 4+51, length 4
            assertThat(binary[15 + 14 + 10 + 28 + 4 + 3]).isEqualTo((byte) 51);
            return 15 + 14 + 10 + 28 + 4 + 55 + 4;
        }
    }

    /** Whatever is read, only {@link SshKeyException} may come out. */
    @Nested
    class Damage {
        private final List<String> surprises = new ArrayList<>();

        private void tryOne(String what, Runnable attempt) {
            try {
                attempt.run();
            } catch (SshKeyException e) {
                assertThat(e.getMessage()).as(what).isNotBlank();
            } catch (RuntimeException | Error e) {
                surprises.add(what + ": " + e);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"ed25519", "ed448", "rsa", "nistp521", "dsa", "sk-ecdsa", "sk-ed25519"})
        void read_textCutAnywhere_throwsOnlyOurs(String type) {
            try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of(type))) {
                byte[] text = encoded.toByteArray();
                for (int length = 0; length < text.length - 1; length++) {
                    byte[] cut = Arrays.copyOf(text, length);
                    int at = length;
                    assertThatThrownBy(() -> KeyReader.of().read(cut))
                            .as("cut at %d", at)
                            .isInstanceOf(SshKeyException.class);
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"ed25519", "ed448", "rsa", "nistp521", "dsa", "sk-ecdsa", "sk-ed25519"})
        void read_contentCutAnywhere_throwsOnlyOurs(String type) {
            try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of(type))) {
                byte[] binary = OpensshFile.binary(encoded.toText());
                for (int length = 0; length < binary.length; length++) {
                    String text = OpensshFile.text(Arrays.copyOf(binary, length));
                    assertThatThrownBy(() -> KeyReader.of().read(text))
                            .as("cut at %d", length)
                            .isInstanceOf(SshKeyException.class);
                }
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0x7fffffff, 0x80000000, 0xffffffff, 0x00100000, 0x7ffffff8})
        void read_hugeNumberAtEveryPlace_throwsOnlyOurs(int huge) {
            Cases.leaveOutOfMutationRuns();
            for (String type : TestKeys.all().keySet()) {
                try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of(type))) {
                    byte[] binary = OpensshFile.binary(encoded.toText());
                    for (int at = 0; at + 4 <= binary.length; at++) {
                        byte[] changed = binary.clone();
                        for (int i = 0; i < 4; i++) {
                            changed[at + i] = (byte) (huge >>> (24 - 8 * i));
                        }
                        String text = OpensshFile.text(changed);
                        tryOne(
                                type + " at " + at,
                                () -> KeyReader.of().read(text).close());
                    }
                }
            }
            assertThat(surprises).isEmpty();
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String type : TestKeys.all().keySet()) {
                try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of(type))) {
                    RandomDamage.assertThrowsOnlyOurs(
                            OpensshFile.binary(encoded.toText()),
                            300,
                            bad -> KeyReader.of().read(OpensshFile.text(bad)).close());
                }
            }
        }
    }

    @Nested
    class Messages {
        /** A secret that stands where it must not, must not be quoted. */
        @Test
        void read_anyFault_neverQuotesTheInput() {
            String canary = "hunter2hunter2";
            List<String> texts = List.of(
                    canary,
                    canary + " " + canary,
                    "ssh-ed25519 " + canary + "!",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\n" + canary + "!\n-----END OPENSSH PRIVATE KEY-----\n",
                    "-----BEGIN OPENSSH PRIVATE KEY-----\n" + canary,
                    "-----BEGIN " + canary + "-----\n-----END " + canary + "-----\n",
                    "-----END PRIVATE KEY-----" + canary,
                    "{\"" + canary + "\"",
                    "PuTTY-User-Key-File-9: " + canary);
            for (String text : texts) {
                for (Consumer<String> attempt : List.<Consumer<String>>of(
                        t -> KeyReader.of().read(t), t -> KeyReader.of().readPublic(t), KeyReader::inspect)) {
                    try {
                        attempt.accept(text);
                        fail("accepted: " + text);
                    } catch (SshKeyException e) {
                        for (Throwable t = e; t != null; t = t.getCause()) {
                            assertThat(t.toString()).doesNotContain("hunter2");
                        }
                    }
                }
            }
        }

        @Test
        void toString_anyOfOurs_holdsNoSecret() {
            try (EncodedKey encoded = KeyWriter.openssh().write(OpensshFile.PAIR)) {
                assertThat(encoded.toString()).isEqualTo("EncodedKey[openssh-key-v1]");
                assertThat(KeyBlock.find(encoded.toByteArray()).toString()).isEqualTo("KeyBlock[openssh-key-v1]");
            }
        }
    }

    @Nested
    class Write {
        @Test
        void write_commentWithNul_throws() {
            assertThatThrownBy(() -> KeyWriter.openssh().withComment("a\0b").write(OpensshFile.PAIR))
                    .isInstanceOf(SshKeyException.class)
                    .hasMessageContaining("NUL");
        }

        @Test
        void write_cipherWithoutPassphrase_throws() {
            assertThatThrownBy(() -> KeyWriter.openssh()
                            .withCipher(OpensshCipher.AES256_CTR)
                            .write(OpensshFile.PAIR))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> KeyWriter.openssh().withRounds(24).write(OpensshFile.PAIR))
                    .isInstanceOf(IllegalStateException.class);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 2049, Integer.MAX_VALUE})
        void withRounds_outOfRange_throws(int rounds) {
            assertThatThrownBy(() -> KeyWriter.openssh().withRounds(rounds))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(KeyWriter.openssh().withRounds(2048).withRounds(1)).isNotNull();
        }

        @Test
        void write_everyType_readsBackEqual() {
            TestKeys.all().forEach((type, pair) -> {
                try (EncodedKey encoded = KeyWriter.openssh().write(pair);
                        SshKeyPair again = KeyReader.of().read(encoded.toByteArray());
                        EncodedKey twice = KeyWriter.openssh().write(again)) {
                    assertThat(again.publicKey()).as(type).isEqualTo(pair.publicKey());
                    assertThat(again.comment()).as(type).isEqualTo(pair.comment());
                    assertThat(twice.toByteArray()).as(type).hasSameSizeAs(encoded.toByteArray());
                    SshPublicKey inClear = KeyReader.of().readPublic(encoded.toByteArray());
                    assertThat(inClear.toLine()).isEqualTo(pair.publicKey().toLine());
                }
            });
        }

        @Test
        void write_ed448_isLaidOutLikeEd25519() {
            try (EncodedKey encoded = KeyWriter.openssh().write(TestKeys.of("ed448"))) {
                byte[] binary = OpensshFile.binary(encoded.toText());
                // magic 15, none 8, none 8, options 4, count 4, blob 4+(4+9+4+57), length 4, checks 8, type 4+9
                int at = 15 + 8 + 8 + 4 + 4 + 78 + 4 + 8 + 13;
                byte[] point =
                        Arrays.copyOfRange(TestKeys.of("ed448").publicKey().blob(), 17, 74);
                assertThat(Arrays.copyOfRange(binary, at, at + 4)).containsExactly(0, 0, 0, 57);
                assertThat(Arrays.copyOfRange(binary, at + 4, at + 61)).isEqualTo(point);
                assertThat(Arrays.copyOfRange(binary, at + 61, at + 65)).containsExactly(0, 0, 0, 114);
                assertThat(Arrays.copyOfRange(binary, at + 65 + 57, at + 65 + 114))
                        .isEqualTo(point);
            }
        }

        @ParameterizedTest
        @EnumSource(EcdsaCurve.class)
        void write_shortScalar_hasNoLeadingZeros(EcdsaCurve curve) {
            EcdsaPrivateKey small =
                    EcdsaPrivateKey.takeOver(curve, SecretBytes.copyOf(new byte[] {0, 0, 0, (byte) 0x80}));
            try (SshKeyPair pair = SshKeyPair.of(small.derivePublicKey(), small);
                    EncodedKey encoded = KeyWriter.openssh().write(pair);
                    SshKeyPair again = KeyReader.of().read(encoded.toText())) {
                assertThat(again.publicKey()).isEqualTo(pair.publicKey());
                byte[] binary = OpensshFile.binary(encoded.toText());
                assertThat(new String(binary, StandardCharsets.ISO_8859_1)).contains("\0\0\0\u0002\0\u0080");
            }
        }
    }
}
