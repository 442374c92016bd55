package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.DsaPrivateKey;
import io.keywright.DsaPublicKey;
import io.keywright.KeyComment;
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
import io.keywright.UnsupportedKeyException;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireWriter;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** The format of ssh.com against puttygen and ssh-keygen, both ways, and what must not pass for it. */
@Tag("once")
class SshComTest {
    private static final String SECRET = "pass phrase";
    private static final String RSA_TYPE = "if-modn{sign{rsa-pkcs1-sha1},encrypt{rsa-pkcs1v2-oaep}}";
    private static final String DSA_TYPE = "dl-modp{sign{dsa-nist-sha1},dh{plain}}";
    private static final long MAGIC = 0x3f6ff9ebL;

    @TempDir
    Path folder = Path.of("");

    private static Passphrase passphrase() {
        return Passphrase.of(SECRET.toCharArray());
    }

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(passphrase());
    }

    private static byte[] plain(String name, KeyComment comment) {
        try (EncodedKey encoded = KeyWriter.sshcom().withComment(comment).write(TestKeys.of(name))) {
            return encoded.toByteArray();
        }
    }

    private static String plain(String name) {
        return new String(plain(name, KeyComment.of(TestKeys.COMMENT)), StandardCharsets.UTF_8);
    }

    private static String encrypted(String name) {
        try (EncodedKey encoded =
                KeyWriter.sshcom().withPassphrase(passphrase()).write(TestKeys.of(name))) {
            return encoded.toText();
        }
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    /** Has puttygen write a key of this format anew, without encryption. */
    private String reexported(Path file) throws IOException {
        Path out = folder.resolve("out");
        Tools.run(
                "puttygen",
                file,
                "-P",
                "--old-passphrase",
                file("secret", SECRET),
                "--new-passphrase",
                file("empty", ""),
                "-O",
                "private-sshcom",
                "-o",
                out);
        return Files.readString(out, StandardCharsets.ISO_8859_1);
    }

    static List<KeyComment> comments() {
        return Stream.of(
                        "",
                        " ",
                        "  blanks around  ",
                        "we \"say\" hi",
                        "\"",
                        "\"quoted\"",
                        "ends with \\",
                        "back\\slash \\\\ twice",
                        "a: colon",
                        "x".repeat(60),
                        "x".repeat(61),
                        "x".repeat(59) + "\\" + "y".repeat(70),
                        "blank at the break " + " ".repeat(60) + "and on",
                        "x".repeat(130),
                        "x".repeat(131),
                        "long ".repeat(50),
                        "M\u00fcller",
                        "\u00e9".repeat(100))
                .flatMap(text ->
                        Stream.of(KeyComment.of(text), KeyComment.ofBytes(text.getBytes(StandardCharsets.ISO_8859_1))))
                .distinct()
                .toList();
    }

    @Nested
    class Write {
        @ParameterizedTest
        @ValueSource(strings = {"rsa", "dsa"})
        void write_plainAndEncrypted_puttygenOpensAndRewritesBoth(String name) throws IOException {
            String line = TestKeys.of(name).publicKey().toLine();
            Path open = file("plain", plain(name));
            Path sealed = file("sealed", encrypted(name));
            for (Path written : List.of(open, sealed)) {
                try (SshKeyPair pair = reader().read(written)) {
                    assertThat(pair.publicKey().toLine()).isEqualTo(line);
                }
                assertThat(reexported(written)).isEqualTo(plain(name));
            }
            assertThat(Tools.run("puttygen", open, "-O", "public-openssh")).isEqualTo(line);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "dsa"})
        void write_plain_sshKeygenReadsIt(String name) throws IOException {
            Path converted = file("converted", Tools.run("ssh-keygen", "-i", "-f", file("key", plain(name))) + "\n");
            Tools.run("chmod", "600", converted);
            assertThat(Tools.run("ssh-keygen", "-y", "-f", converted))
                    .isEqualTo(TestKeys.of(name).publicKey().withComment("").toLine());
        }

        @Test
        void write_samePassphraseTwice_differsInPaddingOnly() {
            // 3des-cbc with a key and an IV of the passphrase alone: only the last block can differ.
            byte[] first = body(encrypted("rsa"));
            byte[] second = body(encrypted("rsa"));
            assertThat(Arrays.copyOf(first, first.length - 8)).isEqualTo(Arrays.copyOf(second, second.length - 8));
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.SshComTest#comments")
        void write_comment_survivesAndIsAsPuttygenWritesIt(KeyComment comment) throws IOException {
            byte[] written = plain("rsa", comment);
            try (SshKeyPair pair = KeyReader.of().read(written)) {
                assertThat(pair.comment()).isEqualTo(comment);
            }
            assertThat(KeyReader.inspect(written).comment()).contains(comment);
            assertThat(KeyReader.inspect(written).warnings()).isEmpty();
            // puttygen has room for 255 bytes.
            if (comment.toByteArray().length < 256) {
                Path file = Files.write(folder.resolve("key"), written);
                assertThat(reexported(file)).isEqualTo(new String(written, StandardCharsets.ISO_8859_1));
            }
        }

        @Test
        void write_longComment_isWrappedAsPuttyWraps() {
            // "Comment: \"" leaves 60 of the 70 columns
            assertThat(new String(plain("rsa", KeyComment.of("c".repeat(60))), StandardCharsets.UTF_8))
                    .contains("\nComment: \"" + "c".repeat(60) + "\"\n");
            assertThat(new String(plain("rsa", KeyComment.of("c".repeat(131))), StandardCharsets.UTF_8))
                    .contains("\nComment: \"" + "c".repeat(60) + "\\\n" + "c".repeat(70) + "\\\nc\"\n");
        }

        @Test
        void write_impossibleComment_throws() {
            for (String text : List.of("a\nb", "x".repeat(1025), "a ---- END SSH2 ENCRYPTED PRIVATE KEY ----")) {
                assertThatThrownBy(() -> plain("rsa", KeyComment.of(text)))
                        .isInstanceOf(SshKeyException.class)
                        .hasMessageContaining("cannot stand in this format");
            }
            assertThat(plain("rsa", KeyComment.of("x".repeat(1024)))).isNotEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "ed25519, ssh-ed25519",
            "ed448, ssh-ed448",
            "nistp256, ecdsa-sha2-nistp256",
            "nistp384, ecdsa-sha2-nistp384",
            "nistp521, ecdsa-sha2-nistp521",
            "sk-ed25519, sk-ssh-ed25519@openssh.com",
        })
        void write_otherType_isRefusedByName(String name, String algorithm) {
            assertThatThrownBy(() -> KeyWriter.of(KeyFormat.SSHCOM).write(TestKeys.of(name)))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo(algorithm))
                    .hasMessageContaining("ssh.com");
        }
    }

    @Nested
    class Read {
        @ParameterizedTest
        @CsvSource({"rsa, 1024", "rsa, 2048", "dsa, 1024"})
        void read_keyOfPuttygen_opensAndIsWrittenAgain(String type, int bits) throws IOException {
            for (String secret : List.of("", SECRET)) {
                Path made = folder.resolve("made" + secret.length());
                Tools.run(
                        "puttygen",
                        "-q",
                        "-t",
                        type,
                        "-b",
                        bits,
                        "-C",
                        "a \"comment\" of more than sixty characters, so that it goes on in a second line \\",
                        "--new-passphrase",
                        file("secret", secret),
                        "-O",
                        "private-sshcom",
                        "-o",
                        made);
                String line =
                        Tools.run("puttygen", made, "--old-passphrase", file("secret", secret), "-O", "public-openssh");
                try (SshKeyPair pair = reader().read(made);
                        EncodedKey again = KeyWriter.sshcom().write(pair)) {
                    assertThat(pair.publicKey().toLine()).isEqualTo(line);
                    assertThat(again.toText()).isEqualTo(reexported(made));
                }
                assertThat(reader().readPublic(made).toLine()).isEqualTo(line);
            }
        }

        @Test
        void read_passphraseInAnotherCharset_opensWithItsBytes() throws IOException {
            Path secret = Files.write(folder.resolve("secret"), new byte[] {'p', (byte) 0xe4});
            Path made = folder.resolve("made");
            Tools.run(
                    "puttygen",
                    "-q",
                    "-t",
                    "rsa",
                    "-b",
                    "1024",
                    "--new-passphrase",
                    secret,
                    "-O",
                    "private-sshcom",
                    "-o",
                    made);
            char[] text = {'p', '\u00e4'};
            try (Passphrase latin1 = Passphrase.of(text, StandardCharsets.ISO_8859_1);
                    Passphrase utf8 = Passphrase.of(text)) {
                KeyReader.of().withPassphrase(latin1).read(made).close();
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(utf8).read(made))
                        .isInstanceOf(WrongPassphraseException.class);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "dsa"})
        void read_textVariants_open(String name) {
            for (String text : List.of(plain(name), encrypted(name))) {
                for (String variant : List.of(
                        text.replace("\n", "\r\n"),
                        text.replace('\n', '\r'),
                        text.indent(3),
                        "\ufeff" + text,
                        "\n \n" + text,
                        "Bag Attributes\n    name: x\n" + text + "\nregards\n",
                        text.replace("\n", "  \n"),
                        text.replace("\n", "\t\n"),
                        text.strip(),
                        inOneLine(text),
                        text.replace("Comment: \"", "COMMENT:\""),
                        text.replace("Comment", "Subject: me\nx-private: a\\\nb\nComment"))) {
                    try (SshKeyPair pair = reader().read(variant)) {
                        assertThat(pair.publicKey().toLine())
                                .isEqualTo(TestKeys.of(name).publicKey().toLine());
                    }
                }
            }
        }

        private String inOneLine(String text) {
            String head = text.substring(0, text.indexOf("\"\n") + 2);
            String end = "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n";
            return head
                    + text.substring(head.length(), text.length() - end.length())
                            .replace("\n", "")
                    + end;
        }

        @Test
        void read_commentWithoutQuotesOrNone_opens() {
            try (SshKeyPair pair = KeyReader.of().read(plain("dsa").replaceFirst("\".*\"", "1024-bit dsa, me@host"))) {
                assertThat(pair.comment()).isEqualTo(KeyComment.of("1024-bit dsa, me@host"));
            }
            try (SshKeyPair pair = KeyReader.of().read(plain("dsa").replaceFirst("Comment.*\n", ""))) {
                assertThat(pair.comment().isEmpty()).isTrue();
            }
        }

        @Test
        void read_leadingZerosAndPadding_open() {
            String padded = text(RSA_TYPE, "none", section(rsaPayload(RsaFields.of("rsa"), 13), 7));
            try (SshKeyPair pair = KeyReader.of().read(padded)) {
                assertThat(pair.publicKey()).isEqualTo(TestKeys.of("rsa").publicKey());
            }
            assertThat(KeyReader.inspect(padded).warnings()).containsExactly(KeyWarning.OVER_PADDED);
        }

        @Test
        void read_otherHashInTheType_opens() {
            String type = "if-modn{sign{rsa-pkcs1-md5},encrypt{rsa-pkcs1v2-oaep}}";
            KeyReader.of()
                    .read(text(type, "none", section(rsaPayload(RsaFields.of("rsa"), 0), 0)))
                    .close();
        }
    }

    @Nested
    class Inspect {
        @Test
        void inspect_plain_saysEverything() {
            assertThat(KeyReader.inspect(plain("rsa")))
                    .isEqualTo(new KeyInspection(
                            KeyFormat.SSHCOM,
                            true,
                            Optional.of("ssh-rsa"),
                            2048,
                            false,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(KeyComment.of(TestKeys.COMMENT)),
                            Optional.of(TestKeys.of("rsa").publicKey()),
                            List.of()));
            assertThat(KeyReader.inspect(plain("dsa")).warnings()).containsExactly(KeyWarning.LEGACY_DSA);
        }

        @Test
        void inspect_encrypted_saysWhatIsInTheClear() {
            assertThat(KeyReader.inspect(encrypted("dsa")))
                    .isEqualTo(new KeyInspection(
                            KeyFormat.SSHCOM,
                            true,
                            Optional.of("ssh-dss"),
                            0,
                            true,
                            Optional.of("3des-cbc"),
                            Optional.of(new KdfDescription("MD5", Map.of())),
                            Optional.of(KeyComment.of(TestKeys.COMMENT)),
                            Optional.empty(),
                            List.of(KeyWarning.LEGACY_DSA, KeyWarning.OUTDATED_CIPHER, KeyWarning.CHEAP_KDF)));
            assertThat(KeyReader.inspect(text(RSA_TYPE, "aes128-cbc", new byte[16]))
                            .warnings())
                    .containsExactly(KeyWarning.CHEAP_KDF);
        }
    }

    // --- faults ---

    private record RsaFields(BigInteger e, BigInteger d, BigInteger n, BigInteger u, BigInteger p, BigInteger q) {
        static RsaFields of(String name) {
            RsaPublicKey publicKey = (RsaPublicKey) TestKeys.of(name).publicKey();
            RsaPrivateKey key = (RsaPrivateKey) TestKeys.of(name).privateKey();
            return new RsaFields(
                    publicKey.exponent(),
                    number(key.exponent()),
                    publicKey.modulus(),
                    number(key.coefficient()),
                    number(key.primeQ()),
                    number(key.primeP()));
        }
    }

    private static BigInteger number(SecretBytes secret) {
        return secret.use(bytes -> new BigInteger(1, bytes));
    }

    private static byte[] numbers(int zeroBits, BigInteger... numbers) {
        try (WireWriter writer = new WireWriter()) {
            for (BigInteger number : numbers) {
                int bits = number.bitLength() + zeroBits;
                byte[] bytes = number.toByteArray();
                byte[] all = new byte[(bits + 7) / 8];
                int length = Math.min(bytes.length, all.length);
                System.arraycopy(bytes, bytes.length - length, all, all.length - length, length);
                writer.writeUint32(bits).writeBytes(all);
            }
            return writer.toByteArray();
        }
    }

    private static byte[] rsaPayload(RsaFields f, int zeroBits) {
        return numbers(zeroBits, f.e, f.d, f.n, f.u, f.p, f.q);
    }

    private static byte[] dsaPayload(long group, BigInteger x) {
        DsaPublicKey key = (DsaPublicKey) TestKeys.of("dsa").publicKey();
        try (WireWriter writer = new WireWriter()) {
            return writer.writeUint32(group)
                    .writeBytes(numbers(0, key.p(), key.g(), key.q(), key.y(), x))
                    .toByteArray();
        }
    }

    private static byte[] section(byte[] payload, int padding) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(payload).writeBytes(new byte[padding]).toByteArray();
        }
    }

    private static String text(String type, String cipher, byte[] section) {
        return text(MAGIC, 0, type, cipher, section, new byte[0]);
    }

    private static String text(long magic, int sizeError, String type, String cipher, byte[] section, byte[] behind) {
        try (WireWriter fields = new WireWriter();
                WireWriter file = new WireWriter()) {
            fields.writeString(type).writeString(cipher).writeString(section).writeBytes(behind);
            file.writeUint32(magic).writeUint32(8 + fields.size() + sizeError).writeBytes(fields.toByteArray());
            return text(file.toByteArray());
        }
    }

    private static String text(byte[] file) {
        return "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n"
                + Base64.getEncoder().encodeToString(file)
                + "\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n";
    }

    private static byte[] body(String text) {
        String base64 = text.substring(text.indexOf("\"\n") + 2, text.indexOf("---- END"));
        return Base64.getMimeDecoder().decode(base64);
    }

    private static byte[] cut(byte[] bytes, int by) {
        return Arrays.copyOf(bytes, bytes.length - by);
    }

    private static Arguments fault(String name, Class<?> expected, String message, String text) {
        return Arguments.of(name, expected, message, text);
    }

    private static Arguments rsa(String name, Class<?> expected, String message, byte[] section) {
        return fault(name, expected, message, text(RSA_TYPE, "none", section));
    }

    static Stream<Arguments> faults() {
        Class<?> malformed = MalformedKeyException.class;
        Class<?> mismatch = KeyMismatchException.class;
        Class<?> unsupported = UnsupportedKeyException.class;
        Class<?> limit = LimitExceededException.class;
        RsaFields f = RsaFields.of("rsa");
        BigInteger two = BigInteger.TWO;
        byte[] good = rsaPayload(f, 0);
        byte[] section = section(good, 0);
        BigInteger x = number(((DsaPrivateKey) TestKeys.of("dsa").privateKey()).x());
        byte[] lied = good.clone();
        // The exponent 65537 has 17 bits in three bytes.
        lied[3] = 16;
        byte[] moreBits = good.clone();
        moreBits[4] |= 0x10;
        byte[] huge = good.clone();
        huge[2] = 0x40;
        huge[3] = 1;
        byte[] longest = good.clone();
        longest[0] = (byte) 0xff;
        return Stream.of(
                fault("empty", malformed, "magic", text(new byte[0])),
                fault("magic", malformed, "magic", text(MAGIC + 1, 0, RSA_TYPE, "none", section, new byte[0])),
                fault("size above", malformed, "size", text(MAGIC, 1, RSA_TYPE, "none", section, new byte[0])),
                fault("size below", malformed, "size", text(MAGIC, -1, RSA_TYPE, "none", section, new byte[0])),
                fault("bytes behind", malformed, "end", text(MAGIC, 0, RSA_TYPE, "none", section, new byte[1])),
                fault("unknown type", unsupported, "ec-modp", text("ec-modp{sign{dsa}}", "none", section)),
                fault("unknown cipher", unsupported, "blowfish", text(RSA_TYPE, "blowfish", new byte[8])),
                fault("no whole block", malformed, "blocks", text(RSA_TYPE, "3des-cbc", new byte[9])),
                fault("nothing encrypted", malformed, "blocks", text(RSA_TYPE, "3des-cbc", new byte[0])),
                rsa("no section", malformed, "payload", new byte[0]),
                rsa("section of three bytes", malformed, "payload", new byte[3]),
                rsa("section cut", malformed, "payload", cut(section, 1)),
                rsa("padding of a block", malformed, "payload", section(good, 8)),
                rsa("number cut", malformed, "RSA prime q", section(cut(good, 1), 0)),
                rsa("number missing", malformed, "bit count", section(numbers(0, f.e, f.d, f.n, f.u, f.p), 0)),
                rsa("number too many", malformed, "payload", section(numbers(0, f.e, f.d, f.n, f.u, f.p, f.q, two), 0)),
                rsa("fewer bits than bytes", limit, "number size", section(lied, 0)),
                rsa("more bits than said", malformed, "more bits", section(moreBits, 0)),
                rsa("too many bits", limit, "number size", section(huge, 0)),
                rsa("bit count of 2^32", limit, "number size", section(longest, 0)),
                rsa(
                        "p and q not swapped",
                        mismatch,
                        "coefficient",
                        section(numbers(0, f.e, f.d, f.n, f.u, f.q, f.p), 0)),
                rsa(
                        "other modulus",
                        mismatch,
                        "modulus",
                        section(numbers(0, f.e, f.d, f.n.add(two), f.u, f.p, f.q), 0)),
                rsa(
                        "other exponent",
                        mismatch,
                        "exponents",
                        section(numbers(0, f.e, f.d.add(two), f.n, f.u, f.p, f.q), 0)),
                rsa("zero", malformed, "exponent", section(numbers(0, BigInteger.ZERO, f.d, f.n, f.u, f.p, f.q), 0)),
                rsa(
                        "a prime of no bits",
                        mismatch,
                        "primes",
                        section(numbers(0, f.e, f.d, f.n, f.u, BigInteger.ZERO, f.q), 0)),
                fault("named group", unsupported, "by name", text(DSA_TYPE, "none", section(dsaPayload(1, x), 0))),
                fault("other x", mismatch, "DSA", text(DSA_TYPE, "none", section(dsaPayload(0, x.xor(two)), 0))),
                fault("RSA in a DSA file", unsupported, "by name", text(DSA_TYPE, "none", section)),
                fault(
                        "header behind base64",
                        malformed,
                        "base64",
                        plain("rsa").replace("\n----", "\nComment: x\n----")),
                fault("not base64", malformed, "base64", plain("rsa").replace("P2/5", "P2*5")),
                fault("cut off", malformed, "END line", plain("rsa").replace("---- END", "")),
                fault("two keys", malformed, "two keys", plain("rsa") + plain("dsa")),
                fault(
                        "continued for ever",
                        malformed,
                        "header",
                        text(new byte[0]).replace("\n\n", "\nComment: \\\n")));
    }

    @Nested
    class Refusals {
        @ParameterizedTest(name = "{0}")
        @MethodSource("io.keywright.format.SshComTest#faults")
        void read_oneFault_isRefusedByName(
                String name, Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> reader().read(text))
                    .as(name)
                    .isExactlyInstanceOf(expected)
                    .hasMessageContaining(message);
        }

        @ParameterizedTest
        @ValueSource(strings = {"rsa", "dsa"})
        void read_withoutOrWithWrongPassphrase_saysWhich(String name) {
            String text = encrypted(name);
            assertThatThrownBy(() -> KeyReader.of().read(text))
                    .isInstanceOfSatisfying(
                            PassphraseRequiredException.class,
                            e -> assertThat(e.publicKey()).isEmpty());
            assertThatThrownBy(() -> KeyReader.of().readPublic(text)).isInstanceOf(PassphraseRequiredException.class);
            try (Passphrase wrong = Passphrase.of("x".toCharArray())) {
                assertThatThrownBy(() -> KeyReader.of().withPassphrase(wrong).read(text))
                        .isInstanceOfSatisfying(
                                WrongPassphraseException.class,
                                e -> assertThat(e.maybeCorrupted()).isTrue());
            }
        }

        @Test
        void read_damageBehindTheFirstBlock_isNoWrongPassphrase() {
            byte[] damaged = body(encrypted("rsa"));
            damaged[damaged.length / 2] ^= 1;
            assertThatThrownBy(() -> reader().read(text(damaged))).isInstanceOf(MalformedKeyException.class);
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String text : List.of(plain("rsa"), encrypted("dsa"))) {
                RandomDamage.assertThrowsOnlyOurs(
                        text.getBytes(StandardCharsets.UTF_8),
                        1500,
                        bad -> reader().read(bad).close());
            }
        }
    }
}
