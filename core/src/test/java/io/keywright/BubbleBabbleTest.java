package io.keywright;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BubbleBabbleTest {

    @Nested
    class Encode {
        // The three of the draft.
        @ParameterizedTest
        @CsvSource({
            "'', xexax",
            "1234567890, xesef-disof-gytuf-katof-movif-baxux",
            "Pineapple, xigak-nyryk-humil-bosek-sonax"
        })
        void encode_publishedVector_isEqual(String text, String babble) {
            assertThat(BubbleBabble.encode(text.getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(babble);
        }
    }
}
