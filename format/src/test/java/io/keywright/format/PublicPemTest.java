package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.RsaPublicKey;
import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Public keys in PEM against ssh-keygen and OpenSSL, both ways, and what must not pass for one. */
class PublicPemTest {
    @TempDir
    Path folder = Path.of("");

    private static SshPublicKey key(String name) {
        return TestKeys.of(name).publicKey();
    }

    private static String text(PublicKeyWriter writer, SshPublicKey key) {
        try (EncodedKey encoded = writer.write(key)) {
            return encoded.toText();
        }
    }

    private Path line(SshPublicKey key) throws IOException {
        return Files.writeString(folder.resolve("line.pub"), key.toLine() + "\n");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("key.pem"), text);
    }

    static String pem(String label, byte[] der) {
        return new String(
                KeyBlock.armour("-----BEGIN " + label + "-----", "-----END " + label + "-----", der, 64),
                StandardCharsets.US_ASCII);
    }

    static DERSequence seq(ASN1Encodable... elements) {
        return new DERSequence(elements);
    }

    private static String spki(ASN1Encodable algorithm, byte[] bits, ASN1Encodable... more) {
        ASN1EncodableVector all = new ASN1EncodableVector();
        all.add(algorithm);
        all.add(new DERBitString(bits));
        for (ASN1Encodable element : more) {
            all.add(element);
        }
        return pem("PUBLIC KEY", PublicPemCodec.encode(new DERSequence(all)));
    }

    private static ASN1ObjectIdentifier oid(String id) {
        return new ASN1ObjectIdentifier(id);
    }

    @Nested
    class Read {
        @ParameterizedTest
        @CsvSource({
            "rsa, PKCS8",
            "rsa, PEM",
            "nistp256, PKCS8",
            "nistp384, PKCS8",
            "nistp521, PKCS8",
            "dsa, PKCS8",
        })
        void read_exportOfSshKeygen_isTheKey(String name, String option) throws IOException {
            String exported = Tools.run("ssh-keygen", "-e", "-m", option, "-f", line(key(name)));
            assertThat(KeyReader.of().readPublic(exported)).isEqualTo(key(name));
            assertThatThrownBy(() -> KeyReader.of().read(exported))
                    .isInstanceOfSatisfying(
                            UnexpectedPublicKeyException.class,
                            e -> assertThat(e.publicKey()).isEqualTo(key(name)));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ed25519",
                    "ed448",
                    "rsa -pkeyopt rsa_keygen_bits:2048",
                    "ec -pkeyopt ec_paramgen_curve:P-384"
                })
        void read_publicHalfFromOpenssl_isReadAndWrittenEqually(String algorithm) throws IOException {
            Path made = folder.resolve("made");
            Tools.run("sh", "-c", "openssl genpkey -quiet -out '" + made + "' -algorithm " + algorithm);
            String exported = Tools.run("openssl", "pkey", "-in", made, "-pubout") + "\n";
            SshPublicKey key = KeyReader.of().readPublic(exported);
            assertThat(text(KeyWriter.publicPem(), key)).isEqualTo(exported);
        }

        @Test
        void read_textVariants_sameKey() {
            String plain = text(KeyWriter.publicPem(), key("nistp256"));
            for (String variant : new String[] {
                plain.replace("\n", "\r\n"),
                plain.indent(3),
                "\ufeff" + plain,
                "text\n" + plain,
                plain.strip(),
                plain.replace("\n", " \n")
            }) {
                assertThat(KeyReader.of().readPublic(variant)).isEqualTo(key("nistp256"));
            }
        }

        @Test
        void inspect_key_saysFormatAndType() {
            KeyInspection seen = KeyReader.inspect(text(KeyWriter.publicPem(), key("ed25519")));
            assertThat(seen.format()).isEqualTo(KeyFormat.PUBLIC_PEM);
            assertThat(seen.holdsPrivateKey()).isFalse();
            assertThat(seen.encrypted()).isFalse();
            assertThat(seen.publicKey()).contains(key("ed25519"));
            assertThat(seen.warnings()).isEmpty();
        }
    }

    @Nested
    class Write {
        @ParameterizedTest
        @ValueSource(strings = {"rsa", "nistp256", "nistp384", "nistp521", "dsa", "ed25519", "ed448"})
        void write_spki_opensslWritesTheSame(String name) throws IOException {
            String written = text(KeyWriter.publicPem(), key(name));
            assertThat(KeyReader.of().readPublic(written)).isEqualTo(key(name));
            assertThat(Tools.run("openssl", "pkey", "-pubin", "-in", file(written)) + "\n")
                    .isEqualTo(written);
        }

        @ParameterizedTest
        @CsvSource({"rsa, PKCS8", "rsa, PEM", "nistp256, PKCS8", "nistp521, PKCS8", "dsa, PKCS8"})
        void write_either_sshKeygenImports(String name, String option) throws IOException {
            PublicKeyWriter writer = option.equals("PEM") ? KeyWriter.publicPkcs1() : KeyWriter.publicPem();
            Path written = file(text(writer, key(name)));
            assertThat(Tools.run("ssh-keygen", "-i", "-m", option, "-f", written))
                    .isEqualTo(key(name).withComment("").toLine());
        }

        @Test
        void write_pkcs1_isAsSshKeygenWritesIt() throws IOException {
            assertThat(text(KeyWriter.publicPkcs1(), key("rsa")))
                    .isEqualTo(Tools.run("ssh-keygen", "-e", "-m", "PEM", "-f", line(key("rsa"))) + "\n");
        }

        @Test
        void write_comment_isReportedAsLost() {
            try (EncodedKey with = KeyWriter.publicPem().write(key("rsa"));
                    EncodedKey without = KeyWriter.publicPem().write(key("rsa").withComment(""))) {
                assertThat(with.keepsComment()).isFalse();
                assertThat(without.keepsComment()).isTrue();
            }
        }

        @Test
        void write_keyWithoutAPlace_throws() {
            assertThatThrownBy(() -> KeyWriter.publicPem().write(key("sk-ed25519")))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("not written");
            assertThatThrownBy(() -> KeyWriter.publicPkcs1().write(key("ed25519")))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("PKCS#1 is for RSA");
        }
    }

    private static final ASN1ObjectIdentifier P256 = oid("1.2.840.10045.3.1.7");
    private static final byte[] POINT = ((EcdsaPublicKey) key("nistp256")).point();
    private static final byte[] EDWARDS = ((Ed25519PublicKey) key("ed25519")).point();
    private static final ASN1Integer MODULUS = new ASN1Integer(((RsaPublicKey) key("rsa")).modulus());

    private static Arguments vector(
            String name, Class<? extends SshKeyException> expected, String message, String text) {
        return Arguments.of(name, expected, message, text);
    }

    private static Arguments malformed(String name, String message, String text) {
        return vector(name, MalformedKeyException.class, message, text);
    }

    private static String ec(ASN1Encodable curve, byte[] point) {
        return spki(seq(KeyAlgorithmInfo.EC, curve), point);
    }

    private static String pkcs1(ASN1Encodable... numbers) {
        return pem("RSA PUBLIC KEY", PublicPemCodec.encode(seq(numbers)));
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    private static String nested(int depth) {
        DERSequence inner = seq();
        for (int i = 1; i < depth; i++) {
            inner = seq(inner);
        }
        return pem("PUBLIC KEY", PublicPemCodec.encode(inner));
    }

    static Stream<Arguments> faults() {
        ASN1Encodable ed = seq(KeyAlgorithmInfo.ED25519);
        return Stream.of(
                malformed("empty", "nothing", pem("PUBLIC KEY", new byte[0])),
                malformed("no sequence", "SEQUENCE", pem("PUBLIC KEY", new byte[] {2, 1, 5})),
                malformed("indefinite length", "indefinite", pem("PUBLIC KEY", new byte[] {0x30, (byte) 0x80, 0, 0})),
                malformed("length too long", "announces more", pem("PUBLIC KEY", new byte[] {0x30, 5, 0})),
                malformed("length of 5 bytes", "4 bytes", pem("PUBLIC KEY", new byte[] {0x30, (byte) 0x85, 0, 0, 0, 0, 0
                })),
                malformed("length of 2 GiB", "announces more", pem("PUBLIC KEY", new byte[] {
                    0x30, (byte) 0x84, 0x7f, -1, -1, -1
                })),
                malformed("tag alone", "announces more", pem("PUBLIC KEY", new byte[] {0x30})),
                malformed("high tag", "tag", pem("PUBLIC KEY", new byte[] {0x3f, 0x21, 0})),
                malformed("bytes behind", "ASN.1", pem("PUBLIC KEY", new byte[] {0x30, 0, 0, 0})),
                vector("nested too deeply", LimitExceededException.class, "withMaxAsn1Depth", nested(17)),
                malformed("nested as deeply as allowed", "algorithm", nested(16)),
                malformed("too many elements", "more than 1024", pem("PUBLIC KEY", manyElements())),
                malformed("empty sequence", "algorithm", pem("PUBLIC KEY", new byte[] {0x30, 0})),
                malformed("key missing", "public key", pem("PUBLIC KEY", PublicPemCodec.encode(seq(ed)))),
                malformed(
                        "octets for bits",
                        "BIT STRING",
                        pem("PUBLIC KEY", PublicPemCodec.encode(seq(ed, new DEROctetString(EDWARDS))))),
                malformed("third element", "too many", spki(ed, EDWARDS, DERNull.INSTANCE)),
                malformed(
                        "parameters for Ed25519",
                        "there must be none",
                        spki(seq(KeyAlgorithmInfo.ED25519, DERNull.INSTANCE), EDWARDS)),
                malformed("Ed25519 point too short", "32", spki(ed, Arrays.copyOf(EDWARDS, 31))),
                vector("X25519", UnsupportedKeyException.class, "1.3.101.110", spki(seq(oid("1.3.101.110")), EDWARDS)),
                vector("other curve", UnsupportedKeyException.class, "P-256", ec(oid("1.3.132.0.10"), POINT)),
                vector("curve spelt out", UnsupportedKeyException.class, "spelt out", ec(seq(), POINT)),
                malformed("curve missing", "curve", spki(seq(KeyAlgorithmInfo.EC), POINT)),
                malformed("point off the curve", "not on the curve", ec(P256, changed(POINT, 64, POINT[64] ^ 1))),
                malformed("compressed point", "uncompressed", ec(P256, changed(Arrays.copyOf(POINT, 33), 0, 2))),
                malformed("infinity", "uncompressed", ec(P256, new byte[1])),
                malformed("point of another curve", "uncompressed", ec(oid("1.3.132.0.34"), POINT)),
                malformed("negative modulus", "negative", pkcs1(new ASN1Integer(-3), new ASN1Integer(3))),
                malformed("even exponent", "odd", pkcs1(MODULUS, new ASN1Integer(4))),
                malformed("exponent missing", "exponent", pkcs1(MODULUS)),
                malformed("third number", "too many", pkcs1(MODULUS, new ASN1Integer(3), new ASN1Integer(3))),
                vector(
                        "small modulus",
                        LimitExceededException.class,
                        "1024",
                        pkcs1(new ASN1Integer(15), new ASN1Integer(3))),
                vector(
                        "huge modulus",
                        LimitExceededException.class,
                        "16384",
                        pkcs1(
                                new ASN1Integer(BigInteger.ONE.shiftLeft(20000).add(BigInteger.ONE)),
                                new ASN1Integer(3))),
                malformed("DSA without parameters", "SEQUENCE", spki(seq(KeyAlgorithmInfo.DSA), new byte[] {2, 1, 5})));
    }

    private static byte[] manyElements() {
        ASN1EncodableVector many = new ASN1EncodableVector();
        for (int i = 0; i < 1024; i++) {
            many.add(DERNull.INSTANCE);
        }
        return PublicPemCodec.encode(new DERSequence(many));
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.PublicPemTest#faults")
        void readPublic_oneFault_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> KeyReader.of().readPublic(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @Test
        void readPublic_randomChanges_throwNothingElse() {
            for (String name : List.of("dsa", "nistp256")) {
                byte[] good = KeyBlock.find(
                                text(KeyWriter.publicPem(), key(name)).getBytes(StandardCharsets.US_ASCII))
                        .decodeBase64();
                RandomDamage.assertThrowsOnlyOurs(
                        good, 1000, bad -> KeyReader.of().readPublic(pem("PUBLIC KEY", bad)));
            }
        }
    }
}
