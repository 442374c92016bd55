package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.keywright.Fingerprint.Hash;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private final SshPublicKey key = TestKeys.Signer.ED25519.pair().publicKey();

    @Nested
    class Parse {
        @ParameterizedTest
        @EnumSource
        void parse_printed_isEqual(Hash hash) {
            Fingerprint print = key.fingerprint(hash);
            assertThat(Fingerprint.parse(print.toString()))
                    .isEqualTo(print)
                    .hasSameHashCodeAs(print)
                    .hasToString(print.toString());
        }

        @Test
        void parse_otherSpellings_areEqual() {
            Fingerprint sha256 = key.fingerprint();
            assertThat(Fingerprint.parse(sha256 + "=")).isEqualTo(sha256);
            Fingerprint md5 = key.fingerprint(Hash.MD5);
            String hex = md5.toString().substring("MD5:".length());
            assertThat(Fingerprint.parse(hex)).isEqualTo(md5);
            assertThat(Fingerprint.parse("MD5:" + hex.toUpperCase(java.util.Locale.ROOT)))
                    .isEqualTo(md5);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "SHA256:",
                    "SHA256:AAAA",
                    "SHA256:!",
                    "SHA1:AAAA",
                    "MD5:",
                    "MD5:00",
                    "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee",
                    "00112233445566778899aabbccddeeff",
                    "MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:gg"
                })
        void parse_somethingElse_isNotAKey(String text) {
            assertThatExceptionOfType(NotAKeyException.class)
                    .isThrownBy(() -> Fingerprint.parse(text))
                    .withMessageContaining("not a fingerprint");
        }
    }

    @Nested
    class Digest {
        @Test
        void digest_changedByTheCaller_leavesTheFingerprintAlone() {
            Fingerprint print = key.fingerprint();
            print.digest()[0] ^= 1;
            assertThat(print).isEqualTo(key.fingerprint());
            assertThat(print.digest()).hasSize(32);
            assertThat(key.fingerprint(Hash.MD5).digest()).hasSize(16);
        }

        @Test
        void equals_otherHashOrKey_differs() {
            assertThat(key.fingerprint()).isNotEqualTo(key.fingerprint(Hash.MD5));
            assertThat(key.fingerprint())
                    .isNotEqualTo(TestKeys.Signer.RSA.pair().publicKey().fingerprint());
        }
    }

    @Nested
    class Art {
        @Test
        void randomart_anyKey_isElevenLinesOfNineteen() {
            TestKeys.publicKeys()
                    .forEach(any -> assertThat(any.randomart(Hash.SHA256).split("\n", -1))
                            .hasSize(11)
                            .allSatisfy(line -> assertThat(line).hasSize(19))
                            .satisfies(lines -> assertThat(lines[10]).contains("[SHA256]")));
        }

        @Test
        void walk_squareVisitedVeryOften_countsToTheLastSymbolBeforeStartAndEnd() {
            // 120 steps up and to the left, most of them in the corner, then 8 down and to the right.
            byte[] digest = new byte[32];
            digest[30] = -1;
            digest[31] = -1;
            int[][] visits = Randomart.walk(digest);
            assertThat(visits[0][0]).as("the symbol ^").isEqualTo(14);
            assertThat(visits[8][8]).as("the end").isEqualTo(16);
            assertThat(visits[8][4]).as("the start").isEqualTo(15);
        }

        @Test
        void randomart_ed448_isTitled() {
            assertThat(TestKeys.Signer.ED448.pair().publicKey().randomart(Hash.MD5))
                    .startsWith("+---[ED448 448]---+\n")
                    .endsWith("+------[MD5]------+");
        }
    }
}
