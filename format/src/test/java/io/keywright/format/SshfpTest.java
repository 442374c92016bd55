package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SshfpTest {
    private static final SshPublicKey KEY = TestKeys.of("ed25519").publicKey();
    private static final SshfpRecord RECORD = SshfpRecord.of("host.example.", KEY, SshfpRecord.Hash.SHA256);

    @TempDir
    Path folder;

    /** What ssh-keygen prints; Ed448 is unknown to it, and security-token keys are no host keys. */
    static Stream<String> types() {
        return Stream.of("rsa", "dsa", "nistp256", "nistp384", "nistp521", "ed25519");
    }

    @Nested
    class Write {
        @ParameterizedTest
        @MethodSource("io.keywright.format.SshfpTest#types")
        void toText_everyType_isWhatSshKeygenPrints(String type) throws IOException {
            SshPublicKey key = TestKeys.of(type).publicKey();
            Path file = Files.writeString(folder.resolve("key.pub"), key.toLine() + "\n");

            String ours = SshfpRecord.allOf("host.example.", key).stream()
                    .map(SshfpRecord::toText)
                    .collect(Collectors.joining("\n"));

            assertThat(ours).isEqualTo(Tools.run("ssh-keygen", "-r", "host.example.", "-f", file));
        }

        @Test
        void of_ed448_hasTheNumberOfRfc8709() {
            SshPublicKey key = TestKeys.of("ed448").publicKey();

            SshfpRecord record = SshfpRecord.of("h", key, SshfpRecord.Hash.SHA256);

            assertThat(record.toText()).startsWith("h IN SSHFP 6 2 ");
            assertThat(record.matches(key)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"sk-ecdsa", "sk-ed25519"})
        void of_typeWithoutNumber_isRefusedByName(String type) {
            SshPublicKey key = TestKeys.of(type).publicKey();

            assertThatThrownBy(() -> SshfpRecord.allOf("h", key))
                    .isInstanceOfSatisfying(
                            UnsupportedKeyException.class,
                            e -> assertThat(e.algorithm()).isEqualTo(key.algorithm()));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "a b", "a\nb IN SSHFP 1 1 00", "a;b", "a(b", "a\\b", "h\u00f6st"})
        void of_ownerThatIsNoName_isRefused(String owner) {
            assertThatThrownBy(() -> SshfpRecord.of(owner, KEY, SshfpRecord.Hash.SHA1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Read {
        @ParameterizedTest
        @MethodSource("io.keywright.format.SshfpTest#types")
        void parse_whatSshKeygenPrints_matchesThatKeyAndNoOther(String type) throws IOException {
            SshPublicKey key = TestKeys.of(type).publicKey();
            Path file = Files.writeString(folder.resolve("key.pub"), key.toLine() + "\n");
            List<String> lines = Stream.concat(
                            Tools.run("ssh-keygen", "-r", "h", "-f", file).lines(),
                            Tools.run("ssh-keygen", "-r", "h", "-g", "-f", file).lines())
                    .toList();

            assertThat(lines).hasSize(4);
            for (String line : lines) {
                SshfpRecord record = SshfpRecord.parse(line);
                assertThat(record.matches(key)).isTrue();
                assertThat(record.owner()).isEqualTo("h");
                TestKeys.all()
                        .forEach((name, other) -> assertThat(record.matches(other.publicKey()))
                                .as(name)
                                .isEqualTo(name.equals(type)));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "host.example. 3600 IN SSHFP 4 2 %s",
                    "host.example. IN 1h30m SSHFP 4 2 %s",
                    "host.example. SSHFP 4 2 %s ; key of 2026",
                    "  host.example.\tin\tsshfp\t4\t2\t%s\r\n",
                    "host.example. 60 IN SSHFP ( 4 2\n   %s ) ; multi-line",
                    "host.example. 60 IN SSHFP ( 4 2\r   %s )\r",
                    "\ufeffhost.example. SSHFP 4 2 %s",
                    "\ufeff\r\n; what dig says\r\nhost.example. SSHFP 4 2 %s \t\r\n\r\n"
                })
        void parse_otherSpellings_areTheSame(String form) {
            String fingerprint = RECORD.fingerprint();
            String broken = fingerprint.substring(0, 20) + " " + fingerprint.substring(20, 50) + "\t"
                    + fingerprint.substring(50);

            assertThat(SshfpRecord.parse(form.formatted(fingerprint))).isEqualTo(RECORD);
            assertThat(SshfpRecord.parse(form.formatted(broken.toUpperCase(java.util.Locale.ROOT))))
                    .isEqualTo(RECORD);
        }

        @Test
        void parse_unknownNumbers_isReadAndMatchesNothing() {
            SshfpRecord record = SshfpRecord.parse("h IN SSHFP 9 7 0102");

            assertThat(record).isEqualTo(new SshfpRecord("h", 9, 7, "0102"));
            TestKeys.all()
                    .values()
                    .forEach(key -> assertThat(record.matches(key.publicKey())).isFalse());
        }

        @Test
        void matches_anotherAlgorithmsNumber_isFalse() {
            SshfpRecord lying = new SshfpRecord("h", 1, 2, RECORD.fingerprint());

            assertThat(lying.matches(KEY)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "h",
                    "h IN",
                    "h IN SSHFP",
                    "h IN SSHFP 4 2",
                    "h IN SSHFP 4 2 abc",
                    "h IN SSHFP 4 2 zz",
                    "h IN SSHFP 4 1 00",
                    "h IN SSHFP 4 2 00",
                    "h IN SSHFP 256 7 00",
                    "h IN SSHFP 4 999 00",
                    "h IN SSHFP -4 2 00",
                    "h IN A 127.0.0.1",
                    "h IN SSHFP 9 7 00\nh IN SSHFP 9 7 00",
                    "h IN SSHFP ( 9 7 00",
                    "h IN SSHFP 9 7 00 )",
                    "h IN SSHFP ((9 7 00))",
                    "h IN TYPE44 \\# 5 0902",
                    "h IN TYPE44 \\# 2 0902",
                    "h IN TYPE44 \\# 3 0401",
                    "h IN TYPE43 \\# 3 090200",
                    "h\u00f6 IN SSHFP 9 7 00",
                    "; h IN SSHFP 9 7 00"
                })
        void parse_noRecord_isRefused(String text) {
            assertThatThrownBy(() -> SshfpRecord.parse(text)).isInstanceOf(MalformedKeyException.class);
        }

        @Test
        void parse_longText_isALimit() {
            assertThatThrownBy(() -> SshfpRecord.parse("h IN SSHFP 9 7 " + "00".repeat(3000)))
                    .isInstanceOf(LimitExceededException.class);
        }
    }
}
