package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.DsaPublicKey;
import io.keywright.KeyComment;
import io.keywright.KeyMismatchException;
import io.keywright.MalformedKeyException;
import io.keywright.Passphrase;
import io.keywright.PassphraseRequiredException;
import io.keywright.SshKeyException;
import io.keywright.SshKeyPair;
import io.keywright.WrongPassphraseException;
import io.keywright.internal.WireWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * PPK version 1. No program writes it any more, so the files are made here, with the JDK's cryptography, and the real
 * puttygen, which still reads them, tells whether they were made right.
 */
class PpkVersion1Test {
    private static final String SECRET = "pass phrase";

    @TempDir
    Path folder = Path.of("");

    /**
     * How a file is made.
     *
     * @param groupHash whether DSA's hash of its group stands behind x
     * @param hashOnly whether the private half is covered by a hash and not by a MAC
     */
    record Variant(String key, boolean encrypted, boolean hashOnly, boolean groupHash) {
        String text() {
            return text(Change.NONE);
        }

        String text(Change change) {
            try {
                return make(this, change);
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    private enum Change {
        NONE,
        OTHER_GROUP_HASH,
        SHORT_GROUP_HASH,
        OTHER_PADDING,
        OTHER_PUBLIC_HALF
    }

    static Stream<Variant> variants() {
        return Stream.of("rsa", "dsa", "nistp256", "ed25519")
                .flatMap(key -> Stream.of(false, true)
                        .flatMap(encrypted -> Stream.of(false, true)
                                .flatMap(hashOnly -> key.equals("dsa")
                                        ? Stream.of(
                                                new Variant(key, encrypted, hashOnly, false),
                                                new Variant(key, encrypted, hashOnly, true))
                                        : Stream.of(new Variant(key, encrypted, hashOnly, false)))));
    }

    private static String make(Variant variant, Change change) throws GeneralSecurityException {
        byte[] secret = variant.encrypted ? SECRET.getBytes(StandardCharsets.UTF_8) : new byte[0];
        byte[] plain = privateBlob(variant, change);
        if (variant.encrypted && plain.length % 16 != 0) {
            byte[] padding = sha1(plain);
            int from = plain.length;
            plain = Arrays.copyOf(plain, (from + 15) / 16 * 16);
            System.arraycopy(padding, 0, plain, from, plain.length - from);
            plain[plain.length - 1] ^= (byte) (change == Change.OTHER_PADDING ? 1 : 0);
        }
        Mac hmac = Mac.getInstance("HmacSHA1");
        hmac.init(new SecretKeySpec(
                sha1("putty-private-key-file-mac-key".getBytes(StandardCharsets.US_ASCII), secret), "HmacSHA1"));
        byte[] sum = variant.hashOnly ? sha1(plain) : hmac.doFinal(plain);
        byte[] stored = plain;
        if (variant.encrypted) {
            byte[] key = Arrays.copyOf(sha1(new byte[4], secret), 32);
            System.arraycopy(sha1(new byte[] {0, 0, 0, 1}, secret), 0, key, 20, 12);
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[16]));
            stored = cipher.doFinal(plain);
        }
        SshKeyPair publicHalf = change == Change.OTHER_PUBLIC_HALF ? OpensshFile.PAIR : TestKeys.of(variant.key);
        return "PuTTY-User-Key-File-1: " + publicHalf.publicKey().algorithm() + "\n"
                + "Encryption: " + (variant.encrypted ? "aes256-cbc" : "none") + "\n"
                + "Comment: " + TestKeys.COMMENT + "\n"
                + "Public-Lines: " + body(publicHalf.publicKey().blob())
                + "Private-Lines: " + body(stored)
                + (variant.hashOnly ? "Private-Hash: " : "Private-MAC: ")
                + HexFormat.of().formatHex(sum) + "\n";
    }

    /** Takes the private half out of version 2, where it is the same, and adds the hash of a DSA group. */
    private static byte[] privateBlob(Variant variant, Change change) throws GeneralSecurityException {
        String text;
        try (EncodedKey encoded = KeyWriter.ppk2().write(TestKeys.of(variant.key))) {
            text = encoded.toText();
        }
        String base64 = text.substring(text.indexOf('\n', text.indexOf("Private-Lines")), text.indexOf("Private-MAC"));
        byte[] blob = Base64.getMimeDecoder().decode(base64);
        if (!variant.groupHash) {
            return blob;
        }
        DsaPublicKey key = (DsaPublicKey) TestKeys.of(variant.key).publicKey();
        try (WireWriter group = new WireWriter();
                WireWriter all = new WireWriter()) {
            group.writeMpint(key.p()).writeMpint(key.q()).writeMpint(key.g());
            byte[] hash = sha1(group.toByteArray());
            hash[0] ^= (byte) (change == Change.OTHER_GROUP_HASH ? 1 : 0);
            int length = change == Change.SHORT_GROUP_HASH ? 19 : 20;
            return all.writeBytes(blob).writeString(Arrays.copyOf(hash, length)).toByteArray();
        }
    }

    private static String body(byte[] bytes) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return base64.lines().count() + "\n" + base64 + "\n";
    }

    private static byte[] sha1(byte[]... parts) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static KeyReader reader() {
        return KeyReader.of().withPassphrase(Passphrase.of(SECRET.toCharArray()));
    }

    @Nested
    class Read {
        @ParameterizedTest
        @MethodSource("io.keywright.format.PpkVersion1Test#variants")
        void read_whatPuttygenOpens_opens(Variant variant) throws IOException {
            Path made = Files.writeString(folder.resolve("made"), variant.text());
            Path secret = Files.writeString(folder.resolve("secret"), SECRET);
            Path none = Files.writeString(folder.resolve("none"), "");
            Path out = folder.resolve("out");
            String line = Tools.run("puttygen", made, "-O", "public-openssh");
            Tools.run(
                    "puttygen",
                    made,
                    "-P",
                    "--old-passphrase",
                    secret,
                    "--new-passphrase",
                    none,
                    "-O",
                    "private",
                    "-o",
                    out);
            try (SshKeyPair pair = reader().read(made);
                    EncodedKey ours = KeyWriter.ppk().write(pair)) {
                assertThat(pair.publicKey().toLine()).isEqualTo(line);
                assertThat(ours.toText()).isEqualTo(Files.readString(out));
            }
            assertThat(KeyReader.of().readPublic(made).toLine()).isEqualTo(line);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.PpkVersion1Test#variants")
        void inspect_anyVariant_saysWhatItIs(Variant variant) {
            KeyInspection seen = KeyReader.inspect(variant.text());
            assertThat(seen.format()).isEqualTo(KeyFormat.PPK);
            assertThat(seen.encrypted()).isEqualTo(variant.encrypted);
            assertThat(seen.comment()).contains(KeyComment.of(TestKeys.COMMENT));
            assertThat(seen.publicKey()).contains(TestKeys.of(variant.key).publicKey());
            assertThat(seen.warnings().contains(KeyWarning.CHEAP_KDF)).isEqualTo(variant.encrypted);
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void read_textVariants_open(boolean encrypted) {
            String text = new Variant("rsa", encrypted, true, false).text();
            for (String variant : List.of(
                    text.replace("\n", "\r\n"),
                    text.replace('\n', '\r'),
                    text.indent(2),
                    "\ufeff" + text,
                    "text\n\n" + text,
                    text.replace("\n", "\n\n"),
                    text.strip())) {
                reader().read(variant).close();
            }
        }
    }

    static Stream<Arguments> faults() {
        Variant rsa = new Variant("rsa", false, false, false);
        Variant sealed = new Variant("rsa", true, true, false);
        Variant dsa = new Variant("dsa", false, true, true);
        return Stream.of(
                Arguments.of(MalformedKeyException.class, "Private-MAC", damaged(rsa.text())),
                Arguments.of(
                        MalformedKeyException.class, "Private-MAC", rsa.text().replace("-MAC", "-Hash")),
                Arguments.of(
                        MalformedKeyException.class, "Private-MAC", dsa.text().replace("-Hash", "-MAC")),
                Arguments.of(
                        MalformedKeyException.class, "expected here", rsa.text().replace("-MAC", "-Sum")),
                Arguments.of(
                        MalformedKeyException.class,
                        "expected here",
                        rsa.text().replace("File-1", "File-2").replace("-MAC", "-Hash")),
                Arguments.of(WrongPassphraseException.class, "damaged", damaged(sealed.text())),
                Arguments.of(MalformedKeyException.class, "padding", sealed.text(Change.OTHER_PADDING)),
                Arguments.of(MalformedKeyException.class, "group hash", dsa.text(Change.OTHER_GROUP_HASH)),
                Arguments.of(MalformedKeyException.class, "group hash", dsa.text(Change.SHORT_GROUP_HASH)),
                Arguments.of(MalformedKeyException.class, "", rsa.text(Change.OTHER_PUBLIC_HALF)),
                Arguments.of(
                        KeyMismatchException.class,
                        "does not belong",
                        new Variant("ed25519", false, false, false).text(Change.OTHER_PUBLIC_HALF)));
    }

    /** Flips a bit of the private half. */
    private static String damaged(String text) {
        int at = text.indexOf('\n', text.indexOf("Private-Lines")) + 20;
        return text.substring(0, at) + (text.charAt(at) == 'A' ? 'B' : 'A') + text.substring(at + 1);
    }

    @Nested
    class Refusals {
        @ParameterizedTest
        @MethodSource("io.keywright.format.PpkVersion1Test#faults")
        void read_oneFault_isRefusedByName(Class<? extends SshKeyException> expected, String message, String text) {
            assertThatThrownBy(() -> reader().read(text)).isInstanceOf(expected).hasMessageContaining(message);
        }

        @Test
        void read_withoutOrWithWrongPassphrase_saysWhich() {
            for (boolean hashOnly : new boolean[] {false, true}) {
                String text = new Variant("nistp256", true, hashOnly, false).text();
                assertThatThrownBy(() -> KeyReader.of().read(text))
                        .isInstanceOfSatisfying(
                                PassphraseRequiredException.class,
                                e -> assertThat(e.publicKey())
                                        .contains(TestKeys.of("nistp256").publicKey()));
                try (Passphrase wrong = Passphrase.of("x".toCharArray())) {
                    assertThatThrownBy(
                                    () -> KeyReader.of().withPassphrase(wrong).read(text))
                            .isInstanceOf(WrongPassphraseException.class);
                }
            }
        }

        @Test
        void read_randomChanges_throwNothingElse() {
            for (String text : List.of(new Variant("dsa", true, true, true).text())) {
                RandomDamage.assertThrowsOnlyOurs(
                        text.getBytes(StandardCharsets.UTF_8),
                        1500,
                        bad -> reader().read(bad).close());
            }
        }
    }
}
