package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.EcdsaCurve;
import io.keywright.KeyComment;
import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each warning about a key, in every format in which it can come up. */
class KeyWarningTest {
    private static final SshKeyPair WEAK_RSA = weakRsa();

    @TempDir
    Path folder = Path.of("");

    private static SshKeyPair weakRsa() {
        try {
            Path file = Files.createTempDirectory("rsa").resolve("key");
            Tools.prepare("ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-C", "weak", "-f", file);
            return KeyReader.of().read(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a key is written; public is true where only its public half is. */
    private record Target(String name, boolean hidesTheKey, Writing writing) {
        KeyInspection inspect(SshKeyPair pair) {
            return KeyReader.inspect(text(pair));
        }

        String text(SshKeyPair pair) {
            try (EncodedKey encoded = writing.write(pair)) {
                return encoded.toText();
            }
        }

        boolean isPpk() {
            return name.startsWith("PPK");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private interface Writing {
        EncodedKey write(SshKeyPair pair);
    }

    /** Every format that is written, plain and encrypted. */
    static List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        Map<String, KeyWriter> writers = new LinkedHashMap<>();
        for (KeyFormat format : KeyFormat.values()) {
            if (format.holdsPrivateKeys()) {
                writers.put(format.displayName(), KeyWriter.of(format));
            } else {
                PublicKeyWriter writer = PublicKeyWriter.of(format);
                targets.add(new Target(format.displayName(), false, pair -> writer.write(pair.publicKey())));
            }
        }
        writers.put("PPK 2", KeyWriter.ppk2());
        Passphrase passphrase = Passphrase.of("secret".toCharArray());
        writers.forEach((name, writer) -> {
            targets.add(new Target(name, false, writer::write));
            boolean hides = !(writer instanceof PpkKeyWriter) && !(writer instanceof OpensshKeyWriter);
            // JWK has no encryption of its own.
            if (writer.format() != KeyFormat.JWK) {
                KeyWriter encrypting = cheap(name, writer).withPassphrase(passphrase);
                targets.add(new Target(name + " encrypted", hides, encrypting::write));
            }
        });
        return targets;
    }

    /** What the derivation costs is nothing to these tests. */
    private static KeyWriter cheap(String name, KeyWriter writer) {
        if (writer instanceof OpensshKeyWriter openssh) {
            return openssh.withRounds(1);
        } else if (writer instanceof Pkcs8KeyWriter pkcs8) {
            return pkcs8.withIterations(1);
        } else if (name.equals(KeyFormat.PPK.displayName())) {
            return KeyWriter.ppk().withMemoryKib(8).withPasses(1);
        }
        return writer;
    }

    static Stream<Target> targetsOfText() {
        return targets().stream()
                .filter(target -> !target.name.equals(KeyFormat.PUBLIC_LINE.displayName()))
                .filter(target -> !target.name.equals(KeyFormat.JWK.displayName()));
    }

    /** JWK has no name for it. */
    static Stream<Target> targetsOfDsa() {
        return targets().stream().filter(target -> !target.name.equals(KeyFormat.JWK.displayName()));
    }

    /** Every format but that of ssh.com has room for it. */
    static Stream<Target> targetsOfP521() {
        return targets().stream().filter(target -> !target.name.startsWith(KeyFormat.SSHCOM.displayName()));
    }

    @Nested
    class Inspect {
        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWarningTest#targets")
        void inspect_rsaOf1024Bits_warnsWhereItShows(Target target) {
            assertThat(target.inspect(WEAK_RSA).warnings().contains(KeyWarning.WEAK_RSA))
                    .isEqualTo(!target.hidesTheKey);
            assertThat(target.inspect(TestKeys.of("rsa")).warnings()).doesNotContain(KeyWarning.WEAK_RSA);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWarningTest#targetsOfDsa")
        void inspect_dsa_warnsWhereItShows(Target target) {
            KeyInspection seen = target.inspect(TestKeys.of("dsa"));
            assertThat(seen.warnings().contains(KeyWarning.LEGACY_DSA))
                    .isEqualTo(seen.algorithm().isPresent());
            assertThat(seen.algorithm().isPresent() || target.hidesTheKey).isTrue();
            assertThat(target.inspect(TestKeys.of("rsa")).warnings()).doesNotContain(KeyWarning.LEGACY_DSA);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWarningTest#targetsOfText")
        void inspect_noFinalNewline_warns(Target target) {
            String text = target.text(TestKeys.of("rsa"));
            assertThat(KeyReader.inspect(text).warnings()).doesNotContain(KeyWarning.MISSING_FINAL_NEWLINE);
            assertThat(KeyReader.inspect(text.stripTrailing()).warnings()).contains(KeyWarning.MISSING_FINAL_NEWLINE);
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWarningTest#targetsOfText")
        void inspect_unusualText_warns(Target target) {
            String text = target.text(TestKeys.of("rsa"));
            assertThat(KeyReader.inspect(text).warnings()).doesNotContain(KeyWarning.UNUSUAL_TEXT);
            for (String unusual : List.of("\ufeff" + text, "\n" + text, text.indent(1), text.replace("\n", "\r\n"))) {
                assertThat(KeyReader.inspect(unusual).warnings()).contains(KeyWarning.UNUSUAL_TEXT);
            }
        }

        @ParameterizedTest
        @MethodSource("io.keywright.format.KeyWarningTest#targetsOfP521")
        void inspect_p521_warnsOfPuttyInItsOwnFormat(Target target) {
            assertThat(target.inspect(TestKeys.of("nistp521")).warnings().contains(KeyWarning.PUTTY_P521))
                    .isEqualTo(target.isPpk());
            assertThat(target.inspect(TestKeys.of("nistp384")).warnings()).doesNotContain(KeyWarning.PUTTY_P521);
        }

        /** PuTTY pads to whole blocks of 16 where 8 do; half of the lengths show it. */
        @Test
        void inspect_opensshKeyOfPuttygen_warnsOfPaddingAndP521() throws IOException {
            Path none = Files.writeString(folder.resolve("none"), "");
            int padded = 0;
            for (int length = 1; length <= 16; length += 3) {
                Path ppk = folder.resolve("ppk" + length);
                try (EncodedKey encoded = KeyWriter.ppk()
                        .withComment("x".repeat(length))
                        .write(TestKeys.of(EcdsaCurve.NISTP521.sshName()))) {
                    encoded.writeTo(ppk);
                }
                Path made = folder.resolve("made" + length);
                Tools.run("puttygen", ppk, "--new-passphrase", none, "-O", "private-openssh-new", "-o", made);
                KeyInspection seen = KeyReader.inspect(made);
                assertThat(seen.comment()).contains(KeyComment.of("x".repeat(length)));
                if (seen.warnings().contains(KeyWarning.OVER_PADDED)) {
                    padded++;
                    assertThat(seen.warnings()).containsExactly(KeyWarning.OVER_PADDED, KeyWarning.PUTTY_P521);
                } else {
                    assertThat(seen.warnings()).isEmpty();
                }
            }
            assertThat(padded).isBetween(1, 5);
        }

        @Test
        void inspect_manyThings_areListedOnceAndInOrder() {
            String text = new Target("", false, KeyWriter.sshcom()::write).text(WEAK_RSA);
            assertThat(KeyReader.inspect(("\n" + text.strip()).getBytes(StandardCharsets.UTF_8))
                            .warnings())
                    .containsExactly(KeyWarning.WEAK_RSA, KeyWarning.MISSING_FINAL_NEWLINE, KeyWarning.UNUSUAL_TEXT);
        }

        @Test
        void description_ofEach_saysMoreThanTheName() {
            for (KeyWarning warning : KeyWarning.values()) {
                assertThat(warning.description()).contains(": ");
            }
        }
    }
}
