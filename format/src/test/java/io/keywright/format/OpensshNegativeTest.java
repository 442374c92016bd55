package io.keywright.format;

import static io.keywright.format.OpensshFile.POINT;
import static io.keywright.format.OpensshFile.SEED;
import static io.keywright.format.OpensshFile.bcrypt;
import static io.keywright.format.OpensshFile.concat;
import static io.keywright.format.OpensshFile.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not pass for an openssh-key-v1 file, one fault at a time, and what must not come out but our exceptions. */
class OpensshNegativeTest {
    private static final SshKeyPair OTHER = SshKeyPairGenerator.ed25519().generate();
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

    private static Arguments vector(
            String name, Class<? extends SshKeyException> expected, String message, Consumer<OpensshFile> fault) {
        return Arguments.of(name, expected, message, fault);
    }

    private static Arguments malformed(String name, String message, Consumer<OpensshFile> fault) {
        return vector(name, MalformedKeyException.class, message, fault);
    }

    static Stream<Arguments> envelopeFaults() {
        return Stream.of(
                malformed("empty magic", "magic", f -> f.magic = ""),
                malformed("other magic", "magic", f -> f.magic = "openssh-key-v2\0"),
                malformed("magic without its zero", "cipher", f -> f.magic = "openssh-key-v1"),
                malformed("no keys", "key count", f -> f.count = 0),
                malformed("two keys", "key count", f -> f.count = 2),
                malformed("2^32-1 keys", "key count", f -> f.count = 0xffffffffL),
                malformed("KDF without a cipher", "KDF", f -> {
                    f.kdf = "bcrypt";
                    f.kdfOptions = bcrypt(SALT, 1);
                }),
                malformed("cipher without a KDF", "KDF", f -> f.cipher = "aes256-ctr"),
                malformed("options without a KDF", "KDF options", f -> f.kdfOptions = new byte[1]),
                malformed("empty cipher name", "cipher", f -> f.cipher = ""),
                malformed("cipher name too long", "cipher", f -> f.cipher = "x".repeat(65)),
                malformed("cipher name not ASCII", "cipher", f -> f.cipher = "aes\u00e4"),
                malformed("KDF name with a line end", "KDF", f -> f.kdf = "none\n"),
                malformed("empty KDF options", "KDF salt", f -> encryptedEnvelope(f, new byte[0])),
                malformed("empty salt", "KDF options", f -> encryptedEnvelope(f, bcrypt(new byte[0], 1))),
                malformed("no rounds", "KDF options", f -> encryptedEnvelope(f, bcrypt(SALT, 0))),
                malformed("KDF options cut off", "KDF rounds", f -> encryptedEnvelope(f, fields(SALT))),
                malformed(
                        "KDF options too long",
                        "KDF options",
                        f -> encryptedEnvelope(f, concat(bcrypt(SALT, 1), new byte[1]))),
                vector(
                        "too many rounds",
                        LimitExceededException.class,
                        "withMaxBcryptRounds",
                        f -> encryptedEnvelope(f, bcrypt(SALT, 2049))),
                vector(
                        "2^32-1 rounds",
                        LimitExceededException.class,
                        "4294967295",
                        f -> encryptedEnvelope(f, bcrypt(SALT, 0xffffffffL))),
                vector("unknown cipher", UnsupportedKeyException.class, "aes999-ctr", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.cipher = "aes999-ctr";
                }),
                vector("unknown KDF", UnsupportedKeyException.class, "scrypt", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.kdf = "scrypt";
                }),
                vector(
                        "wrong passphrase",
                        WrongPassphraseException.class,
                        "wrong passphrase",
                        f -> encryptedEnvelope(f, bcrypt(SALT, 1))),
                malformed("half a block", "private section", f -> {
                    f.block = 0;
                    f.padding = new byte[] {1, 2};
                }),
                malformed("block of 8 for AES", "private section", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.block = 0;
                    // 132 bytes without padding: 136 are blocks of 8 and not of 16
                    f.padding = new byte[4];
                }),
                malformed("bytes behind", "end", f -> f.behind = new byte[1]),
                malformed("a tag without a cipher", "end", f -> f.behind = new byte[16]),
                malformed("no tag", "end", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.cipher = "aes256-gcm@openssh.com";
                }),
                malformed("short tag", "end", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.cipher = "chacha20-poly1305@openssh.com";
                    f.behind = new byte[15];
                }),
                vector("wrong tag", WrongPassphraseException.class, "damaged", f -> {
                    encryptedEnvelope(f, bcrypt(SALT, 1));
                    f.cipher = "chacha20-poly1305@openssh.com";
                    f.behind = new byte[16];
                }));
    }

    private static void encryptedEnvelope(OpensshFile file, byte[] kdfOptions) {
        file.cipher = "aes256-ctr";
        file.kdf = "bcrypt";
        file.kdfOptions = kdfOptions;
        file.block = 16;
    }

    static Stream<Arguments> sectionFaults() {
        byte[] otherPoint = Arrays.copyOfRange(OTHER.publicKey().blob(), 19, 51);
        return Stream.of(
                malformed("check numbers differ", "check numbers", f -> f.secondCheck = 43),
                vector(
                        "swapped public half",
                        KeyMismatchException.class,
                        "public key and private section",
                        f -> f.blob = OTHER.publicKey().blob()),
                vector(
                        "public half of another type",
                        KeyMismatchException.class,
                        "key type",
                        f -> f.blob = TestKeys.of("nistp256").publicKey().blob()),
                vector("other type inside", KeyMismatchException.class, "key type", f -> f.type = "ssh-rsa"),
                vector(
                        "other point inside",
                        KeyMismatchException.class,
                        "point",
                        f -> f.fields = fields(otherPoint, concat(SEED, POINT))),
                vector(
                        "other point behind the seed",
                        KeyMismatchException.class,
                        "behind the seed",
                        f -> f.fields = fields(POINT, concat(SEED, otherPoint))),
                vector(
                        "other seed",
                        KeyMismatchException.class,
                        "seed and point",
                        f -> f.fields = fields(POINT, concat(new byte[32], POINT))),
                malformed("seed alone", "seed and point", f -> f.fields = fields(POINT, SEED)),
                malformed(
                        "seed and point too long",
                        "seed and point",
                        f -> f.fields = fields(POINT, concat(SEED, POINT, new byte[1]))),
                malformed("empty seed and point", "seed and point", f -> f.fields = fields(POINT, new byte[0])),
                malformed("no fields", "point", f -> f.fields = new byte[0]),
                malformed("no comment", "padding", f -> {
                    f.fields = concat(fields(POINT, concat(SEED, POINT)), new byte[4]);
                    f.comment = new byte[0];
                }),
                malformed("padding from 0", "padding", f -> {
                    f.block = 0;
                    f.padding = new byte[] {0, 1, 2, 3};
                }),
                malformed("padding of zeros", "padding", f -> {
                    f.block = 0;
                    f.padding = new byte[4];
                }),
                malformed("padding with its last byte wrong", "padding", f -> {
                    f.block = 0;
                    f.padding = new byte[] {1, 2, 3, 5};
                }),
                malformed("17 bytes of padding", "padding", f -> {
                    f.block = 0;
                    f.comment = new byte[4];
                    f.padding = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
                }),
                malformed("Ed25519 point too short", "key", f -> f.blob = fields(ascii("ssh-ed25519"), new byte[31])),
                malformed("Ed25519 point off the curve", "key", f -> {
                    byte[] point = new byte[32];
                    point[0] = 2;
                    f.blob = fields(ascii("ssh-ed25519"), point);
                }),
                malformed("bytes behind the public key", "end of the blob", f -> f.blob = concat(f.blob, new byte[1])),
                malformed("empty blob", "algorithm", f -> f.blob = new byte[0]),
                vector(
                        "unknown type",
                        UnsupportedKeyException.class,
                        "ssh-unheard-of",
                        f -> f.blob = fields(ascii("ssh-unheard-of"), new byte[5])));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static Stream<Arguments> numberFaults() {
        RsaPublicKey rsa = (RsaPublicKey) TestKeys.of("rsa").publicKey();
        RsaPrivateKey key = (RsaPrivateKey) TestKeys.of("rsa").privateKey();
        BigInteger n = rsa.modulus();
        BigInteger e = rsa.exponent();
        BigInteger d = key.exponent().use(b -> new BigInteger(1, b));
        BigInteger p = key.primeP().use(b -> new BigInteger(1, b));
        BigInteger q = key.primeQ().use(b -> new BigInteger(1, b));
        BigInteger iqmp = key.coefficient().use(b -> new BigInteger(1, b));
        BigInteger two = BigInteger.TWO;
        EcdsaPublicKey ec = (EcdsaPublicKey) TestKeys.of("nistp256").publicKey();
        BigInteger scalar = ((EcdsaPrivateKey) TestKeys.of("nistp256").privateKey())
                .scalar()
                .use(b -> new BigInteger(1, b));
        BigInteger order = new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
        Class<KeyMismatchException> mismatch = KeyMismatchException.class;
        return Stream.of(
                vector("RSA as it is", SshKeyException.class, "", f -> rsa(f, n, e, d, iqmp, p, q)),
                vector("RSA e before n", mismatch, "modulus", f -> rsa(f, e, n, d, iqmp, p, q)),
                vector("RSA other exponent", mismatch, "exponent", f -> rsa(f, n, e.add(two), d, iqmp, p, q)),
                vector("RSA d of another key", mismatch, "exponents", f -> rsa(f, n, e, d.add(two), iqmp, p, q)),
                vector("RSA d is zero", mismatch, "exponent", f -> rsa(f, n, e, BigInteger.ZERO, iqmp, p, q)),
                vector("RSA d above n", mismatch, "exponent", f -> rsa(f, n, e, d.add(n), iqmp, p, q)),
                vector("RSA primes swapped", mismatch, "coefficient", f -> rsa(f, n, e, d, iqmp, q, p)),
                vector("RSA other prime", mismatch, "primes", f -> rsa(f, n, e, d, iqmp, p.add(two), q)),
                vector("RSA primes 1 and n", mismatch, "primes", f -> rsa(f, n, e, d, iqmp, BigInteger.ONE, n)),
                vector("RSA other coefficient", mismatch, "coefficient", f -> rsa(f, n, e, d, iqmp.add(two), p, q)),
                malformed("RSA negative d", "negative", f -> rsa(f, n, e, d.negate(), iqmp, p, q)),
                malformed("RSA negative prime", "negative", f -> rsa(f, n, e, d, iqmp, p, q.negate())),
                vector(
                        "RSA prime of 16392 bits",
                        LimitExceededException.class,
                        "16392",
                        f -> rsa(f, n, e, d, iqmp, BigInteger.ONE.shiftLeft(16391), q)),
                vector(
                        "RSA modulus of 1023 bits",
                        LimitExceededException.class,
                        "at least 1024 required",
                        f -> f.blob = rsaBlob(e, BigInteger.ONE.shiftLeft(1022).add(BigInteger.ONE))),
                vector(
                        "RSA modulus of 16392 bits",
                        LimitExceededException.class,
                        "16392",
                        f -> f.blob = rsaBlob(e, BigInteger.ONE.shiftLeft(16391).add(BigInteger.ONE))),
                malformed("RSA even modulus", "modulus", f -> f.blob = rsaBlob(e, n.add(BigInteger.ONE))),
                malformed("RSA exponent 1", "exponent", f -> f.blob = rsaBlob(BigInteger.ONE, n)),
                malformed("RSA even exponent", "exponent", f -> f.blob = rsaBlob(BigInteger.valueOf(65536), n)),
                malformed(
                        "RSA exponent of 33 bits",
                        "exponent",
                        f -> f.blob = rsaBlob(BigInteger.ONE.shiftLeft(32).add(BigInteger.ONE), n)),
                vector("ECDSA as it is", SshKeyException.class, "", f -> ecdsa(f, "nistp256", ec.point(), scalar)),
                vector(
                        "ECDSA other scalar",
                        mismatch,
                        "scalar",
                        f -> ecdsa(f, "nistp256", ec.point(), scalar.xor(BigInteger.ONE))),
                malformed("ECDSA scalar zero", "scalar", f -> ecdsa(f, "nistp256", ec.point(), BigInteger.ZERO)),
                malformed(
                        "ECDSA scalar above the order",
                        "scalar",
                        f -> ecdsa(f, "nistp256", ec.point(), scalar.add(order))),
                malformed("ECDSA negative scalar", "negative", f -> ecdsa(f, "nistp256", ec.point(), scalar.negate())),
                vector("ECDSA other curve inside", mismatch, "curve", f -> ecdsa(f, "nistp384", ec.point(), scalar)),
                vector("ECDSA other point inside", mismatch, "point", f -> ecdsa(f, "nistp256", new byte[65], scalar)),
                malformed("ECDSA point off the curve", "point", f -> {
                    byte[] point = ec.point();
                    point[64] ^= 1;
                    f.blob = ecBlob("nistp256", point);
                }),
                malformed("ECDSA compressed point", "point", f -> {
                    byte[] point = Arrays.copyOf(ec.point(), 33);
                    point[0] = 2;
                    f.blob = ecBlob("nistp256", point);
                }),
                malformed("ECDSA point at infinity", "point", f -> f.blob = ecBlob("nistp256", new byte[1])),
                malformed("ECDSA curve that is not the type's", "curve", f -> f.blob = ecBlob("nistp384", ec.point())));
    }

    private static byte[] rsaBlob(BigInteger e, BigInteger n) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString("ssh-rsa").writeMpint(e).writeMpint(n).toByteArray();
        }
    }

    private static byte[] ecBlob(String curve, byte[] point) {
        return fields(ascii("ecdsa-sha2-nistp256"), ascii(curve), point);
    }

    private static void rsa(OpensshFile file, BigInteger... numbers) {
        file.blob = TestKeys.of("rsa").publicKey().blob();
        file.type = "ssh-rsa";
        file.fields = fields(Arrays.stream(numbers).map(BigInteger::toByteArray).toArray(byte[][]::new));
    }

    private static void ecdsa(OpensshFile file, String curve, byte[] point, BigInteger scalar) {
        file.blob = TestKeys.of("nistp256").publicKey().blob();
        file.type = "ecdsa-sha2-nistp256";
        file.fields = fields(ascii(curve), point, scalar.toByteArray());
    }

    @Nested
    class Faults {
        @ParameterizedTest(name = "{0}")
        @MethodSource({
            "io.keywright.format.OpensshNegativeTest#envelopeFaults",
            "io.keywright.format.OpensshNegativeTest#sectionFaults",
            "io.keywright.format.OpensshNegativeTest#numberFaults"
        })
        void read_oneFault_saysWhich(
                String name, Class<? extends SshKeyException> expected, String message, Consumer<OpensshFile> fault) {
            OpensshFile file = new OpensshFile();
            fault.accept(file);
            String text = file.text();
            if (message.isEmpty()) {
                try (SshKeyPair pair = reader().read(text)) {
                    assertThat(pair.publicKey().blob()).as(name).isEqualTo(file.blob);
                }
                return;
            }
            assertThatThrownBy(() -> reader().read(text))
                    .isInstanceOf(expected)
                    .hasMessageContaining(message)
                    .hasNoCause();
        }

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
        void inspect_costAboveTheLimit_warnsAndComputesNothing() {
            OpensshFile file = new OpensshFile();
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

    /** Whatever is read, only {@link SshKeyException} may come out; each method of the reader is tried. */
    @Nested
    class Mutations {
        private final List<String> surprises = new ArrayList<>();
        private int opened;

        private void tryAll(byte[] content, String what) {
            tryOne(what + ", read", () -> reader().read(content).close());
            tryOne(what + ", readPublic", () -> reader().readPublic(content));
            tryOne(what + ", inspect", () -> KeyReader.inspect(content));
        }

        private void tryOne(String what, Runnable attempt) {
            try {
                attempt.run();
                opened++;
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

        @ParameterizedTest
        @ValueSource(longs = {1, 2})
        void read_randomChanges_throwsOnlyOurs(long seed) {
            Random random = new Random(seed);
            List<String> originals = new ArrayList<>();
            for (SshKeyPair pair : TestKeys.all().values()) {
                try (EncodedKey encoded = KeyWriter.openssh().write(pair)) {
                    originals.add(encoded.toText());
                }
            }
            originals.add(encrypted(OpensshCipher.CHACHA20_POLY1305));
            originals.add(encrypted(OpensshCipher.AES128_CBC));
            KeyReader reader = reader().withLimits(ReadLimits.defaults().withMaxBcryptRounds(1));
            for (int i = 0; i < 2500; i++) {
                String original = originals.get(random.nextInt(originals.size()));
                byte[] changed = random.nextBoolean()
                        ? change(ascii(original), random)
                        : ascii(OpensshFile.text(change(OpensshFile.binary(original), random)));
                String what = "seed " + seed + ", change " + i;
                tryOne(what + ", read", () -> reader.read(changed).close());
                tryOne(what + ", inspect", () -> KeyReader.inspect(changed));
            }
            assertThat(surprises).isEmpty();
            // Changes in check numbers, comments or blanks do no harm; if none were such, this tried nothing real.
            assertThat(opened).isPositive();
        }

        private byte[] change(byte[] original, Random random) {
            byte[] changed = original.clone();
            int flips = 1 + random.nextInt(3);
            for (int i = 0; i < flips; i++) {
                int at = random.nextInt(changed.length);
                switch (random.nextInt(3)) {
                    case 0 -> changed[at] = (byte) random.nextInt(256);
                    case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
                    default -> changed = without(changed, at, Math.min(changed.length, at + random.nextInt(20)));
                }
                if (changed.length == 0) {
                    return changed;
                }
            }
            return changed;
        }

        private byte[] without(byte[] bytes, int from, int to) {
            byte[] head = Arrays.copyOf(bytes, from);
            return concat(head, Arrays.copyOfRange(bytes, to, bytes.length));
        }

        @Test
        void read_randomBytes_throwsOnlyOurs() {
            Random random = new Random(7);
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                tryAll(bytes, "random " + i);
                tryAll(ascii(OpensshFile.text(bytes)), "random body " + i);
                tryAll(ascii(OpensshFile.text(concat(ascii("openssh-key-v1\0"), bytes))), "random content " + i);
            }
            assertThat(surprises).isEmpty();
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
        void write_sameRandom_sameBytes() {
            byte[] first = writeWith(new FixedRandom());
            assertThat(writeWith(new FixedRandom())).isEqualTo(first);
        }

        private byte[] writeWith(FixedRandom random) {
            try (Passphrase passphrase = Passphrase.of("abc".toCharArray());
                    EncodedKey encoded = KeyWriter.openssh()
                            .withPassphrase(passphrase)
                            .withRounds(1)
                            .withRandom(random)
                            .write(OpensshFile.PAIR)) {
                return encoded.toByteArray();
            }
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

    private static final class FixedRandom extends java.security.SecureRandom {
        private static final long serialVersionUID = 1;

        private int next;

        @Override
        public void nextBytes(byte[] bytes) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) next++;
            }
        }
    }
}
