package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCommentTest {

    @Nested
    class Of {
        @Test
        void of_text_isUtf8() {
            assertThat(KeyComment.of("j\u00fcrgen").toByteArray())
                    .isEqualTo("j\u00fcrgen".getBytes(StandardCharsets.UTF_8));
        }

        @Test
        void ofBytes_notUtf8_isKept() {
            byte[] latin1 = {'j', (byte) 0xfc, 'r'};
            KeyComment comment = KeyComment.ofBytes(latin1);
            latin1[0] = 'x';
            assertThat(comment.toByteArray()).containsExactly('j', 0xfc, 'r');
            assertThat(comment).hasToString("j\ufffdr");
        }

        @Test
        void of_nothing_isEmpty() {
            assertThat(KeyComment.of("")).isSameAs(KeyComment.EMPTY);
            assertThat(KeyComment.EMPTY.isEmpty()).isTrue();
            assertThat(KeyComment.of(" ").isEmpty()).isFalse();
        }
    }

    @Nested
    class FitsInLine {
        @ParameterizedTest
        @ValueSource(strings = {"deploy@prod", "two words", "tab\there", "j\u00fcrgen", "# \"quoted\"", ""})
        void fitsInLine_text_true(String text) {
            assertThat(KeyComment.of(text).fitsInLine()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\nb", "a\rb", "a\0b", "a\u001bb", "a\u007fb"})
        void fitsInLine_controlCharacter_false(String text) {
            assertThat(KeyComment.of(text).fitsInLine()).isFalse();
        }
    }

    @Nested
    class Equality {
        @Test
        void equals_bytes_decide() {
            assertThat(KeyComment.of("a")).isEqualTo(KeyComment.ofBytes(new byte[] {'a'}));
            assertThat(KeyComment.of("a")).hasSameHashCodeAs(KeyComment.ofBytes(new byte[] {'a'}));
            assertThat(KeyComment.of("a")).isNotEqualTo(KeyComment.of("b")).isNotEqualTo("a");
        }
    }
}
