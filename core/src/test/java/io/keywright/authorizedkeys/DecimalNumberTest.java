package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalNumberTest {
    @ParameterizedTest
    @CsvSource({
        "'0', 0",
        "'7', 7",
        "' 7', 7",
        "'\t\n\u000b\f\r7', 7",
        "'+7', 7",
        "' +007', 7",
        "'-0', 0",
        "'000', 0",
        "'65535', 65535"
    })
    void parse_whatStrtollTakes_isTheNumber(String text, int number) {
        assertThat(DecimalNumber.parse(text, 65535)).hasValue(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "+",
                "-",
                "-7",
                "7 ",
                "7x",
                "x7",
                "+ 7",
                "+-7",
                "65536",
                "99999999999",
                "9999999999999999999",
                "0x7"
            })
    void parse_whatItDoesNotTake_orIsOutOfRange_isNone(String text) {
        assertThat(DecimalNumber.parse(text, 65535)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 2})
    void parse_atTheLimit_isANumber(int max) {
        assertThat(DecimalNumber.parse(String.valueOf(max), max)).hasValue(max);
        assertThat(DecimalNumber.parse(String.valueOf(max + 1L), max)).isEmpty();
    }
}
