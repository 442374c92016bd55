package io.keywright.authorizedkeys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryTimeTest {
    @ParameterizedTest
    @CsvSource({
        "20300102, 2030-01-02T00:00:00Z",
        "20300102Z, 2030-01-02T00:00:00Z",
        "20300102utc, 2030-01-02T00:00:00Z",
        "203001020304z, 2030-01-02T03:04:00Z",
        "20300102030405, 2030-01-02T03:04:05Z",
        "20300102030405UTC, 2030-01-02T03:04:05Z",
        "20300231, 2030-03-03T00:00:00Z",
        "20301231235961Z, 2031-01-01T00:00:01Z",
        "19700101000001Z, 1970-01-01T00:00:01Z"
    })
    void parse_rightValue_isTheMomentThatSshdTakes(String text, Instant moment) {
        assertThat(ExpiryTime.parse(text).orElseThrow().at(ZoneOffset.UTC)).isEqualTo(moment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "UTC",
                "2030",
                "2030010",
                "203001011",
                "2030010112",
                "2030-01-01",
                "20300001",
                "20301301",
                "20300100",
                "20300132",
                "203001012400",
                "203001010060",
                "20300101000062",
                "20300101ZZ",
                "20300101GMT",
                "20300101+0100",
                "tomorrow",
                "19700101Z",
                "19691231",
                "00010101",
                " 20300101",
                "2030010\u0661"
            })
    void parse_wrongValue_isEmpty(String text) {
        assertThat(ExpiryTime.parse(text)).isEmpty();
    }

    @Test
    void at_withoutSuffix_isTheServersZone() {
        ExpiryTime local = ExpiryTime.parse("203007010000").orElseThrow();
        assertThat(local.utc()).isFalse();
        assertThat(local.at(ZoneId.of("Europe/Berlin")))
                .as("standard time, although it is summer")
                .isEqualTo(Instant.parse("2030-06-30T23:00:00Z"));
        ExpiryTime utc = ExpiryTime.parse("203007010000Z").orElseThrow();
        assertThat(utc.at(ZoneId.of("Europe/Berlin"))).isEqualTo(Instant.parse("2030-07-01T00:00:00Z"));
        assertThat(local).hasToString("20300701000000");
        assertThat(utc).hasToString("20300701000000Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"})
    void of_momentThatCannotBeWritten_isRefused(Instant moment) {
        assertThatExceptionOfType(EditRefusedException.class).isThrownBy(() -> ExpiryTime.of(moment));
    }

    @Test
    void of_moment_isReadBack() {
        Instant moment = Instant.parse("9999-12-31T23:59:59Z");
        assertThat(ExpiryTime.parse(ExpiryTime.of(moment).toString())).contains(ExpiryTime.of(moment));
    }
}
