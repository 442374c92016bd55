package io.keywright.benchmarks.goals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.util.ListStatistics;

@Tag("once")
class MeasuredTest {
    @Nested
    class Median {
        @Test
        void median_oneTime_hasNoError() {
            assertThat(Measured.median(List.of(3.0))).isEqualTo(new Measured(3, Double.NaN));
        }

        @Test
        void median_fiveTimes_intervalHoldsAll() {
            assertThat(Measured.median(List.of(5.0, 1.0, 4.0, 2.0, 9.0))).isEqualTo(new Measured(4, 4));
        }

        /** Binomial distribution of 12 tosses: at most 2 heads in 1.93 % of cases, at most 3 in 7.3 %. */
        @Test
        void median_twelveTimes_leavesTwoOutOnEitherSide() {
            List<Double> times = Stream.of(100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000)
                    .map(Integer::doubleValue)
                    .toList();

            assertThat(Measured.median(times)).isEqualTo(new Measured(6.5, (10 - 3) / 2.0));
        }

        /** At most one head of six tosses in 10.9 % of cases, none in 1.6 %; at most one of nine in 1.95 %. */
        @Test
        void median_sixAndNineTimes_sixHoldsAllAndNineAllButTwo() {
            assertThat(Measured.median(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 60.0))).isEqualTo(new Measured(3.5, 29.5));
            assertThat(Measured.median(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 90.0)))
                    .isEqualTo(new Measured(5, 3));
        }

        @Test
        void median_iterations_thoseThatTookAsLongCountEach() {
            assertThat(Measured.median(new ListStatistics(new double[] {7, 2, 2, 100, 3})))
                    .isEqualTo(new Measured(3, 49));
        }
    }
}
