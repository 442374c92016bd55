package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class PassphraseTest {

    @Nested
    class Of {
        @Test
        void of_umlautWithoutCharset_isUtf8() {
            try (Passphrase passphrase = Passphrase.of("gr\u00fcn \ud83d\udd11".toCharArray())) {
                assertThat(passphrase.toByteArray())
                        .isEqualTo("gr\u00fcn \ud83d\udd11".getBytes(StandardCharsets.UTF_8));
            }
        }

        @Test
        void of_umlautInWindows1252_isOneByte() {
            try (Passphrase passphrase = Passphrase.of(new char[] {'\u00fc'}, Charset.forName("windows-1252"))) {
                assertThat(passphrase.toByteArray()).containsExactly((byte) 0xfc);
            }
        }

        @Test
        void of_statefulCharset_endsInItsInitialState() {
            Charset charset = Charset.forName("ISO-2022-JP");
            try (Passphrase passphrase = Passphrase.of(new char[] {'\u3042'}, charset)) {
                assertThat(passphrase.toByteArray()).isEqualTo("\u3042".getBytes(charset));
            }
        }

        @Test
        void of_blanks_areAPassphrase() {
            try (Passphrase passphrase = Passphrase.of("  \t".toCharArray())) {
                assertThat(passphrase.toByteArray()).containsExactly(' ', ' ', '\t');
            }
        }

        @Test
        void of_empty_isRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> Passphrase.of(new char[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> Passphrase.ofBytes(new byte[0]));
        }

        @Test
        void of_loneSurrogate_isRefusedAndNotEchoed() {
            for (String broken : new String[] {"hunter\ud83d", "\udd11hunter", "hun\ud83dter"}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Passphrase.of(broken.toCharArray()))
                        .withMessageContaining("UTF-8")
                        .withMessageNotContaining("hun")
                        .withNoCause();
            }
        }

        @Test
        void of_characterOutsideTheCharset_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Passphrase.of(new char[] {'\u20ac'}, StandardCharsets.ISO_8859_1))
                    .withMessageContaining("ISO-8859-1");
        }

        @Test
        void of_callerWipesItsArray_passphraseIsKept() {
            char[] characters = {'a', 'b'};
            byte[] bytes = {'a', 'b'};
            try (Passphrase ofCharacters = Passphrase.of(characters);
                    Passphrase ofBytes = Passphrase.ofBytes(bytes)) {
                characters[0] = 0;
                bytes[0] = 0;
                assertThat(ofCharacters.toByteArray()).containsExactly('a', 'b');
                assertThat(ofBytes.toByteArray()).containsExactly('a', 'b');
            }
        }
    }

    @Nested
    class Close {
        @Test
        void close_secret_isWipedAndUseThrows() {
            Passphrase passphrase = Passphrase.of("secret".toCharArray());
            Passphrase copy = passphrase.copy();
            passphrase.close();
            passphrase.close();
            assertThat(passphrase.secret().isClosed()).isTrue();
            assertThatIllegalStateException().isThrownBy(passphrase::toByteArray);
            assertThat(copy.toByteArray()).isEqualTo("secret".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Nested
    class Print {
        @Test
        void toString_any_saysNotEvenTheLength() {
            assertThat(Passphrase.of("secret".toCharArray())).hasToString("Passphrase[redacted]");
        }
    }
}
