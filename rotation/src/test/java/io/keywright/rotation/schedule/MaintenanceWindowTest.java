package io.keywright.rotation.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaintenanceWindowTest {
    private static final long SEED = 20260329;
    private static final List<ZoneId> ZONES = List.of(
            ZoneId.of("UTC"),
            ZoneId.of("Europe/Berlin"),
            ZoneId.of("America/New_York"),
            ZoneId.of("Australia/Lord_Howe"),
            ZoneId.of("Asia/Kathmandu"),
            ZoneId.of("America/Sao_Paulo"));

    private static Instant berlin(String local) {
        return LocalDateTime.parse(local).atZone(ZoneId.of("Europe/Berlin")).toInstant();
    }

    @Nested
    class Parse {
        @Test
        void parse_rangeOfDays_hasEachOfThem() {
            MaintenanceWindow window = MaintenanceWindow.parse("fri-mon,WED 22:00-04:00 Europe/Berlin");
            assertThat(window.days())
                    .containsExactlyInAnyOrder(
                            DayOfWeek.FRIDAY,
                            DayOfWeek.SATURDAY,
                            DayOfWeek.SUNDAY,
                            DayOfWeek.MONDAY,
                            DayOfWeek.WEDNESDAY);
            assertThat(window.from()).isEqualTo(LocalTime.of(22, 0));
            assertThat(window.length()).isEqualTo(Duration.ofHours(6));
        }

        @Test
        void parse_whatToStringWrote_isTheSame() {
            MaintenanceWindow window = MaintenanceWindow.parse("tue-thu 00:00-00:00 America/New_York");
            assertThat(MaintenanceWindow.parse(window.toString())).isEqualTo(window);
            assertThat(window.length()).isEqualTo(Duration.ofDays(1));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "mon",
                    "mon 22:00 UTC",
                    "mon 22:00-04:00",
                    "mon 25:00-04:00 UTC",
                    "mon 22:00-04:00 Nowhere/City",
                    "moon 22:00-04:00 UTC",
                    "mon,,tue 22:00-04:00 UTC",
                    "mon- 22:00-04:00 UTC"
                })
        void parse_anythingElse_isRefused(String text) {
            assertThatThrownBy(() -> MaintenanceWindow.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void new_withoutADay_isRefused() {
            assertThatThrownBy(
                            () -> new MaintenanceWindow(Set.of(), LocalTime.MIDNIGHT, LocalTime.NOON, ZoneId.of("UTC")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class DaylightSaving {
        /** 02:00 to 03:00 does not exist on 29 March 2026, and exists twice on 25 October. */
        @Test
        void contains_openingIsSkipped_opensAtTheChange() {
            MaintenanceWindow window = MaintenanceWindow.parse("sun 02:30-05:00 Europe/Berlin");
            Instant change = Instant.parse("2026-03-29T01:00:00Z");
            assertThat(window.contains(change.minusSeconds(1))).isFalse();
            assertThat(window.openFrom(berlin("2026-03-28T12:00:00"))).isEqualTo(change);
            assertThat(window.contains(berlin("2026-03-29T04:59:59"))).isTrue();
            assertThat(window.contains(berlin("2026-03-29T05:00:00"))).isFalse();
        }

        @Test
        void openFrom_windowIsSkippedAsAWhole_isTheNextOne() {
            MaintenanceWindow window = MaintenanceWindow.parse("sun 02:00-03:00 Europe/Berlin");
            assertThat(window.openFrom(berlin("2026-03-28T12:00:00"))).isEqualTo(berlin("2026-04-05T02:00:00"));
        }

        @Test
        void contains_hourThatComesTwice_isOneStretch() {
            MaintenanceWindow window = MaintenanceWindow.parse("sun 02:15-02:45 Europe/Berlin");
            Instant first = Instant.parse("2026-10-25T00:15:00Z");
            Instant last = Instant.parse("2026-10-25T01:45:00Z");
            assertThat(window.openFrom(berlin("2026-10-24T12:00:00"))).isEqualTo(first);
            assertThat(window.contains(Instant.parse("2026-10-25T00:50:00Z"))).isTrue();
            assertThat(window.contains(last.minusSeconds(1))).isTrue();
            assertThat(window.contains(last)).isFalse();
        }
    }

    @Nested
    class Properties {
        private final Random random = new Random(SEED);

        private MaintenanceWindow window() {
            EnumSet<DayOfWeek> days = EnumSet.of(DayOfWeek.of(1 + random.nextInt(7)));
            while (random.nextBoolean()) {
                days.add(DayOfWeek.of(1 + random.nextInt(7)));
            }
            return new MaintenanceWindow(
                    days,
                    LocalTime.of(random.nextInt(24), 15 * random.nextInt(4)),
                    LocalTime.of(random.nextInt(24), 15 * random.nextInt(4)),
                    ZONES.get(random.nextInt(ZONES.size())));
        }

        private Instant moment() {
            return Instant.parse("2026-01-01T00:00:00Z").plus(Duration.ofMinutes(random.nextInt(366 * 24 * 60)));
        }

        @Test
        void openFrom_anyMoment_isOpenThenAndNotBefore() {
            for (int i = 0; i < 2_000; i++) {
                MaintenanceWindow window = window();
                Instant moment = moment();
                Instant open = window.openFrom(moment);
                assertThat(window.contains(open))
                        .as("seed %d: %s at %s", SEED, window, open)
                        .isTrue();
                assertThat(open).isAfterOrEqualTo(moment);
                for (Instant t = moment; t.isBefore(open); t = t.plus(Duration.ofMinutes(15))) {
                    assertThat(window.contains(t))
                            .as("seed %d: %s at %s", SEED, window, t)
                            .isFalse();
                }
            }
        }

        @Test
        void contains_dayWithoutAChange_isWhatTheClockOnTheWallSays() {
            for (int i = 0; i < 20_000; i++) {
                MaintenanceWindow window = window();
                ZonedDateTime local = moment().atZone(window.zone());
                if (local.minusDays(2).getOffset().equals(local.plusDays(2).getOffset())) {
                    assertThat(window.contains(local.toInstant()))
                            .as("seed %d: %s at %s", SEED, window, local)
                            .isEqualTo(onTheWall(window, local));
                }
            }
        }

        private static boolean onTheWall(MaintenanceWindow window, ZonedDateTime local) {
            LocalTime time = local.toLocalTime();
            boolean today = window.days().contains(local.getDayOfWeek());
            boolean yesterday = window.days().contains(local.getDayOfWeek().minus(1));
            if (window.to().isAfter(window.from())) {
                return today && !time.isBefore(window.from()) && time.isBefore(window.to());
            }
            return (today && !time.isBefore(window.from())) || (yesterday && time.isBefore(window.to()));
        }
    }
}
