package io.keywright.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywright.MalformedKeyException;
import io.keywright.SshPublicKey;
import io.keywright.UnexpectedPublicKeyException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicLineOptionsTest {
    private static final SshPublicKey KEY = TestKeys.of("ed25519").publicKey();

    @Nested
    class ReadPublic {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "restrict",
                    "no-pty,from=\"10.0.0.0/8\"",
                    "command=\"/bin/echo \\\"a b\\\" AAAA\"",
                    "command=\"ssh-rsa AAAAB3\"",
                    "environment=\"A=ssh-ed25519 AAAA\",restrict",
                    "cert-authority",
                    "unknown-option"
                })
        void readPublic_optionsAllowed_givesTheKey(String options) {
            SshPublicKey read = KeyReader.of().withOptionsAllowed().readPublic(options + " " + KEY.toLine() + "\n");

            assertThat(read).isEqualTo(KEY);
            assertThat(read.comment()).isEqualTo(KEY.comment());
        }

        @Test
        void readPublic_optionsNotAllowed_saysWhatTheyAre() {
            assertThatThrownBy(() -> KeyReader.of().readPublic("command=\"secret thing\" " + KEY.toLine()))
                    .isInstanceOfSatisfying(
                            MalformedKeyException.class,
                            e -> assertThat(e.where()).isEqualTo("options"))
                    .hasMessageContaining("authorized_keys")
                    .hasMessageNotContaining("secret");
        }

        @Test
        void readPublic_allowedAndNone_isThePlainLine() {
            assertThat(KeyReader.of().withOptionsAllowed().readPublic(KEY.toLine()))
                    .isEqualTo(KEY);
        }

        @Test
        void readPublic_twoLinesWithOptions_areTwoKeys() {
            String line = "restrict " + KEY.toLine() + "\n";

            assertThatThrownBy(() -> KeyReader.of().withOptionsAllowed().readPublic(line + line))
                    .isInstanceOf(MalformedKeyException.class)
                    .hasMessageContaining("two keys");
        }

        @Test
        void read_lineWithOptions_isAPublicKey() {
            assertThatThrownBy(() -> KeyReader.of().withOptionsAllowed().read("restrict " + KEY.toLine()))
                    .isInstanceOfSatisfying(
                            UnexpectedPublicKeyException.class,
                            e -> assertThat(e.publicKey()).isEqualTo(KEY));
        }
    }

    @Nested
    class Inspect {
        @Test
        void inspect_lineWithOptions_warns() {
            KeyInspection found = KeyReader.inspect("restrict " + KEY.toLine() + "\n");

            assertThat(found.publicKey()).contains(KEY);
            assertThat(found.comment()).contains(KEY.comment());
            assertThat(found.warnings()).containsExactly(KeyWarning.OPTIONS_IN_FRONT);
            assertThat(KeyReader.inspect(KEY.toLine() + "\n").warnings()).isEmpty();
        }
    }
}
