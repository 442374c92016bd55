package io.keywright.format;

import static io.keywright.format.PublicPemTest.pem;
import static io.keywright.format.PublicPemTest.seq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What encrypts PKCS#8 besides today's common choice: PBES1, PKCS#12's schemes, GCM, and what can only be named. */
class PbesTest {
    private static final String NAME = "ed25519";
    private static final String SECRET = "päss wörd \ud83d\udd11";
    private static final String IN_CLEAR = plain();

    @TempDir
    Path folder = Path.of("");

    private static String plain() {
        try (EncodedKey encoded = KeyWriter.pkcs8().write(TestKeys.of(NAME))) {
            return encoded.toText();
        }
    }

    private static byte[] der(String text) {
        return KeyBlock.find(text.getBytes(StandardCharsets.US_ASCII)).decodeBase64();
    }

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(Passphrase.of(SECRET.toCharArray()));
    }

    private static void assertOpens(String text) {
        try (SshKeyPair pair = reader().read(text);
                EncodedKey again = KeyWriter.pkcs8().write(pair)) {
            assertThat(again.toText()).isEqualTo(IN_CLEAR);
        }
    }

    private String openssl(String options) throws IOException {
        return openssl(options, "pass:" + SECRET);
    }

    private String openssl(String options, String passphrase) throws IOException {
        Path in = Files.writeString(folder.resolve("in.pem"), IN_CLEAR);
        Path out = folder.resolve("out.pem");
        Tools.run(
                "sh",
                "-c",
                "openssl pkcs8 -topk8 -provider legacy -provider default " + options + " -passout '" + passphrase
                        + "' -in '" + in + "' -out '" + out + "'");
        return Files.readString(out);
    }

    private static ASN1ObjectIdentifier oid(String id) {
        return new ASN1ObjectIdentifier(id);
    }

    private static String sealed(ASN1Encodable scheme, byte[] data) {
        return pem("ENCRYPTED PRIVATE KEY", PublicPemCodec.encode(seq(scheme, new DEROctetString(data))));
    }

    /** Nine schemes of OpenSSL, with our names of cipher and key derivation. */
    @Nested
    class OldSchemes {
        @ParameterizedTest
        @CsvSource({
            "PBE-MD5-DES, des-cbc, PBKDF1-MD5",
            "PBE-SHA1-DES, des-cbc, PBKDF1-SHA1",
            "PBE-MD5-RC2-64, rc2-64-cbc, PBKDF1-MD5",
            "PBE-SHA1-RC2-64, rc2-64-cbc, PBKDF1-SHA1",
            "PBE-SHA1-3DES, 3des-cbc, PKCS#12-SHA1",
            "PBE-SHA1-2DES, 2des-cbc, PKCS#12-SHA1",
            "PBE-SHA1-RC2-128, rc2-128-cbc, PKCS#12-SHA1",
            "PBE-SHA1-RC2-40, rc2-40-cbc, PKCS#12-SHA1",
            "PBE-SHA1-RC4-128, rc4-128, PKCS#12-SHA1",
            "PBE-SHA1-RC4-40, rc4-40, PKCS#12-SHA1"
        })
        void read_schemeOfOpenssl_opensAndIsDescribed(String scheme, String cipher, String kdf) throws IOException {
            for (int iterations : new int[] {1, 2048, 100_001}) {
                String text = openssl("-v1 " + scheme + " -iter " + iterations);
                assertOpens(text);
                KeyInspection seen = KeyReader.inspect(text);
                assertThat(seen.encrypted()).isTrue();
                assertThat(seen.cipher()).contains(cipher);
                assertThat(seen.kdf()).contains(new KdfDescription(kdf, Map.of("iterations", (long) iterations)));
                assertThat(seen.warnings())
                        .isEqualTo(
                                iterations < 100_000
                                        ? List.of(KeyWarning.OUTDATED_CIPHER, KeyWarning.CHEAP_KDF)
                                        : List.of(KeyWarning.OUTDATED_CIPHER));
            }
        }

        @ParameterizedTest
        @CsvSource({"PBEWithMD2AndDES, 1.2.840.113549.1.5.1", "PBEWithMD5AndDES, 1.2.840.113549.1.5.3"})
        void read_schemeOfBouncyCastle_opens(String scheme, String id) throws GeneralSecurityException {
            byte[] salt = {1, 2, 3, 4, 5, 6, 7, 8};
            BouncyCastleProvider provider = new BouncyCastleProvider();
            Cipher cipher = Cipher.getInstance(scheme, provider);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(scheme, provider)
                            .generateSecret(new PBEKeySpec("only ASCII here".toCharArray())),
                    new PBEParameterSpec(salt, 77));
            String text = sealed(
                    seq(oid(id), seq(new DEROctetString(salt), new ASN1Integer(77))), cipher.doFinal(der(IN_CLEAR)));
            try (Passphrase passphrase = Passphrase.of("only ASCII here".toCharArray());
                    SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(text)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of(NAME).publicKey());
            }
        }

        @Test
        void read_md2WithRc2_isKnown() {
            KeyInspection seen = KeyReader.inspect(scheme("1.2.840.113549.1.5.4", 1, new byte[8]));
            assertThat(seen.kdf()).contains(new KdfDescription("PBKDF1-MD2", Map.of("iterations", 1L)));
            assertThat(seen.cipher()).contains("rc2-64-cbc");
        }

        /** PKCS#12 takes characters where others take bytes; OpenSSL takes bytes that are no UTF-8 one by one. */
        @Test
        void read_passphraseThatIsNoUtf8_opensAsWithOpenssl() throws IOException {
            byte[] latin1 = "pässword".getBytes(StandardCharsets.ISO_8859_1);
            Path file = Files.write(folder.resolve("pass"), latin1);
            for (String scheme : List.of("PBE-SHA1-3DES", "PBE-MD5-DES")) {
                String text = openssl("-v1 " + scheme, "file:" + file);
                try (Passphrase passphrase = Passphrase.ofBytes(latin1);
                        SshKeyPair pair =
                                KeyReader.of().withPassphrase(passphrase).read(text)) {
                    assertThat(pair.publicKey()).isEqualTo(TestKeys.of(NAME).publicKey());
                }
            }
        }

        @Test
        void utf16_endsWithTwoZeros() {
            assertThat(Pbes1.utf16("aä".getBytes(StandardCharsets.UTF_8))).containsExactly(0, 'a', 0, 0xe4, 0, 0);
            assertThat(Pbes1.utf16("\ud83d\udd11".getBytes(StandardCharsets.UTF_8)))
                    .containsExactly(0xd8, 0x3d, 0xdd, 0x11, 0, 0);
        }

        @ParameterizedTest
        @ValueSource(strings = {"PBE-SHA1-RC4-128", "PBE-SHA1-3DES", "PBE-MD5-DES"})
        void read_wrongPassphrase_throwsEveryTime(String scheme) throws IOException {
            String text = openssl("-v1 " + scheme + " -iter 1");
            // Among so many, some leave right padding by chance.
            for (int i = 0; i < 800; i++) {
                try (Passphrase wrong = Passphrase.of(("wrong" + i).toCharArray())) {
                    assertThatThrownBy(
                                    () -> KeyReader.of().withPassphrase(wrong).read(text))
                            .isInstanceOf(WrongPassphraseException.class);
                }
            }
        }
    }

    private static final byte[] SALT = new byte[8];
    private static final byte[] NONCE = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    private static String scheme(String id, long iterations, byte[] data) {
        return sealed(seq(oid(id), seq(new DEROctetString(SALT), new ASN1Integer(iterations))), data);
    }

    private static String pbes2(ASN1Encodable kdf, ASN1Encodable cipher, byte[] data) {
        return sealed(seq(Pbes2.PBES2, seq(kdf, cipher)), data);
    }

    private static ASN1Encodable pbkdf2(long iterations) {
        return seq(
                Pbes2Kdf.PBKDF2,
                seq(
                        new DEROctetString(SALT),
                        new ASN1Integer(iterations),
                        seq(oid(Pbkdf2Prf.SHA256.oid), DERNull.INSTANCE)));
    }

    private static ASN1Encodable aes256() {
        return seq(oid(CbcCipher.AES256.oid), new DEROctetString(new byte[16]));
    }

    private static ASN1Encodable gcm(int keyBits, byte[] nonce, ASN1Encodable... tagLength) {
        ASN1Encodable[] parameters = new ASN1Encodable[1 + tagLength.length];
        parameters[0] = new DEROctetString(nonce);
        System.arraycopy(tagLength, 0, parameters, 1, tagLength.length);
        String last = keyBits == 128 ? "6" : keyBits == 192 ? "26" : "46";
        return seq(oid("2.16.840.1.101.3.4.1." + last), seq(parameters));
    }

    private static byte[] sealGcm(int keyBits, byte[] nonce, int tagBits) throws GeneralSecurityException {
        byte[] key =
                Pbkdf2.derive("HmacSHA256", SECRET.getBytes(StandardCharsets.UTF_8), SALT, 1000, keyBits / Byte.SIZE);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(tagBits, nonce));
        return cipher.doFinal(der(IN_CLEAR));
    }

    /** The JDK seals, since no OpenSSL writes this. */
    @Nested
    class Gcm {
        @ParameterizedTest
        @ValueSource(ints = {128, 192, 256})
        void read_gcmOfTheJdk_opens(int keyBits) throws GeneralSecurityException {
            String text = pbes2(pbkdf2(1000), gcm(keyBits, NONCE, new ASN1Integer(16)), sealGcm(keyBits, NONCE, 128));
            assertOpens(text);
            assertThat(KeyReader.inspect(text).cipher()).contains("aes" + keyBits + "-gcm");
            assertThat(KeyReader.inspect(text).warnings()).containsExactly(KeyWarning.CHEAP_KDF);
        }

        @Test
        void read_tagLengthLeftOut_isTwelve() throws GeneralSecurityException {
            assertOpens(pbes2(pbkdf2(1000), gcm(256, NONCE), sealGcm(256, NONCE, 96)));
            assertOpens(pbes2(pbkdf2(1000), gcm(256, NONCE, new ASN1Integer(13)), sealGcm(256, NONCE, 104)));
        }

        @Test
        void read_nonceOfAnotherLength_opens() throws GeneralSecurityException {
            assertOpens(pbes2(pbkdf2(1000), gcm(256, SALT, new ASN1Integer(16)), sealGcm(256, SALT, 128)));
        }

        @Test
        void read_anyBitChanged_isWrongPassphraseOrDamage() throws GeneralSecurityException {
            byte[] good = sealGcm(256, NONCE, 128);
            for (int i : new int[] {0, good.length - 17, good.length - 16, good.length - 1}) {
                byte[] bad = good.clone();
                bad[i] ^= 1;
                assertThatThrownBy(() -> reader().read(pbes2(pbkdf2(1000), gcm(256, NONCE, new ASN1Integer(16)), bad)))
                        .isInstanceOf(WrongPassphraseException.class);
            }
        }
    }

    private static Arguments vector(
            String name, Class<? extends SshKeyException> expected, String message, String text) {
        return Arguments.of(name, expected, message, text);
    }

    private static Arguments malformed(String name, String message, String text) {
        return vector(name, MalformedKeyException.class, message, text);
    }

    private static final String PBE_3DES = "1.2.840.113549.1.12.1.3";
    private static final String PBE_MD5_DES = "1.2.840.113549.1.5.3";
    private static final String PBE_RC4 = "1.2.840.113549.1.12.1.1";

    static Stream<Arguments> faults() {
        byte[] block = new byte[16];
        ASN1Encodable salt = new DEROctetString(SALT);
        ASN1Encodable one = new ASN1Integer(1);
        return Stream.of(
                malformed("PBES1 without parameters", "PBE parameters", sealed(seq(oid(PBE_3DES)), block)),
                malformed("PBES1 with NULL", "SEQUENCE", sealed(seq(oid(PBE_3DES), DERNull.INSTANCE), block)),
                malformed("PBES1 without iterations", "iterations", sealed(seq(oid(PBE_3DES), seq(salt)), block)),
                malformed("PBES1 no iterations", "at least 1", scheme(PBE_3DES, 0, block)),
                malformed("PBES1 negative iterations", "negative", scheme(PBE_3DES, -1, block)),
                malformed("PBES1 more", "too many", sealed(seq(oid(PBE_3DES), seq(salt, one, one)), block)),
                malformed("PBES1 more behind", "too many", sealed(seq(oid(PBE_3DES), seq(salt, one), one), block)),
                malformed("PBES1 data not whole", "blocks", scheme(PBE_MD5_DES, 1, new byte[15])),
                malformed("PBES1 no data", "blocks", scheme(PBE_MD5_DES, 1, new byte[0])),
                vector(
                        "RC4 no data",
                        WrongPassphraseException.class,
                        "wrong passphrase",
                        scheme(PBE_RC4, 1, new byte[0])),
                vector(
                        "PBES1 iterations above the limit",
                        LimitExceededException.class,
                        "PBKDF1-MD5 iterations",
                        scheme(PBE_MD5_DES, 10_000_001, block)),
                vector(
                        "PKCS#12 iterations beyond a long",
                        LimitExceededException.class,
                        "withMaxPbkdf2Iterations",
                        sealed(seq(oid(PBE_3DES), seq(salt, new ASN1Integer(BigInteger.ONE.shiftLeft(64)))), block)),
                vector("unknown scheme", UnsupportedKeyException.class, "1.2.3.4", scheme("1.2.3.4", 1, block)),
                vector(
                        "unknown cipher",
                        UnsupportedKeyException.class,
                        "1.2.3.5",
                        pbes2(pbkdf2(1), seq(oid("1.2.3.5"), DERNull.INSTANCE), block)),
                vector(
                        "unknown KDF",
                        UnsupportedKeyException.class,
                        "1.2.3.6",
                        pbes2(seq(oid("1.2.3.6"), DERNull.INSTANCE), aes256(), block)),
                malformed("GCM no parameters", "GCM", pbes2(pbkdf2(1), seq(oid("2.16.840.1.101.3.4.1.6")), block)),
                malformed("GCM no nonce", "nonce", pbes2(pbkdf2(1), gcm(128, new byte[0]), block)),
                malformed("GCM nonce too long", "nonce", pbes2(pbkdf2(1), gcm(128, new byte[65]), block)),
                malformed(
                        "GCM tag too short",
                        "tag length",
                        pbes2(pbkdf2(1), gcm(128, NONCE, new ASN1Integer(11)), block)),
                malformed(
                        "GCM tag too long",
                        "tag length",
                        pbes2(pbkdf2(1), gcm(128, NONCE, new ASN1Integer(17)), block)),
                malformed("GCM more", "too many", pbes2(pbkdf2(1), gcm(128, NONCE, one, one), new byte[32])),
                malformed(
                        "GCM tag alone",
                        "nothing but a tag",
                        pbes2(pbkdf2(1), gcm(128, NONCE, new ASN1Integer(16)), block)),
                malformed("PBES2 more", "too many", sealed(seq(Pbes2.PBES2, seq(pbkdf2(1), aes256()), one), block)),
                malformed(
                        "PBES2 more inside",
                        "too many",
                        sealed(seq(Pbes2.PBES2, seq(pbkdf2(1), aes256(), one)), block)));
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.PbesTest#faults")
        void read_oneFault_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> reader().read(text))
                    .as(name)
                    .isInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @Test
        void read_unknownSchemeWithoutPassphrase_isUnsupportedAllTheSame() {
            assertThatThrownBy(() -> KeyReader.of().read(scheme("1.2.3.4", 1, new byte[16])))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo("1.2.3.4"));
            assertThatThrownBy(() -> KeyReader.of().read(scheme(PBE_3DES, 1, new byte[16])))
                    .isInstanceOf(PassphraseRequiredException.class);
        }

        @Test
        void read_iterationsAtARaisedLimit_areComputed() {
            String text = scheme(PBE_3DES, 11, new byte[16]);
            assertThatThrownBy(() -> reader().withLimits(ReadLimits.defaults().withMaxPbkdf2Iterations(10))
                            .read(text))
                    .isInstanceOf(LimitExceededException.class);
            assertThatThrownBy(() -> reader().withLimits(ReadLimits.defaults().withMaxPbkdf2Iterations(11))
                            .read(text))
                    .isInstanceOf(WrongPassphraseException.class);
        }
    }

    @Nested
    class Inspect {
        @Test
        void inspect_unknownScheme_saysItsIdentifier() {
            KeyInspection seen = KeyReader.inspect(scheme("1.2.3.4", 1, new byte[16]));
            assertThat(seen.format()).isEqualTo(KeyFormat.PKCS8);
            assertThat(seen.encrypted()).isTrue();
            assertThat(seen.cipher()).contains("1.2.3.4");
            assertThat(seen.kdf()).contains(new KdfDescription("unknown", Map.of()));
            assertThat(seen.warnings()).isEmpty();
        }

        @Test
        void inspect_unknownPartsOfPbes2_saysWhatIsKnown() {
            KeyInspection cipher =
                    KeyReader.inspect(pbes2(pbkdf2(600_000), seq(oid("1.2.3.5"), DERNull.INSTANCE), new byte[16]));
            assertThat(cipher.cipher()).contains("1.2.3.5");
            assertThat(cipher.kdf()).contains(new KdfDescription("PBKDF2-HMAC-SHA256", Map.of("iterations", 600_000L)));
            KeyInspection kdf = KeyReader.inspect(pbes2(seq(oid("1.2.3.6"), DERNull.INSTANCE), aes256(), new byte[16]));
            assertThat(kdf.cipher()).contains("aes256-cbc");
            assertThat(kdf.kdf()).contains(new KdfDescription("1.2.3.6", Map.of()));
        }

        @ParameterizedTest
        @CsvSource({
            "-v2 camellia-256-cbc, 1.2.392.200011.61.1.1.1.4, PBKDF2-HMAC-SHA256",
            "-v2 aes-256-cfb, 2.16.840.1.101.3.4.1.44, PBKDF2-HMAC-SHA256",
            "-v2 aes-256-cbc -v2prf hmacWithMD5, aes256-cbc, PBKDF2-1.2.840.113549.2.6"
        })
        void inspect_exoticKeyOfOpenssl_isDescribedAndReadingNamesIt(String options, String cipher, String kdf)
                throws IOException {
            String text = openssl(options);
            assertThat(KeyReader.inspect(text).cipher()).contains(cipher);
            assertThat(KeyReader.inspect(text).kdf().orElseThrow().name()).isEqualTo(kdf);
            assertThatThrownBy(() -> reader().read(text))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(List.of(cipher, kdf.replace("PBKDF2-", "")))
                                    .contains(e.algorithm()));
        }

        @Test
        void inspect_costAboveTheLimit_warns() {
            assertThat(KeyReader.inspect(scheme(PBE_3DES, 10_000_001, new byte[16]))
                            .warnings())
                    .contains(KeyWarning.KDF_ABOVE_LIMIT);
            assertThat(KeyReader.inspect(scheme(PBE_3DES, 10_000_000, new byte[16]))
                            .warnings())
                    .doesNotContain(KeyWarning.KDF_ABOVE_LIMIT);
        }
    }

    /** Ciphers and tags of all lengths against the file's own arithmetic: no length may be taken for another. */
    @Test
    void read_everyTruncationOfTheData_isRefused() throws IOException {
        String text = openssl("-v1 PBE-SHA1-3DES -iter 1");
        byte[] der = der(text);
        for (int length = 0; length < der.length; length++) {
            String cut = pem("ENCRYPTED PRIVATE KEY", Arrays.copyOf(der, length));
            assertThatThrownBy(() -> reader().read(cut)).isInstanceOf(MalformedKeyException.class);
        }
    }
}
