package io.keywright.format;

import static io.keywright.format.PublicPemTest.pem;
import static io.keywright.format.PublicPemTest.seq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PrivateKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PKCS#8 against OpenSSL and ssh-keygen, both ways, and what must not pass for it. */
class Pkcs8Test {
    private static final String SECRET = "päss wörd";

    @TempDir
    Path folder = Path.of("");

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(Passphrase.of(SECRET.toCharArray()));
    }

    private static String plain(String name) {
        try (EncodedKey encoded = KeyWriter.pkcs8().write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private static String encrypted(String name) {
        try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                EncodedKey encoded = KeyWriter.pkcs8()
                        .withPassphrase(passphrase)
                        .withIterations(2048)
                        .write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private static String cheap() {
        try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                EncodedKey encoded = KeyWriter.pkcs8()
                        .withPassphrase(passphrase)
                        .withIterations(1)
                        .write(TestKeys.of("ed25519"))) {
            return encoded.toText();
        }
    }

    private Path file(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("key.pem"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static void assertOpens(String text, String name) {
        try (SshKeyPair pair = reader().read(text)) {
            assertThat(pair.publicKey()).isEqualTo(TestKeys.of(name).publicKey());
        }
    }

    @Nested
    class Write {
        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa", "ed25519", "ed448"})
        void write_plain_opensslWritesTheSame(String name) throws IOException {
            String written = plain(name);
            assertOpens(written, name);
            assertThat(Tools.run("openssl", "pkey", "-in", file(written)) + "\n")
                    .isEqualTo(written);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa", "ed25519", "ed448"})
        void write_encrypted_opensslDecryptsToThePlainOne(String name) throws IOException {
            String written = encrypted(name);
            assertThat(written).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
            assertOpens(written, name);
            assertThat(Tools.run("openssl", "pkey", "-passin", "pass:" + SECRET, "-in", file(written)) + "\n")
                    .isEqualTo(plain(name));
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa"})
        void write_either_sshKeygenShowsThePublicHalf(String name) throws IOException {
            String line = TestKeys.of(name).publicKey().withComment("").toLine();
            assertThat(Tools.run("ssh-keygen", "-y", "-P", "", "-f", file(plain(name))))
                    .isEqualTo(line);
            assertThat(Tools.run("ssh-keygen", "-y", "-P", SECRET, "-f", file(encrypted(name))))
                    .isEqualTo(line);
        }

        @Test
        void write_comment_isReportedAsLost() {
            try (EncodedKey with = KeyWriter.pkcs8().write(TestKeys.of("ed25519"));
                    EncodedKey without =
                            KeyWriter.of(KeyFormat.PKCS8).withComment("").write(TestKeys.of("ed25519"))) {
                assertThat(with.keepsComment()).isFalse();
                assertThat(without.keepsComment()).isTrue();
            }
        }

        @Test
        void write_iterationsWithoutPassphrase_throws() {
            assertThatThrownBy(() -> KeyWriter.pkcs8().withIterations(5).write(TestKeys.of("rsa")))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> KeyWriter.pkcs8().withIterations(0)).isInstanceOf(IllegalArgumentException.class);
        }

        @ParameterizedTest
        @EnumSource
        void write_anyFunction_opensslDecrypts(Pbkdf2Prf prf) throws IOException {
            assertOpensslDecrypts(
                    KeyWriter.pkcs8().withPrf(prf).withIterations(1000),
                    "aes256-cbc",
                    new KdfDescription("PBKDF2-HMAC-" + prf.name().replace('_', '/'), Map.of("iterations", 1000L)));
        }

        @ParameterizedTest
        @EnumSource
        void write_anyCipher_opensslDecrypts(PemCipher cipher) throws IOException {
            assertOpensslDecrypts(
                    KeyWriter.pkcs8().withCipher(cipher).withIterations(1000),
                    cipher.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    new KdfDescription("PBKDF2-HMAC-SHA256", Map.of("iterations", 1000L)));
        }

        @Test
        void write_scrypt_opensslDecrypts() throws IOException {
            assertOpensslDecrypts(
                    KeyWriter.pkcs8().withScrypt(),
                    "aes256-cbc",
                    new KdfDescription("scrypt", Map.of("N", 16384L, "r", 8L, "p", 5L)));
            assertOpensslDecrypts(
                    KeyWriter.pkcs8().withScrypt(2, 1, 1).withCipher(PemCipher.AES128_CBC),
                    "aes128-cbc",
                    new KdfDescription("scrypt", Map.of("N", 2L, "r", 1L, "p", 1L)));
            assertOpensslDecrypts(
                    KeyWriter.pkcs8().withScrypt(1 << 10, 16, 16),
                    "aes256-cbc",
                    new KdfDescription("scrypt", Map.of("N", 1024L, "r", 16L, "p", 16L)));
        }

        private void assertOpensslDecrypts(Pkcs8KeyWriter writer, String cipher, KdfDescription kdf)
                throws IOException {
            try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                    EncodedKey encoded = writer.withPassphrase(passphrase).write(TestKeys.of("ed25519"))) {
                String written = encoded.toText();
                assertThat(Tools.run("openssl", "pkey", "-passin", "pass:" + SECRET, "-in", file(written)) + "\n")
                        .isEqualTo(plain("ed25519"));
                assertOpens(written, "ed25519");
                assertThat(KeyReader.inspect(written).cipher()).contains(cipher);
                assertThat(KeyReader.inspect(written).kdf()).hasValueSatisfying(seen -> {
                    assertThat(seen.name()).isEqualTo(kdf.name());
                    assertThat(seen.cost()).isEqualTo(kdf.cost());
                });
            }
        }

        @Test
        void write_defaults_areNotCalledCheapButAboveNoLimit() {
            Cases.leaveOutOfMutationRuns();
            for (Pkcs8KeyWriter writer : List.of(
                    KeyWriter.pkcs8(),
                    KeyWriter.pkcs8().withScrypt(),
                    KeyWriter.pkcs8().withScrypt(1 << 17, 8, 1))) {
                try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                        EncodedKey encoded = writer.withPassphrase(passphrase).write(TestKeys.of("ed25519"))) {
                    assertThat(KeyReader.inspect(encoded.toText()).warnings()).isEmpty();
                }
            }
        }

        @Test
        void withScrypt_costOutOfRange_throws() {
            int[][] costs = {
                {0, 8, 1},
                {1, 8, 1},
                {3, 8, 1},
                {-16, 8, 1},
                {1 << 16, 1, 1},
                {16, 0, 1},
                {16, 8, 0},
                {16, 8, 17},
                {1 << 19, 8, 1},
                {1 << 18, 9, 1},
                {2, 1 << 21, 1},
                {2, 1 << 20, 3},
                {1 << 30, 1 << 30, 1}
            };
            for (int[] cost : costs) {
                assertThatThrownBy(() -> KeyWriter.pkcs8().withScrypt(cost[0], cost[1], cost[2]))
                        .as(Arrays.toString(cost))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(KeyWriter.pkcs8().withScrypt(1 << 18, 8, 16)).isNotNull();
            assertThat(KeyWriter.pkcs8().withScrypt(1 << 15, 1, 1)).isNotNull();
        }

        @Test
        void write_optionsThatContradict_throws() {
            try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray())) {
                Pkcs8KeyWriter scrypt =
                        KeyWriter.pkcs8().withPassphrase(passphrase).withScrypt();
                for (Pkcs8KeyWriter writer : List.of(scrypt.withIterations(1000), scrypt.withPrf(Pbkdf2Prf.SHA512))) {
                    assertThatThrownBy(() -> writer.write(TestKeys.of("ed25519")))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("choose one");
                }
            }
            for (Pkcs8KeyWriter writer : List.of(
                    KeyWriter.pkcs8().withScrypt(),
                    KeyWriter.pkcs8().withPrf(Pbkdf2Prf.SHA512),
                    KeyWriter.pkcs8().withCipher(PemCipher.AES128_CBC))) {
                assertThatThrownBy(() -> writer.write(TestKeys.of("ed25519")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("plain");
            }
        }

        @Test
        void write_tokenKey_throws() {
            assertThatThrownBy(() -> plain("sk-ed25519"))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("not written");
        }
    }

    static Stream<String> encryptionsOfOpenssl() {
        return Stream.of(
                "-v2 aes-128-cbc",
                "-v2 aes-192-cbc",
                "-v2 aes-256-cbc",
                "-v2 des3",
                "-v2 aes-256-cbc -v2prf hmacWithSHA1",
                "-v2 aes-256-cbc -v2prf hmacWithSHA224",
                "-v2 aes-256-cbc -v2prf hmacWithSHA384",
                "-v2 des3 -v2prf hmacWithSHA512",
                "-v2 aes-128-cbc -v2prf hmacWithSHA512-224",
                "-v2 aes-256-cbc -v2prf hmacWithSHA512-256",
                "-provider legacy -provider default -v2 des-cbc",
                "-v2 aes-128-cbc -iter 5000",
                "-scrypt",
                "-v2 aes-128-cbc -scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2");
    }

    @Nested
    class Read {
        @ParameterizedTest
        @MethodSource("io.keywright.format.Pkcs8Test#encryptionsOfOpenssl")
        void read_encryptionOfOpenssl_opens(String options) throws IOException {
            for (String name : List.of("ed25519", "nistp384")) {
                Path out = folder.resolve("out-" + name);
                Tools.run(
                        "sh",
                        "-c",
                        "openssl pkcs8 -topk8 -passout 'pass:" + SECRET + "' " + options + " -in '" + file(plain(name))
                                + "' -out '" + out + "'");
                assertOpens(Files.readString(out), name);
                assertThat(KeyReader.inspect(out).encrypted()).isTrue();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa -b 2048", "ecdsa -b 256", "ecdsa -b 521", "dsa"})
        void read_keyOfSshKeygen_isItsPublicHalf(String type) throws IOException {
            for (String passphrase : List.of("", SECRET)) {
                Path made = folder.resolve("made" + passphrase.length());
                Tools.run("sh", "-c", "ssh-keygen -q -m PKCS8 -N '" + passphrase + "' -f '" + made + "' -t " + type);
                try (SshKeyPair pair = reader().read(made)) {
                    assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(Path.of(made + ".pub")));
                }
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ed25519",
                    "ed448",
                    "rsa",
                    "ec -pkeyopt ec_paramgen_curve:P-521",
                    "ec -pkeyopt ec_paramgen_curve:P-256"
                })
        void read_keyOfOpenssl_isWrittenAgainEqually(String algorithm) throws IOException {
            Path made = folder.resolve("made");
            Tools.run("sh", "-c", "openssl genpkey -quiet -out '" + made + "' -algorithm " + algorithm);
            try (SshKeyPair pair = KeyReader.of().read(made);
                    EncodedKey written = KeyWriter.pkcs8().write(pair)) {
                assertThat(written.toText()).isEqualTo(Files.readString(made));
            }
        }

        @Test
        void read_ecWithoutPublicHalf_derivesIt() {
            byte[] scalar = ((EcdsaPrivateKey) TestKeys.of("nistp256").privateKey())
                    .scalar()
                    .toByteArray();
            ASN1Encodable key = seq(new ASN1Integer(1), new DEROctetString(scalar));
            assertOpens(info(0, ecAlgorithm(), key), "nistp256");
        }

        @Test
        void read_version2WithPublicHalf_opens() {
            assertOpens(
                    pem(
                            "PRIVATE KEY",
                            PublicPemCodec.encode(seq(
                                    new ASN1Integer(1), seq(KeyAlgorithmInfo.ED25519), seed(SEED), publicHalf(POINT)))),
                    "ed25519");
        }

        @Test
        void read_textVariants_open() {
            String text = encrypted("ed25519");
            for (String variant : List.of(
                    text.replace("\n", "\r\n"),
                    text.indent(2),
                    "\ufeff" + text,
                    "Bag Attributes\n" + text,
                    text.replace('\n', '\r'),
                    text.replace("\n", " \t\n"),
                    "\n\n" + text + "\n\n",
                    oneLine(text),
                    text.strip())) {
                assertOpens(variant, "ed25519");
            }
        }

        private String oneLine(String text) {
            int from = text.indexOf('\n') + 1;
            int to = text.indexOf("-----END");
            return text.substring(0, from) + text.substring(from, to).replace("\n", "") + "\n" + text.substring(to);
        }

        @Test
        void read_whitespacePassphrase_isOne() throws IOException {
            Path out = folder.resolve("out");
            Tools.run("openssl", "pkcs8", "-topk8", "-passout", "pass:  ", "-in", file(plain("ed25519")), "-out", out);
            try (Passphrase blanks = Passphrase.of("  ".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(blanks).read(out)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("ed25519").publicKey());
            }
        }

        @Test
        void read_interrupted_stops() {
            String costly = costly(9_000_000);
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> reader().read(costly)).isInstanceOf(KeyDerivationInterruptedException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }

        @Test
        void inspect_encrypted_saysCipherAndCost() {
            KeyInspection seen = KeyReader.inspect(encrypted("rsa"));
            assertThat(seen.format()).isEqualTo(KeyFormat.PKCS8);
            assertThat(seen.cipher()).contains("aes256-cbc");
            assertThat(seen.kdf()).contains(new KdfDescription("PBKDF2-HMAC-SHA256", Map.of("iterations", 2048L)));
            assertThat(seen.publicKey()).isEmpty();
            assertThat(seen.warnings()).containsExactly(KeyWarning.CHEAP_KDF);
        }

        @Test
        void inspect_plain_saysTheKey() {
            KeyInspection seen = KeyReader.inspect(plain("nistp521"));
            assertThat(seen.publicKey()).contains(TestKeys.of("nistp521").publicKey());
            assertThat(seen.encrypted()).isFalse();
            assertThat(seen.holdsPrivateKey()).isTrue();
        }
    }

    private static final byte[] SEED =
            ((Ed25519PrivateKey) TestKeys.of("ed25519").privateKey()).seed().toByteArray();
    private static final byte[] POINT =
            ((Ed25519PublicKey) TestKeys.of("ed25519").publicKey()).point();

    private static ASN1ObjectIdentifier oid(String id) {
        return new ASN1ObjectIdentifier(id);
    }

    private static ASN1Encodable ecAlgorithm() {
        return seq(KeyAlgorithmInfo.EC, oid("1.2.840.10045.3.1.7"));
    }

    private static ASN1Encodable seed(byte[] seed) {
        return new DEROctetString(PublicPemCodec.encode(new DEROctetString(seed)));
    }

    private static ASN1Encodable publicHalf(byte[] point) {
        return new DERTaggedObject(false, 1, new DERBitString(point));
    }

    private static String info(int version, ASN1Encodable algorithm, ASN1Encodable key) {
        return pem(
                "PRIVATE KEY",
                PublicPemCodec.encode(
                        seq(new ASN1Integer(version), algorithm, new DEROctetString(PublicPemCodec.encode((DERSequence)
                                key)))));
    }

    private static String ed(ASN1Encodable... elements) {
        return pem("PRIVATE KEY", PublicPemCodec.encode(seq(elements)));
    }

    private static String sealed(ASN1Encodable kdf, ASN1Encodable cipher, int bytes) {
        return pem(
                "ENCRYPTED PRIVATE KEY",
                PublicPemCodec.encode(
                        seq(seq(oid("1.2.840.113549.1.5.13"), seq(kdf, cipher)), new DEROctetString(new byte[bytes]))));
    }

    private static ASN1Encodable aes(int iv) {
        return seq(oid(CbcCipher.AES256.oid), new DEROctetString(new byte[iv]));
    }

    private static ASN1Encodable pbkdf2(ASN1Encodable... parameters) {
        return seq(oid("1.2.840.113549.1.5.12"), seq(parameters));
    }

    private static ASN1Encodable scrypt(long cost, long blockSize, long parallelism) {
        return seq(
                oid("1.3.6.1.4.1.11591.4.11"),
                seq(SALT, new ASN1Integer(cost), new ASN1Integer(blockSize), new ASN1Integer(parallelism)));
    }

    private static String costly(long iterations) {
        return sealed(pbkdf2(SALT, new ASN1Integer(iterations)), aes(16), 32);
    }

    private static final ASN1Encodable SALT = new DEROctetString(new byte[8]);

    private static Arguments vector(
            String name, Class<? extends SshKeyException> expected, String message, String text) {
        return Arguments.of(name, expected, message, text);
    }

    private static Arguments malformed(String name, String message, String text) {
        return vector(name, MalformedKeyException.class, message, text);
    }

    private static ASN1Encodable ecKey(int version, int scalarBytes, ASN1Encodable... more) {
        ASN1Encodable[] all = new ASN1Encodable[2 + more.length];
        all[0] = new ASN1Integer(version);
        byte[] scalar = new byte[scalarBytes];
        Arrays.fill(scalar, (byte) 1);
        all[1] = new DEROctetString(scalar);
        System.arraycopy(more, 0, all, 2, more.length);
        return seq(all);
    }

    static Stream<Arguments> faults() {
        ASN1Encodable ed = seq(KeyAlgorithmInfo.ED25519);
        ASN1Encodable zero = new ASN1Integer(0);
        byte[] otherPoint = ((EcdsaPublicKey) TestKeys.of("nistp256").publicKey()).point();
        ASN1Encodable other = new DERTaggedObject(true, 1, new DERBitString(otherPoint));
        return Stream.of(
                malformed("version 2", "version", ed(new ASN1Integer(2), ed, seed(SEED))),
                malformed("version missing", "version", ed(ed, seed(SEED))),
                malformed("key missing", "private key", ed(zero, ed)),
                malformed("seed not nested", "ASN.1", ed(zero, ed, new DEROctetString(SEED))),
                malformed("seed too short", "32 bytes", ed(zero, ed, seed(Arrays.copyOf(SEED, 31)))),
                malformed("seed too long", "32 bytes", ed(zero, ed, seed(Arrays.copyOf(SEED, 33)))),
                malformed(
                        "parameters",
                        "there must be none",
                        ed(zero, seq(KeyAlgorithmInfo.ED25519, DERNull.INSTANCE), seed(SEED))),
                malformed("public half in version 1", "version 0", ed(zero, ed, seed(SEED), publicHalf(POINT))),
                vector(
                        "swapped public half",
                        KeyMismatchException.class,
                        "belong",
                        ed(new ASN1Integer(1), ed, seed(SEED), publicHalf(new byte[32]))),
                malformed("element behind", "too many", ed(zero, ed, seed(SEED), DERNull.INSTANCE)),
                vector(
                        "X25519",
                        UnsupportedKeyException.class,
                        "1.3.101.110",
                        ed(zero, seq(oid("1.3.101.110")), seed(SEED))),
                malformed("EC version", "EC version", info(0, ecAlgorithm(), ecKey(0, 32))),
                malformed("EC scalar too long", "EC scalar", info(0, ecAlgorithm(), ecKey(1, 33))),
                malformed("EC scalar empty", "EC scalar", info(0, ecAlgorithm(), ecKey(1, 0))),
                vector(
                        "EC public half swapped",
                        KeyMismatchException.class,
                        "point",
                        info(0, ecAlgorithm(), ecKey(1, 32, other))),
                vector(
                        "EC curves differ",
                        KeyMismatchException.class,
                        "curve",
                        info(0, ecAlgorithm(), ecKey(1, 32, new DERTaggedObject(true, 0, oid("1.3.132.0.34"))))),
                malformed(
                        "RSA without numbers", "RSA", info(0, seq(KeyAlgorithmInfo.RSA, DERNull.INSTANCE), seq(zero))),
                vector(
                        "RSA with three primes",
                        UnsupportedKeyException.class,
                        "two primes",
                        info(0, seq(KeyAlgorithmInfo.RSA), seq(new ASN1Integer(1)))),
                vector(
                        "unknown cipher",
                        UnsupportedKeyException.class,
                        "1.2.3",
                        sealed(pbkdf2(SALT, new ASN1Integer(1)), seq(oid("1.2.3"), SALT), 32)),
                vector("unknown KDF", UnsupportedKeyException.class, "1.2.4", sealed(seq(oid("1.2.4")), aes(16), 32)),
                vector(
                        "unknown PRF",
                        UnsupportedKeyException.class,
                        "1.2.5",
                        sealed(pbkdf2(SALT, new ASN1Integer(1), seq(oid("1.2.5"))), aes(16), 32)),
                malformed("no iterations", "at least 1", sealed(pbkdf2(SALT, zero), aes(16), 32)),
                malformed("negative iterations", "negative", sealed(pbkdf2(SALT, new ASN1Integer(-1)), aes(16), 32)),
                malformed("IV too short", "IV", sealed(pbkdf2(SALT, new ASN1Integer(1)), aes(15), 32)),
                malformed(
                        "key length",
                        "key length",
                        sealed(pbkdf2(SALT, new ASN1Integer(1), new ASN1Integer(16)), aes(16), 32)),
                malformed("data not whole", "blocks", sealed(pbkdf2(SALT, new ASN1Integer(1)), aes(16), 31)),
                malformed("no data", "blocks", sealed(pbkdf2(SALT, new ASN1Integer(1)), aes(16), 0)),
                vector(
                        "iterations above the limit",
                        LimitExceededException.class,
                        "withMaxPbkdf2Iterations",
                        costly(10_000_001)),
                vector(
                        "iterations beyond a long",
                        LimitExceededException.class,
                        "PBKDF2",
                        sealed(pbkdf2(SALT, new ASN1Integer(BigInteger.ONE.shiftLeft(99))), aes(16), 32)),
                vector(
                        "scrypt memory",
                        LimitExceededException.class,
                        "withMaxScryptMemoryBytes",
                        sealed(scrypt(1L << 40, 8, 1), aes(16), 32)),
                vector("scrypt p", LimitExceededException.class, "parallelism", sealed(scrypt(16, 8, 17), aes(16), 32)),
                malformed("scrypt N no power", "power of two", sealed(scrypt(15, 8, 1), aes(16), 32)),
                malformed("scrypt N of 1", "power of two", sealed(scrypt(1, 8, 1), aes(16), 32)),
                malformed("scrypt N too large for r", "power of two", sealed(scrypt(1 << 16, 1, 1), aes(16), 32)));
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.Pkcs8Test#faults")
        void read_oneFault_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> reader().read(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @Test
        void read_withoutPassphrase_asksForOne() {
            assertThatThrownBy(() -> KeyReader.of().read(encrypted("rsa")))
                    .isInstanceOf(PassphraseRequiredException.class);
        }

        @Test
        void read_wrongPassphrase_throwsEveryTime() {
            String text = cheap();
            // Among so many, some leave right padding by chance.
            for (int i = 0; i < 1500; i++) {
                try (Passphrase wrong = Passphrase.of(("wrong" + i).toCharArray())) {
                    assertThatThrownBy(
                                    () -> KeyReader.of().withPassphrase(wrong).read(text))
                            .isInstanceOf(WrongPassphraseException.class);
                }
            }
        }

        @Test
        void inspect_costAboveTheLimit_warns() {
            assertThat(KeyReader.inspect(costly(10_000_001)).warnings()).contains(KeyWarning.KDF_ABOVE_LIMIT);
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String name : List.of("nistp256", "dsa", "ed25519")) {
                byte[] good = KeyBlock.find(plain(name).getBytes(StandardCharsets.US_ASCII))
                        .decodeBase64();
                RandomDamage.assertThrowsOnlyOurs(
                        good,
                        300,
                        bad -> KeyReader.of().read(pem("PRIVATE KEY", bad)).close());
            }
        }
    }
}
