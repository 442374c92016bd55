package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keywright.KeyComment;
import io.keywright.KeyMismatchException;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.NotAKeyException;
import io.keywright.Passphrase;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.SshSignature;
import io.keywright.UnexpectedPublicKeyException;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JWK both ways, against the examples of the RFCs and against jose4j, an implementation of its own. */
class JwkTest {
    /** RFC 8037, appendix A.1. */
    private static final String RFC_ED25519 = """
            {"kty":"OKP","crv":"Ed25519",
            "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
            """;
    /** RFC 7517, appendix A.2. */
    private static final String RFC_EC = """
            {"kty":"EC",
             "crv":"P-256",
             "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
             "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
             "d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
             "use":"enc",
             "kid":"1"}
            """;

    static Stream<String> types() {
        return Stream.of("ed25519", "ed448", "rsa", "nistp256", "nistp384", "nistp521");
    }

    private static String written(SshKeyPair pair) {
        try (EncodedKey encoded = KeyWriter.jwk().write(pair)) {
            return encoded.toText();
        }
    }

    private static String written(SshPublicKey key) {
        try (EncodedKey encoded = KeyWriter.publicJwk().write(key)) {
            return encoded.toText();
        }
    }

    private static String written(String name) {
        return written(TestKeys.of(name));
    }

    /** Puts another value into the one member of that name. */
    private static String with(String json, String member, String value) {
        String changed = json.replaceFirst(
                "\"" + member + "\":\"[^\"]*\"", Matcher.quoteReplacement("\"" + member + "\":" + value));
        assertThat(changed).isNotEqualTo(json);
        return changed;
    }

    private static String without(String json, String member) {
        String changed = json.replaceFirst(",\"" + member + "\":\"[^\"]*\"", "");
        assertThat(changed).isNotEqualTo(json);
        return changed;
    }

    private static String value(String json, String member) {
        return json.replaceFirst("(?s).*\"" + member + "\":\"([^\"]*)\".*", "$1");
    }

    private static String base64(byte[] bytes) {
        return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + '"';
    }

    @Nested
    class Read {
        @Test
        void read_exampleOfRfc8037_isThatKey() {
            try (SshKeyPair pair = KeyReader.of().read(RFC_ED25519)) {
                assertThat(pair.publicKey().algorithm()).isEqualTo("ssh-ed25519");
                assertThat(pair.comment()).isEqualTo(KeyComment.EMPTY);
            }
        }

        @Test
        void read_exampleOfRfc7517_isThatKeyAndKidIsTheComment() {
            try (SshKeyPair pair = KeyReader.of().read(RFC_EC)) {
                assertThat(pair.publicKey().algorithm()).isEqualTo("ecdsa-sha2-nistp256");
                assertThat(pair.comment()).hasToString("1");
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.JwkTest#types")
        void read_whatWasWritten_isTheSame(String type) {
            SshKeyPair key = TestKeys.of(type);

            try (SshKeyPair read = KeyReader.of().read(written(key))) {
                assertThat(read.publicKey()).isEqualTo(key.publicKey());
                assertThat(read.comment()).isEqualTo(key.comment());
                byte[] message = {1, 2, 3};
                SshSignature signature = read.sign(message);
                assertThat(key.publicKey().verify(message, signature)).isTrue();
            }
            assertThat(KeyReader.of().readPublic(written(key.publicKey()))).isEqualTo(key.publicKey());
        }

        @Test
        void read_unknownMembers_areIgnored() {
            String json =
                    "{\"kty\":\"OKP\",\"x5c\":[\"MII\",{\"d\":[1e400,true,null]}],\"n\":7,\"keys\":[{},{}],\"use\":\"enc\","
                            + RFC_ED25519.strip().substring(13);

            try (SshKeyPair pair = KeyReader.of().read(json)) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(RFC_ED25519));
            }
        }

        @Test
        void read_pemInAString_isNotTakenForTheKey() {
            String json = with(RFC_EC, "use", "\"-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\n\"");

            try (SshKeyPair pair = KeyReader.of().read(json)) {
                assertThat(pair.publicKey()).isEqualTo(KeyReader.of().readPublic(RFC_EC));
            }
        }

        @Test
        void read_rsaNumbersWithLeadingZeros_areRead() {
            String json = written("rsa");
            byte[] modulus = Base64.getUrlDecoder().decode(value(json, "n"));
            byte[] padded = new byte[modulus.length + 1];
            System.arraycopy(modulus, 0, padded, 1, modulus.length);

            try (SshKeyPair pair = KeyReader.of().read(with(json, "n", base64(padded)))) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("rsa").publicKey());
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"\uFEFF%s", "\r\n\t%s\r\n\r\n", "# a note\n%s", "  %s"})
        void read_textAround_isTolerated(String frame) {
            try (SshKeyPair pair =
                    KeyReader.of().read(frame.formatted(written("nistp384").strip()))) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("nistp384").publicKey());
            }
        }

        @Test
        void read_setOfOneKey_isThatKey() {
            String set = "{\"issuer\":\"a\",\"keys\":[" + written("rsa") + "]}";

            try (SshKeyPair pair = KeyReader.of().read(set)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("rsa").publicKey());
                assertThat(pair.comment()).hasToString(TestKeys.COMMENT);
            }
        }

        @Test
        void read_publicKey_saysSoAndWhich() {
            SshPublicKey key = TestKeys.of("ed448").publicKey();

            assertThatThrownBy(() -> KeyReader.of().read(written(key)))
                    .isInstanceOfSatisfying(
                            UnexpectedPublicKeyException.class,
                            e -> assertThat(e.publicKey()).isEqualTo(key));
        }
    }

    @Nested
    class Inspect {
        @ParameterizedTest
        @MethodSource("io.keywright.format.JwkTest#types")
        void inspect_privateAndPublic_areToldApart(String type) {
            SshKeyPair key = TestKeys.of(type);

            KeyInspection privateKey = KeyReader.inspect(written(key));
            KeyInspection publicKey = KeyReader.inspect(written(key.publicKey()));

            assertThat(privateKey.format()).isEqualTo(KeyFormat.JWK);
            assertThat(privateKey.holdsPrivateKey()).isTrue();
            assertThat(publicKey.holdsPrivateKey()).isFalse();
            for (KeyInspection found : new KeyInspection[] {privateKey, publicKey}) {
                assertThat(found.encrypted()).isFalse();
                assertThat(found.publicKey()).contains(key.publicKey());
                assertThat(found.bits()).isEqualTo(key.publicKey().bits());
                assertThat(found.comment()).contains(key.comment());
                assertThat(found.warnings()).isEmpty();
            }
        }
    }

    @Nested
    class Write {
        @Test
        void write_exampleOfRfc8037_isItsMembersInAFixedOrder() {
            try (SshKeyPair pair = KeyReader.of().read(RFC_ED25519);
                    SshKeyPair named = pair.withComment("a \"b\" \\ \u00e4\n")) {
                assertThat(written(pair))
                        .isEqualTo(
                                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\","
                                        + "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}\n");
                assertThat(written(named.publicKey()))
                        .isEqualTo("{\"kty\":\"OKP\",\"kid\":\"a \\\"b\\\" \\\\ \u00e4\\n\",\"crv\":\"Ed25519\","
                                + "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}\n");
                assertThat(KeyReader.of().readPublic(written(named.publicKey())).comment())
                        .isEqualTo(named.comment());
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"dsa", "sk-ecdsa", "sk-ed25519"})
        void write_typeWithoutPlace_isRefusedByName(String type) {
            SshKeyPair key = TestKeys.of(type);

            assertThatThrownBy(() -> written(key))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm())
                                    .isEqualTo(key.publicKey().algorithm()));
            assertThatThrownBy(() -> written(key.publicKey())).isInstanceOf(UnsupportedKeyException.class);
        }

        @Test
        void write_commentThatIsNotUtf8_isRefused() {
            KeyComment latin1 = KeyComment.ofBytes(new byte[] {'J', (byte) 0xfc, 'r', 'g'});

            assertThatThrownBy(() -> KeyWriter.jwk().withComment(latin1).write(TestKeys.of("ed25519")))
                    .isExactlyInstanceOf(SshKeyException.class)
                    .hasMessageContaining("not UTF-8");
        }

        @Test
        void withPassphrase_isRefused() {
            try (Passphrase passphrase = Passphrase.of("secret".toCharArray())) {
                assertThatThrownBy(() -> KeyWriter.jwk().withPassphrase(passphrase))
                        .isInstanceOf(UnsupportedKeyException.class);
            }
        }

        @Test
        void writeTo_file_hasTheModeOfWhatIsInIt(@TempDir Path folder) throws IOException {
            SshKeyPair key = TestKeys.of("ed25519");
            try (EncodedKey privateKey = KeyWriter.jwk().write(key);
                    EncodedKey publicKey = KeyWriter.publicJwk().write(key.publicKey())) {
                privateKey.writeTo(folder.resolve("key"));
                publicKey.writeTo(folder.resolve("key.pub"));
            }

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key.pub"))))
                    .isEqualTo("rw-r--r--");
        }
    }

    /** What one side writes, the other reads, and signatures of the one verify with the other. */
    @Nested
    class Jose4j {
        @ParameterizedTest
        @MethodSource("io.keywright.format.JwkTest#types")
        void newPublicJwk_ofWhatWeWrite_isTheSameKey(String type) throws JoseException {
            SshKeyPair key = TestKeys.of(type);
            KeyPair expected = key.toKeyPair();

            PublicJsonWebKey privateJwk = PublicJsonWebKey.Factory.newPublicJwk(written(key));
            PublicJsonWebKey publicJwk = PublicJsonWebKey.Factory.newPublicJwk(written(key.publicKey()));

            assertThat(privateJwk.getKeyId()).isEqualTo(TestKeys.COMMENT);
            assertThat(privateJwk.getPublicKey().getEncoded())
                    .isEqualTo(expected.getPublic().getEncoded());
            assertThat(publicJwk.getPublicKey().getEncoded())
                    .isEqualTo(expected.getPublic().getEncoded());
            assertThat(publicJwk.getPrivateKey()).isNull();
            PublicKey theirPublic = privateJwk.getPublicKey();
            PrivateKey theirPrivate = privateJwk.getPrivateKey();
            try (SshKeyPair back = SshKeyPair.of(new KeyPair(theirPublic, theirPrivate))) {
                assertThat(back.publicKey()).isEqualTo(key.publicKey());
            }
            // Their own output of it is, member for member, what they read.
            assertThat(privateJwk.toParams(OutputControlLevel.INCLUDE_PRIVATE))
                    .isEqualTo(theirs(key, expected).toParams(OutputControlLevel.INCLUDE_PRIVATE));
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.JwkTest#types")
        void read_whatJose4jWrites_isTheSameKey(String type) throws JoseException {
            SshKeyPair key = TestKeys.of(type);
            PublicJsonWebKey jwk = theirs(key, key.toKeyPair());
            jwk.setUse("sig");
            jwk.setAlgorithm("EdDSA");

            try (SshKeyPair read = KeyReader.of().read(jwk.toJson(OutputControlLevel.INCLUDE_PRIVATE))) {
                assertThat(read.publicKey()).isEqualTo(key.publicKey());
                assertThat(read.comment()).isEqualTo(key.comment());
            }
            assertThat(KeyReader.of().readPublic(jwk.toJson(OutputControlLevel.PUBLIC_ONLY)))
                    .isEqualTo(key.publicKey());
        }

        private static PublicJsonWebKey theirs(SshKeyPair key, KeyPair pair) throws JoseException {
            PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(pair.getPublic());
            jwk.setPrivateKey(pair.getPrivate());
            jwk.setKeyId(key.comment().toString());
            return jwk;
        }
    }

    @Nested
    class Refusals {
        private static MalformedKeyException refused(String json) {
            return assertThrows(
                    MalformedKeyException.class, () -> KeyReader.of().read(json));
        }

        @ParameterizedTest
        @CsvSource({
            "rsa, n",
            "rsa, e",
            "rsa, d",
            "rsa, p",
            "rsa, q",
            "rsa, dp",
            "rsa, dq",
            "rsa, qi",
            "nistp256, crv",
            "nistp256, x",
            "nistp256, y",
            "ed25519, crv",
            "ed25519, x",
            "ed448, x"
        })
        void read_missingMember_isNamed(String type, String member) {
            MalformedKeyException e = refused(without(written(type), member));

            assertThat(e.where()).isEqualTo(member);
            assertThat(e).hasMessageContaining("missing");
        }

        @ParameterizedTest
        @CsvSource({"rsa, d", "rsa, n", "nistp521, x", "ed25519, d", "ed25519, kid", "ed25519, crv", "ed25519, kty"})
        void read_memberThatIsNoString_isNamed(String type, String member) {
            for (String value : new String[] {"7", "null", "[\"AAAA\"]", "{\"a\":1}", "true"}) {
                assertThat(refused(with(written(type), member, value)).where()).isEqualTo(member);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"AA==", "A", "AB", "AAAA\\n", "A A A", "AA+/", "AA/A", "\\u00e4AAA"})
        void read_badBase64url_isRefusedWithoutShowingIt(String value) {
            for (String member : new String[] {"d", "x"}) {
                MalformedKeyException e = refused(with(written("ed25519"), member, '"' + value + '"'));

                assertThat(e.where()).isEqualTo(member);
                assertThat(e).hasMessageContaining("base64url").hasNoCause();
            }
        }

        @ParameterizedTest
        @CsvSource({"nistp256, x", "nistp256, d", "nistp384, y", "nistp521, d", "ed25519, x", "ed25519, d", "ed448, d"})
        void read_wrongLength_isRefused(String type, String member) {
            String json = written(type);
            byte[] bytes = Base64.getUrlDecoder().decode(value(json, member));
            byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
            byte[] longer = new byte[bytes.length + 1];
            System.arraycopy(bytes, 0, longer, 1, bytes.length);

            for (byte[] wrong : new byte[][] {shorter, longer, {}}) {
                MalformedKeyException e = refused(with(json, member, base64(wrong)));

                assertThat(e.where()).isEqualTo(member);
                assertThat(e).hasMessageContaining(bytes.length + " bytes expected");
            }
        }

        @ParameterizedTest
        @CsvSource({
            "nistp256, d",
            "ed25519, d",
            "ed448, d",
            "rsa, d",
            "rsa, p",
            "rsa, q",
            "rsa, dp",
            "rsa, dq",
            "rsa, qi"
        })
        void read_privateHalfOfAnother_isAMismatch(String type, String member) {
            String json = written(type);
            byte[] bytes = Base64.getUrlDecoder().decode(value(json, member));
            bytes[bytes.length / 2] ^= 0x10;

            assertThat(refused(with(json, member, base64(bytes)))).isInstanceOf(KeyMismatchException.class);
            // The public half alone must not be believed either.
            assertThatThrownBy(() -> KeyReader.of().readPublic(with(json, member, base64(bytes))))
                    .isInstanceOf(KeyMismatchException.class);
            assertThatThrownBy(() -> KeyReader.inspect(with(json, member, base64(bytes))))
                    .isInstanceOf(KeyMismatchException.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"nistp256", "nistp384", "nistp521"})
        void read_pointOffTheCurve_isRefused(String type) {
            String json = written(TestKeys.of(type).publicKey());
            byte[] y = Base64.getUrlDecoder().decode(value(json, "y"));
            y[y.length - 1] ^= 1;

            assertThatThrownBy(() -> KeyReader.of().readPublic(with(json, "y", base64(y))))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("not on the curve");
        }

        @Test
        void read_scalarOutOfRange_isRefused() {
            assertThat(refused(with(written("nistp256"), "d", base64(new byte[32]))))
                    .hasMessageContaining("out of range");
        }

        @ParameterizedTest
        @CsvSource({
            "oct, ed25519, kty",
            "AKP, rsa, kty",
            "secp256k1, nistp256, crv",
            "X25519, ed25519, crv",
            "P-256K, nistp256, crv"
        })
        void read_unknownTypeOrCurve_isRefusedByName(String name, String type, String member) {
            assertThatThrownBy(() -> KeyReader.of().read(with(written(type), member, '"' + name + '"')))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo(name));
        }

        @Test
        void read_typeThatIsNoName_isNotShown() {
            assertThatThrownBy(() -> KeyReader.of().read(with(written("rsa"), "kty", "\"pass word\"")))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageNotContaining("pass");
        }

        @Test
        void read_curveOfAnotherSize_isRefused() {
            assertThat(refused(with(written("nistp256"), "crv", "\"P-384\"")).where())
                    .isEqualTo("x");
            assertThat(refused(with(written("ed448"), "crv", "\"Ed25519\"")).where())
                    .isEqualTo("x");
        }

        @Test
        void read_morePrimes_areRefusedByName() {
            String json = written("rsa").replace("\"qi\"", "\"oth\":[{\"r\":\"AQ\",\"d\":\"AQ\",\"t\":\"AQ\"}],\"qi\"");

            assertThatThrownBy(() -> KeyReader.of().read(json))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("oth");
        }

        @Test
        void read_rsaExponentAlone_isRefused() {
            String json = written("rsa").replaceFirst(",\"p\":.*", "}");

            assertThatThrownBy(() -> KeyReader.of().read(json))
                    .isInstanceOf(UnsupportedKeyException.class)
                    .hasMessageContaining("private exponent alone");
        }

        @Test
        void read_rsaTooSmallOrTooLarge_isRefused() {
            for (int bytes : new int[] {64, 3000, 700_000}) {
                byte[] modulus = new byte[bytes];
                Arrays.fill(modulus, (byte) 0xff);

                assertThatThrownBy(() -> KeyReader.of().read(with(written("rsa"), "n", base64(modulus))))
                        .isInstanceOf(LimitExceededException.class);
            }
        }

        @Test
        void read_memberTwice_isRefused() {
            String json = written("ed25519");
            String again = json.replace("}", ",\"x\":\"" + value(json, "x") + "\"}");

            assertThat(refused(again)).hasMessageContaining("twice");
            assertThat(refused(json.replace("}", ",\"a\":1,\"a\":1}"))).hasMessageContaining("twice");
            assertThat(refused(json.replace("}", ",\"a\":{\"b\":1,\"\\u0062\":1}}")))
                    .hasMessageContaining("twice");
        }

        @Test
        void read_twoKeys_areRefused() {
            String key = written("ed25519");

            assertThat(refused(key + key)).hasMessageContaining("two keys");
            assertThat(refused("{\"keys\":[" + key + "," + written("rsa") + "]}"))
                    .hasMessageContaining("two keys");
            assertThat(refused(key
                            + KeyWriter.pkcs8().write(TestKeys.of("ed25519")).toText()))
                    .isNotNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"%s,", "%s 1", "%s]", "%s x"})
        void read_somethingBehind_isRefused(String frame) {
            assertThat(refused(frame.formatted(written("ed25519").strip()))).isNotNull();
        }

        @Test
        void read_everyTruncation_isRefused() {
            String json = written("nistp256").strip();

            for (int length = 1; length < json.length(); length++) {
                assertThat(refused(json.substring(0, length)).format()).isEqualTo("JWK");
            }
        }

        @Test
        void read_otherJson_isNoKey() {
            for (String json :
                    new String[] {"{}", "{\"name\":\"x\",\"d\":5}", "{\"keys\":[]}", "{\"keys\":[1]}", "{\"keys\":[{}]}"
                    }) {
                assertThatThrownBy(() -> KeyReader.of().read(json)).isInstanceOf(NotAKeyException.class);
                assertThatThrownBy(() -> KeyReader.inspect(json)).isInstanceOf(NotAKeyException.class);
            }
        }

        @Test
        void read_encryptedJwk_isToldByName() {
            assertThatThrownBy(
                            () -> KeyReader.of().read("{\"protected\":\"e30\",\"ciphertext\":\"AA\",\"tag\":\"AA\"}"))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo("JWE"));
        }

        @Test
        void read_deepNesting_isALimit() {
            for (String open : new String[] {"[", "{\"a\":"}) {
                String bomb = "{\"x5c\":" + open.repeat(100_000);
                assertThatThrownBy(() -> KeyReader.of().read(bomb))
                        .isInstanceOfSatisfying(
                                LimitExceededException.class,
                                e -> assertThat(e.limit()).isEqualTo("JSON nesting"));
            }
            String deep = written("ed25519").replace("}", ",\"a\":" + "[".repeat(40) + "]".repeat(40) + "}");
            assertThatThrownBy(() -> KeyReader.of().read(deep)).isInstanceOf(LimitExceededException.class);
            try (SshKeyPair pair = KeyReader.of()
                    .withLimits(ReadLimits.defaults().withMaxNesting(41))
                    .read(deep)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("ed25519").publicKey());
            }
        }

        @Test
        void read_longNamesNumbersAndTexts_areReadOrRefused() {
            String json = written("ed25519");
            for (String filler : new String[] {
                "\"a\":" + "9".repeat(900_000),
                "\"" + "b".repeat(900_000) + "\":1",
                "\"c\":\"" + "d".repeat(900_000) + "\""
            }) {
                try (SshKeyPair pair = KeyReader.of().read(json.replace("}", "," + filler + "}"))) {
                    assertThat(pair.publicKey())
                            .isEqualTo(TestKeys.of("ed25519").publicKey());
                }
            }
        }

        @Test
        void read_kidThatIsHalfASurrogatePair_isRefused() {
            assertThat(refused(with(written("ed25519"), "kid", "\"\\ud83d\"")).where())
                    .isEqualTo("kid");
        }

        @Test
        void read_utf16_isRefused() {
            byte[] text = written("ed25519").getBytes(StandardCharsets.UTF_16LE);

            assertThatThrownBy(() -> KeyReader.of().read(text))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("UTF-8");
        }

        @Test
        void read_randomDamage_throwsNothingElse() {
            long seed = 20_261_121;
            Random random = new Random(seed);
            for (String type : types().toList()) {
                byte[] good = written(type).getBytes(StandardCharsets.UTF_8);
                for (int i = 0; i < 500; i++) {
                    byte[] bad = good.clone();
                    for (int n = random.nextInt(3); n >= 0; n--) {
                        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                    }
                    try (SshKeyPair pair = KeyReader.of().read(bad)) {
                        // Damage to the comment only, or to a member that becomes an unknown one.
                        assertThat(pair.publicKey().algorithm())
                                .isEqualTo(TestKeys.of(type).publicKey().algorithm());
                    } catch (SshKeyException e) {
                        assertThat(e).as("seed %s", seed).hasMessageNotContaining("null");
                    }
                }
            }
        }
    }
}
