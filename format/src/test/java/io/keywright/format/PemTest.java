package io.keywright.format;

import static io.keywright.format.PublicPemTest.pem;
import static io.keywright.format.PublicPemTest.seq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaCurve;
import io.keywright.EcdsaPrivateKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SecretBytes;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
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

/** Traditional PEM against OpenSSL and ssh-keygen, both ways, and what must not pass for it. */
class PemTest {
    private static final String SECRET = "päss wörd";
    private static final List<String> NAMES = List.of("rsa", "nistp256", "nistp384", "nistp521", "dsa");

    @TempDir
    Path folder = Path.of("");

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(Passphrase.of(SECRET.toCharArray()));
    }

    private static String plain(String name) {
        return plain(TestKeys.of(name));
    }

    private static String plain(SshKeyPair pair) {
        try (EncodedKey encoded = KeyWriter.pem().write(pair)) {
            return encoded.toText();
        }
    }

    private static String encrypted(String name, PemCipher cipher) {
        try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                EncodedKey encoded = KeyWriter.pem()
                        .withPassphrase(passphrase)
                        .withCipher(cipher)
                        .write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private static String encrypted(String name) {
        return encrypted(name, PemCipher.AES256_CBC);
    }

    private Path file(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("key.pem"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** Runs a shell command in which IN, OUT and SECRET stand for two files and the passphrase. */
    private Path shell(String command, Path in) {
        Path out = folder.resolve("out");
        Tools.run(
                "sh",
                "-c",
                command.replace("IN", "'" + in + "'")
                        .replace("OUT", "'" + out + "'")
                        .replace("SECRET", "'" + SECRET + "'"));
        return out;
    }

    private static void assertOpens(String text, String name) {
        try (SshKeyPair pair = reader().read(text)) {
            assertThat(pair.publicKey()).isEqualTo(TestKeys.of(name).publicKey());
            assertThat(plain(pair)).isEqualTo(plain(name));
        }
    }

    private static String label(String name) {
        return (name.startsWith("nist") ? "EC" : name.toUpperCase(java.util.Locale.ROOT)) + " PRIVATE KEY";
    }

    @Nested
    class Write {
        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa"})
        void write_plain_opensslWritesTheSame(String name) throws IOException {
            String written = plain(name);
            assertThat(written).startsWith("-----BEGIN " + label(name) + "-----\n");
            assertThat(Tools.run("openssl", "pkey", "-traditional", "-in", file(written)) + "\n")
                    .isEqualTo(written);
            assertOpens(written, name);
        }

        @ParameterizedTest
        @EnumSource
        void write_encrypted_opensslDecryptsToThePlainOne(PemCipher cipher) throws IOException {
            for (String name : NAMES) {
                String written = encrypted(name, cipher);
                assertThat(written.lines().skip(1).limit(3))
                        .containsExactly(
                                "Proc-Type: 4,ENCRYPTED",
                                written.lines().skip(2).findFirst().orElseThrow(),
                                "");
                assertThat(written).containsPattern("\nDEK-Info: " + cipher.pemName() + ",[0-9A-F]{32}\n");
                assertThat(Tools.run(
                                        "openssl",
                                        "pkey",
                                        "-traditional",
                                        "-passin",
                                        "pass:" + SECRET,
                                        "-in",
                                        file(written))
                                + "\n")
                        .isEqualTo(plain(name));
                assertOpens(written, name);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa"})
        void write_either_sshKeygenReadsAndWritesTheSame(String name) throws IOException {
            String line = TestKeys.of(name).publicKey().withComment("").toLine();
            assertThat(Tools.run("ssh-keygen", "-y", "-P", "", "-f", file(plain(name))))
                    .isEqualTo(line);
            for (PemCipher cipher : PemCipher.values()) {
                Path file = file(encrypted(name, cipher));
                assertThat(Tools.run("ssh-keygen", "-y", "-P", SECRET, "-f", file))
                        .isEqualTo(line);
                Tools.run("ssh-keygen", "-q", "-p", "-m", "PEM", "-P", SECRET, "-N", "", "-f", file);
                assertThat(Files.readString(file)).isEqualTo(plain(name));
            }
        }

        @Test
        void write_scalarWithLeadingZeros_keepsItsLength() throws IOException {
            byte[] scalar = new byte[32];
            scalar[31] = 7;
            try (EcdsaPrivateKey key =
                            EcdsaPrivateKey.takeOver(EcdsaCurve.NISTP256, SecretBytes.copyOf(new byte[] {7}));
                    SshKeyPair pair = SshKeyPair.of(key.derivePublicKey(), key)) {
                String written = plain(pair);
                assertThat(Tools.run("openssl", "pkey", "-traditional", "-in", file(written)) + "\n")
                        .isEqualTo(written);
                byte[] der = KeyBlock.find(written.getBytes(StandardCharsets.US_ASCII))
                        .decodeBase64();
                assertThat(ASN1Sequence.getInstance(der).getObjectAt(1)).isEqualTo(new DEROctetString(scalar));
            }
        }

        @Test
        void write_withoutCipher_takesTheDefault() {
            try (Passphrase passphrase = Passphrase.of(SECRET.toCharArray());
                    EncodedKey encoded = KeyWriter.of(KeyFormat.PEM)
                            .withPassphrase(passphrase)
                            .withComment("")
                            .write(TestKeys.of("nistp256"))) {
                assertThat(encoded.toText())
                        .contains("DEK-Info: " + PemKeyWriter.DEFAULT_CIPHER.pemName() + ",")
                        .endsWith("-----END EC PRIVATE KEY-----\n");
                assertThat(encoded.format()).isEqualTo(KeyFormat.PEM);
                assertThat(encoded.keepsComment()).isTrue();
            }
        }

        @Test
        void write_twice_takesAnotherIv() {
            assertThat(encrypted("nistp256")).isNotEqualTo(encrypted("nistp256"));
        }

        @Test
        void write_comment_isReportedAsLost() {
            try (EncodedKey with = KeyWriter.pem().write(TestKeys.of("rsa"))) {
                assertThat(with.keepsComment()).isFalse();
            }
        }

        @Test
        void write_cipherWithoutPassphrase_throws() {
            assertThatThrownBy(() ->
                            KeyWriter.pem().withCipher(PemCipher.AES128_CBC).write(TestKeys.of("rsa")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("plain");
        }

        @ParameterizedTest
        @ValueSource(strings = {"ed25519", "ed448", "sk-ed25519", "sk-ecdsa"})
        void write_keyWithoutTraditionalPem_throwsByName(String name) {
            String algorithm = TestKeys.of(name).publicKey().algorithm();
            assertThatThrownBy(() -> plain(name))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo(algorithm))
                    .hasMessageContaining("has no traditional PEM")
                    .hasMessageContaining("openssh-key-v1");
        }
    }

    static Stream<String> ciphersOfOpenssl() {
        return Stream.of("-aes128", "-aes192", "-aes256", "-des3", "-provider legacy -provider default -des");
    }

    @Nested
    class Read {
        /** PuTTY puts a zero byte in front of a scalar whose first bit is set. */
        @Test
        void read_ecScalarWithSignByte_opens() {
            byte[] scalar = {0};
            SshKeyPair pair = TestKeys.of("nistp256");
            while (scalar[0] >= 0) {
                pair = SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256).generate();
                scalar = ((EcdsaPrivateKey) pair.privateKey()).scalar().toByteArray();
            }
            byte[] signed = new byte[scalar.length + 1];
            System.arraycopy(scalar, 0, signed, 1, scalar.length);
            try (SshKeyPair read = KeyReader.of().read(ec(1, signed, curve(P256)))) {
                assertThat(Matrix.numbers(read)).isEqualTo(Matrix.numbers(pair));
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.PemTest#ciphersOfOpenssl")
        void read_encryptionOfOpenssl_opens(String cipher) throws IOException {
            for (String name : NAMES) {
                Path out = shell(
                        "openssl pkey -traditional -passout pass:SECRET " + cipher + " -in IN -out OUT",
                        file(plain(name)));
                assertThat(Files.readString(out)).contains("DEK-Info");
                assertOpens(Files.readString(out), name);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "openssl rsa -traditional -aes256 -passout pass:SECRET -in IN -out OUT; rsa",
                    "openssl ec -aes256 -passout pass:SECRET -in IN -out OUT; nistp384",
                    "openssl ec -in IN -out OUT; nistp521",
                    "openssl ec -no_public -in IN -out OUT; nistp256",
                    "openssl ec -no_public -aes192 -passout pass:SECRET -in IN -out OUT; nistp521",
                    "openssl dsa -aes128 -passout pass:SECRET -in IN -out OUT; dsa"
                })
        void read_commandOfOpenssl_opens(String commandAndName) throws IOException {
            String[] parts = commandAndName.split("; ", -1);
            Path out = shell(parts[0], file(plain(parts[1])));
            assertThat(KeyReader.inspect(out).format()).isEqualTo(KeyFormat.PEM);
            assertOpens(Files.readString(out), parts[1]);
        }

        @Test
        void read_parametersInFront_areSkipped() throws IOException {
            for (String curve : List.of("prime256v1", "secp384r1", "secp521r1")) {
                Path out = shell("openssl ecparam -genkey -name " + curve + " -out OUT", folder);
                String text = Files.readString(out);
                assertThat(text).startsWith("-----BEGIN EC PARAMETERS-----");
                try (SshKeyPair pair = KeyReader.of().read(text)) {
                    assertThat(text).endsWith(plain(pair));
                    assertThat(Tools.run("ssh-keygen", "-y", "-f", out))
                            .isEqualTo(pair.publicKey().toLine());
                }
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa -b 2048", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "dsa"})
        void read_keyOfSshKeygen_isWrittenAgainEqually(String type) throws IOException {
            Path made = folder.resolve("made");
            shell("ssh-keygen -q -m PEM -N '' -f OUT -t " + type, folder);
            Files.move(folder.resolve("out"), made);
            try (SshKeyPair pair = KeyReader.of().read(made)) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(folder.resolve("out.pub")));
                assertThat(plain(pair)).isEqualTo(Files.readString(made));
                Tools.run("ssh-keygen", "-q", "-p", "-m", "PEM", "-P", "", "-N", SECRET, "-f", made);
                assertThat(KeyReader.inspect(made).cipher()).contains("aes128-cbc");
                try (SshKeyPair opened = reader().read(made)) {
                    assertThat(opened.publicKey()).isEqualTo(pair.publicKey());
                }
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 31, 32})
        void read_scalarOfAnyLength_opens(int zeros) {
            // Some programs leave leading zeros of a scalar out.
            byte[] scalar = new byte[33 - zeros];
            scalar[scalar.length - 1] = 5;
            try (SshKeyPair pair = KeyReader.of().read(ec(1, scalar, curve(P256)))) {
                assertThat(Asn1PrivateKeys.number(((EcdsaPrivateKey) pair.privateKey()).scalar()))
                        .isEqualTo(BigInteger.valueOf(5));
            }
        }

        @Test
        void read_textVariants_open() {
            for (String name : List.of("rsa", "nistp256")) {
                for (String text : List.of(plain(name), encrypted(name))) {
                    for (String variant : variants(text)) {
                        assertOpens(variant, name);
                    }
                }
            }
        }

        private List<String> variants(String text) {
            List<String> variants = new ArrayList<>(List.of(
                    text.replace("\n", "\r\n"),
                    text.replace('\n', '\r'),
                    "\ufeff" + text,
                    text.indent(4),
                    text.replace("\n", " \t\n"),
                    text.stripTrailing(),
                    "\n\n" + text + "\n\n",
                    "Bag Attributes\n    localKeyID: 01 02\nKey Attributes: <No Attributes>\n" + text,
                    text.replace("\n\n", "\n"),
                    text.replaceFirst("-----\n", "-----\n\n"),
                    text.replace("DEK-Info: ", "dek-info:").replace("Proc-Type: 4,", "Proc-Type: 4, "),
                    text.replaceFirst("DEK-Info", "X-Other: words\nDEK-Info")));
            int from = text.contains("\n\n") ? text.indexOf("\n\n") + 2 : text.indexOf('\n') + 1;
            int to = text.indexOf("-----END");
            variants.add(
                    text.substring(0, from) + text.substring(from, to).replace("\n", "") + "\n" + text.substring(to));
            return variants;
        }

        @Test
        void read_whitespacePassphrase_isOne() throws IOException {
            Path out = shell("openssl ec -aes256 -passout 'pass:  ' -in IN -out OUT", file(plain("nistp256")));
            try (Passphrase blanks = Passphrase.of("  ".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(blanks).read(out)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("nistp256").publicKey());
            }
        }

        @Test
        void readPublic_plain_needsNoPassphraseAndEncryptedDoes() {
            assertThat(KeyReader.of().readPublic(plain("dsa")))
                    .isEqualTo(TestKeys.of("dsa").publicKey());
            assertThat(reader().readPublic(encrypted("dsa")))
                    .isEqualTo(TestKeys.of("dsa").publicKey());
            assertThatThrownBy(() -> KeyReader.of().readPublic(encrypted("dsa")))
                    .isInstanceOf(PassphraseRequiredException.class);
        }
    }

    @Nested
    class Inspect {
        @Test
        void inspect_plain_saysTheKey() {
            KeyInspection seen = KeyReader.inspect(plain("nistp384"));
            assertThat(seen.format()).isEqualTo(KeyFormat.PEM);
            assertThat(seen.holdsPrivateKey()).isTrue();
            assertThat(seen.publicKey()).contains(TestKeys.of("nistp384").publicKey());
            assertThat(seen.bits()).isEqualTo(384);
            assertThat(seen.encrypted()).isFalse();
            assertThat(seen.comment()).isEmpty();
            assertThat(seen.warnings()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "dsa"})
        void inspect_encrypted_saysCipherAndKdfAndWhatTheLabelTells(String name) {
            KeyInspection seen = KeyReader.inspect(encrypted(name));
            assertThat(seen.encrypted()).isTrue();
            assertThat(seen.cipher()).contains("aes256-cbc");
            assertThat(seen.kdf()).contains(new KdfDescription("MD5", Map.of("iterations", 1L)));
            assertThat(seen.publicKey()).isEmpty();
            assertThat(seen.bits()).isZero();
            // The label hides the curve alone.
            assertThat(seen.algorithm().orElse("hidden"))
                    .isEqualTo(
                            name.equals("nistp256")
                                    ? "hidden"
                                    : TestKeys.of(name).publicKey().algorithm());
            assertThat(seen.warnings())
                    .isEqualTo(
                            name.equals("dsa")
                                    ? List.of(KeyWarning.LEGACY_DSA, KeyWarning.CHEAP_KDF)
                                    : List.of(KeyWarning.CHEAP_KDF));
        }

        @Test
        void inspect_desCiphers_warns() {
            for (String cipher : List.of("DES-CBC", "DES-EDE3-CBC")) {
                KeyInspection seen =
                        KeyReader.inspect(sealed("4,ENCRYPTED", cipher + "," + "00".repeat(8), new byte[8]));
                assertThat(seen.warnings()).contains(KeyWarning.OUTDATED_CIPHER, KeyWarning.CHEAP_KDF);
            }
        }

        @Test
        void inspect_partOfABlock_isRefused() {
            String cut = encrypted("rsa").replaceFirst("\n\n.{4}", "\n\n");
            assertThatThrownBy(() -> KeyReader.inspect(cut))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("blocks");
        }

        @Test
        void inspect_unknownCipher_saysItsName() {
            KeyInspection seen =
                    KeyReader.inspect(sealed("4,ENCRYPTED", "CAMELLIA-256-CBC," + "00".repeat(16), new byte[8]));
            assertThat(seen.cipher()).contains("camellia-256-cbc");
            assertThat(seen.encrypted()).isTrue();
        }
    }

    private static final ASN1ObjectIdentifier P256 = new ASN1ObjectIdentifier("1.2.840.10045.3.1.7");

    private static ASN1Encodable curve(ASN1ObjectIdentifier name) {
        return new DERTaggedObject(true, 0, name);
    }

    private static ASN1Encodable point(byte[] point) {
        return new DERTaggedObject(true, 1, new DERBitString(point));
    }

    private static String ec(int version, byte[] scalar, ASN1Encodable... more) {
        ASN1Encodable[] all = new ASN1Encodable[2 + more.length];
        all[0] = new ASN1Integer(version);
        all[1] = new DEROctetString(scalar);
        System.arraycopy(more, 0, all, 2, more.length);
        return pem("EC PRIVATE KEY", PublicPemCodec.encode(seq(all)));
    }

    /** An RSA or DSA key of ours with one of its numbers changed by an amount. */
    private static String changed(String name, int number, long by) {
        ASN1Encodable[] fields = fields(name);
        BigInteger old = ((ASN1Integer) fields[number]).getValue();
        fields[number] = new ASN1Integer(old.add(BigInteger.valueOf(by)));
        return pem(label(name), PublicPemCodec.encode(new DERSequence(fields)));
    }

    private static String shortened(String name, int count) {
        return pem(label(name), PublicPemCodec.encode(new DERSequence(Arrays.copyOf(fields(name), count))));
    }

    private static String lengthened(String name) {
        ASN1Encodable[] fields = fields(name);
        ASN1Encodable[] more = Arrays.copyOf(fields, fields.length + 1);
        more[fields.length] = new ASN1Integer(0);
        return pem(label(name), PublicPemCodec.encode(new DERSequence(more)));
    }

    private static ASN1Encodable[] fields(String name) {
        return ASN1Sequence.getInstance(KeyBlock.find(plain(name).getBytes(StandardCharsets.US_ASCII))
                        .decodeBase64())
                .toArray();
    }

    private static String sealed(String procType, String dekInfo, byte[] data) {
        String text = pem("RSA PRIVATE KEY", data);
        return text.replaceFirst("\n", "\nProc-Type: " + procType + "\nDEK-Info: " + dekInfo + "\n\n");
    }

    private static String header(String procType, String dekInfo) {
        return sealed(procType, dekInfo, new byte[32]);
    }

    private static Arguments vector(
            String name, Class<? extends SshKeyException> expected, String message, String text) {
        return Arguments.of(name, expected, message, text);
    }

    private static Arguments malformed(String name, String message, String text) {
        return vector(name, MalformedKeyException.class, message, text);
    }

    private static Arguments mismatch(String name, String text) {
        return vector(name, KeyMismatchException.class, "belong", text);
    }

    private static final String IV = "0123456789ABCDEF0123456789abcdef";

    static Stream<Arguments> headerFaults() {
        String enc = "4,ENCRYPTED";
        return Stream.of(
                malformed("Proc-Type of another kind", "Proc-Type", header("4,MIC-ONLY", "AES-128-CBC," + IV)),
                malformed("Proc-Type of another version", "Proc-Type", header("3,ENCRYPTED", "AES-128-CBC," + IV)),
                malformed(
                        "Proc-Type missing",
                        "Proc-Type",
                        header(enc, "AES-128-CBC," + IV).replace("Proc-Type: " + enc + "\n", "")),
                malformed(
                        "DEK-Info missing",
                        "DEK-Info",
                        header(enc, "AES-128-CBC," + IV).replace("DEK-Info: AES-128-CBC," + IV + "\n", "")),
                malformed(
                        "DEK-Info twice", "twice", header(enc, "AES-128-CBC," + IV + "\nDEK-Info: AES-128-CBC," + IV)),
                malformed("Proc-Type twice", "twice", header(enc + "\nProc-Type: " + enc, "AES-128-CBC," + IV)),
                malformed("DEK-Info empty", "cipher's name", header(enc, "")),
                malformed("IV missing", "IV", header(enc, "AES-128-CBC")),
                malformed("IV empty", "16 bytes", header(enc, "AES-128-CBC,")),
                malformed("IV too short", "16 bytes", header(enc, "AES-128-CBC," + IV.substring(2))),
                malformed("IV too long", "16 bytes", header(enc, "AES-128-CBC," + IV + "00")),
                malformed("IV of half a byte", "whole bytes", header(enc, "AES-128-CBC," + IV.substring(1))),
                malformed("IV not hexadecimal", "hexadecimal", header(enc, "AES-128-CBC," + "zz".repeat(16))),
                malformed("IV of the other block size", "8 bytes", header(enc, "DES-EDE3-CBC," + IV)),
                malformed("name with a strange character", "cipher's name", header(enc, "AES_128," + IV)),
                malformed("name too long", "cipher's name", header(enc, "A".repeat(33) + "," + IV)),
                malformed("value too long", "128 bytes", header(enc, "AES-128-CBC," + IV.repeat(5))),
                vector(
                        "unknown cipher",
                        UnsupportedKeyException.class,
                        "CAMELLIA-256-CBC",
                        header(enc, "CAMELLIA-256-CBC," + IV)),
                vector(
                        "authenticated cipher",
                        UnsupportedKeyException.class,
                        "AES-256-GCM",
                        header(enc, "AES-256-GCM," + IV)),
                malformed("data not whole", "blocks", sealed(enc, "AES-128-CBC," + IV, new byte[31])),
                malformed("data one byte more", "blocks", sealed(enc, "AES-128-CBC," + IV, new byte[33])),
                malformed("no data", "blocks", sealed(enc, "AES-128-CBC," + IV, new byte[0])),
                malformed(
                        "headers alone",
                        "blocks",
                        header(enc, "AES-128-CBC," + IV).replaceAll("\n\n[^-]*", "\n\n")),
                malformed("not base64", "base64", plain("rsa").replaceFirst("MII", "MI*")),
                malformed("END missing", "END line", plain("rsa").replace("-----END", "----END")),
                malformed("END of another label", "END line", plain("rsa").replace("END RSA", "END DSA")),
                malformed("two keys", "two keys", plain("rsa") + plain("dsa")));
    }

    static Stream<Arguments> keyFaults() {
        byte[] one = new byte[32];
        one[31] = 1;
        byte[] other = ((EcdsaPublicKey) TestKeys.of("nistp256").publicKey()).point();
        byte[] off = other.clone();
        off[64] ^= 1;
        byte[] compressed = Arrays.copyOf(other, 33);
        compressed[0] = 2;
        return Stream.of(
                malformed("empty", "ASN.1", pem("RSA PRIVATE KEY", new byte[0])),
                malformed("no SEQUENCE", "SEQUENCE", pem("EC PRIVATE KEY", new byte[] {2, 1, 0})),
                malformed("RSA version", "RSA version", changed("rsa", 0, 2)),
                vector("RSA with three primes", UnsupportedKeyException.class, "two primes", changed("rsa", 0, 1)),
                malformed("RSA even modulus", "modulus", changed("rsa", 1, 1)),
                mismatch("RSA other modulus", changed("rsa", 1, 2)),
                mismatch("RSA other exponent", changed("rsa", 2, 2)),
                mismatch("RSA other private exponent", changed("rsa", 3, 2)),
                mismatch("RSA other p", changed("rsa", 4, 2)),
                mismatch("RSA other q", changed("rsa", 5, -2)),
                mismatch("RSA other exponent mod p-1", changed("rsa", 6, 1)),
                mismatch("RSA other exponent mod q-1", changed("rsa", 7, -1)),
                mismatch("RSA other coefficient", changed("rsa", 8, 1)),
                malformed("RSA coefficient missing", "RSA coefficient", shortened("rsa", 8)),
                malformed("RSA one number more", "too many", lengthened("rsa")),
                malformed(
                        "DSA label over an EC key",
                        "DSA version",
                        plain("nistp256").replace("EC P", "DSA P")),
                malformed("EC label over an RSA key", "EC", plain("rsa").replace("RSA P", "EC P")),
                malformed("DSA version", "DSA version", changed("dsa", 0, 1)),
                mismatch("DSA other y", changed("dsa", 4, 1)),
                mismatch("DSA other x", changed("dsa", 5, 1)),
                malformed("DSA x missing", "DSA x", shortened("dsa", 5)),
                malformed("DSA one number more", "too many", lengthened("dsa")),
                malformed("EC version", "EC version", ec(0, one, curve(P256))),
                malformed("EC scalar empty", "EC scalar", ec(1, new byte[0], curve(P256))),
                malformed("EC scalar one byte more", "EC scalar", ec(1, new byte[33], curve(P256))),
                vector("EC scalar zero", SshKeyException.class, "scalar", ec(1, new byte[32], curve(P256))),
                malformed("EC curve missing", "curve", ec(1, one)),
                malformed("EC curve missing before the point", "curve", ec(1, one, point(other))),
                vector(
                        "EC curve spelt out",
                        UnsupportedKeyException.class,
                        "spelt out",
                        ec(1, one, new DERTaggedObject(true, 0, seq()))),
                vector(
                        "EC curve of Bitcoin",
                        UnsupportedKeyException.class,
                        "1.3.132.0.10",
                        ec(1, one, curve(new ASN1ObjectIdentifier("1.3.132.0.10")))),
                mismatch("EC point of another key", ec(1, one, curve(P256), point(other))),
                malformed("EC point off the curve", "point", ec(1, one, curve(P256), point(off))),
                malformed("EC point compressed", "point", ec(1, one, curve(P256), point(compressed))),
                malformed("EC point one byte less", "point", ec(1, one, curve(P256), point(Arrays.copyOf(other, 64)))),
                malformed(
                        "EC point of odd bits",
                        "BIT STRING",
                        ec(1, one, curve(P256), new DERTaggedObject(true, 1, new DERBitString(other, 1)))),
                malformed("EC element behind", "too many", ec(1, one, curve(P256), DERNull.INSTANCE)));
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.PemTest#headerFaults")
        void read_oneFaultAround_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> reader().read(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.PemTest#keyFaults")
        void read_oneFaultInside_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> KeyReader.of().read(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @Test
        void read_faultUnderRightPassphrase_isTheFaultAndNotThePassphrase() {
            byte[] der = KeyBlock.find(changed("dsa", 4, 1).getBytes(StandardCharsets.US_ASCII))
                    .decodeBase64();
            String iv = "00".repeat(16);
            // The key of AES-128 under a zero IV is one link: MD5(passphrase || 8 zeros).
            byte[] key = md5(SECRET.getBytes(StandardCharsets.UTF_8), new byte[8]);
            byte[] data = CbcCipher.AES128.encryptPadded(key, new byte[16], der);
            String text = sealed("4,ENCRYPTED", "AES-128-CBC," + iv, data).replace("RSA PRIV", "DSA PRIV");
            assertThatThrownBy(() -> reader().read(text)).isInstanceOf(KeyMismatchException.class);
        }

        private byte[] md5(byte[] first, byte[] second) {
            org.bouncycastle.crypto.digests.MD5Digest digest = new org.bouncycastle.crypto.digests.MD5Digest();
            digest.update(first, 0, first.length);
            digest.update(second, 0, second.length);
            byte[] hash = new byte[16];
            digest.doFinal(hash, 0);
            return hash;
        }

        @Test
        void read_withoutPassphrase_asksForOne() {
            assertThatThrownBy(() -> KeyReader.of().read(encrypted("rsa")))
                    .isInstanceOfSatisfying(
                            PassphraseRequiredException.class,
                            e -> assertThat(e.publicKey()).isEmpty());
        }

        @Test
        void read_wrongPassphrase_throwsEveryTimeAndNamesDamageToo() {
            String text = encrypted("nistp256");
            // Among so many, some leave right padding by chance.
            for (int i = 0; i < 3000; i++) {
                try (Passphrase wrong = Passphrase.of(("wrong" + i).toCharArray())) {
                    assertThatThrownBy(
                                    () -> KeyReader.of().withPassphrase(wrong).read(text))
                            .isInstanceOfSatisfying(
                                    WrongPassphraseException.class,
                                    e -> assertThat(e.maybeCorrupted()).isTrue())
                            .hasMessageContaining("damaged")
                            .hasNoCause();
                }
            }
        }

        @Test
        void read_numberOfTooManyBits_exceedsTheLimit() {
            assertThatThrownBy(() -> KeyReader.of()
                            .read(pem(
                                    "RSA PRIVATE KEY",
                                    PublicPemCodec.encode(seq(
                                            new ASN1Integer(0), new ASN1Integer(BigInteger.ONE.shiftLeft(16384)))))))
                    .isInstanceOf(LimitExceededException.class);
        }

        @Test
        void read_deepNesting_exceedsTheLimit() {
            byte[] deep = new byte[40];
            for (int i = 0; i < 40; i += 2) {
                deep[i] = 0x30;
                deep[i + 1] = (byte) (38 - i);
            }
            assertThatThrownBy(() -> KeyReader.of().read(pem("EC PRIVATE KEY", deep)))
                    .isInstanceOf(LimitExceededException.class)
                    .hasMessageContaining("withMaxAsn1Depth");
        }

        @Test
        void read_everyTruncation_isRefused() {
            for (String name : List.of("nistp256", "dsa")) {
                byte[] good = KeyBlock.find(plain(name).getBytes(StandardCharsets.US_ASCII))
                        .decodeBase64();
                for (int length = 0; length < good.length; length++) {
                    String cut = pem(label(name), Arrays.copyOf(good, length));
                    assertThatThrownBy(() -> KeyReader.of().read(cut))
                            .as("%s cut to %d", name, length)
                            .isInstanceOf(MalformedKeyException.class);
                }
                String more = pem(label(name), Arrays.copyOf(good, good.length + 1));
                assertThatThrownBy(() -> KeyReader.of().read(more)).isInstanceOf(MalformedKeyException.class);
            }
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String text : List.of(plain("nistp256"), plain("dsa"), encrypted("rsa"))) {
                RandomDamage.assertThrowsOnlyOurs(
                        text.getBytes(StandardCharsets.UTF_8),
                        400,
                        bad -> reader().read(bad).close());
            }
        }
    }
}
