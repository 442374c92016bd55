package io.keywright.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AdditionTest {
    private static Optional<String> of(String before, String after) {
        return Addition.of(before.getBytes(StandardCharsets.UTF_8), after.getBytes(StandardCharsets.UTF_8))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    @Nested
    class Of {
        @Test
        void lineAtTheEnd_isIt() {
            assertThat(of("a\nb\n", "a\nb\nc\n")).contains("c\n");
            assertThat(of("", "c\n")).contains("c\n");
        }

        @Test
        void lineInTheMiddle_isIt() {
            assertThat(of("a\nb\n", "a\nc\nb\n")).contains("c\n");
            assertThat(of("a\nb\n", "x\na\ny\nb\nz\n")).contains("x\ny\nz\n");
        }

        @Test
        void missingLineEnd_isAddedFirst() {
            assertThat(of("a\nb", "a\nb\nc\n")).contains("\nc\n");
            assertThat(of("a\nb", "a\nc\nb\n")).contains("\nc\n");
            assertThat(of("a\r\nb", "a\r\nb\r\nc\r\n")).contains("\nc\r\n");
        }

        @Test
        void addedLineWithoutAnEnd_getsOne() {
            assertThat(of("a\n", "a\nc")).contains("c\n");
        }

        @Test
        void lineThatIsGoneOrChanged_isNoAddition() {
            assertThat(of("a\nb\n", "a\n")).isEmpty();
            assertThat(of("a\nb\n", "a\nB\n")).isEmpty();
            assertThat(of("a\nb\n", "b\na\n")).isEmpty();
            assertThat(of("a\na\n", "a\nb\n")).isEmpty();
            assertThat(of("a\n", "")).isEmpty();
        }
    }
}
