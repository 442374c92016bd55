package io.keywright.benchmarks.goals;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

@Tag("once")
class GoalsTest {
    @Nested
    class All {
        @Test
        void all_eachContender_isABenchmarkWithTheseParameters() {
            assertThat(Goals.all())
                    .flatExtracting(goal -> List.of(goal.ours(), goal.peer()))
                    .allSatisfy(GoalsTest::requireBenchmark);
        }

        @Test
        void all_names_areUnique() {
            assertThat(Goals.all()).extracting(Goal::name).doesNotHaveDuplicates();
        }
    }

    /** What is counted is nearly the same on every machine, whatever else it does. */
    @Nested
    class Counted {
        @Test
        void measure_aRotation_needsNoMoreThanItDid() throws Exception {
            Counts counts = Counts.measure(10);

            assertThat(counts.connectionsADevice()).isEqualTo(3);
            assertThat(counts.connectionsADeviceKeepingNone()).isEqualTo(4);
            assertThat(counts.editBytes()).isBetween(100.0, 32 * 1024.0);
            assertThat(counts.engineShare()).isBetween(0.0001, 0.9);
            assertThat(counts.logInRoundTrips()).isBetween(3.0, 12.0);
            // What is sent together can arrive apart on a busy machine, and then counts twice; hence so much room.
            assertThat(counts.editRoundTrips()).isBetween(8.0, 60.0);
            assertThat(counts.planRoundTripsADevice()).isBetween(15.0, 130.0);
            assertThat(counts.roundTripsADevice()).isBetween(30.0, 180.0);
        }
    }

    private static void requireBenchmark(Contender contender) throws ReflectiveOperationException {
        String[] names = contender.benchmark().split("\\.", -1);
        Class<?> type = Class.forName("io.keywright.benchmarks." + names[0]);
        assertThat(type.getMethods())
                .anyMatch(method -> method.getName().equals(names[1]) && method.isAnnotationPresent(Benchmark.class));
        for (Map.Entry<String, String> parameter : contender.parameters().entrySet()) {
            Field field = type.getField(parameter.getKey());
            List<String> allowed = field.getType().isEnum()
                    ? Arrays.stream(field.getType().getEnumConstants())
                            .map(Object::toString)
                            .toList()
                    : List.of(field.getAnnotation(Param.class).value());
            assertThat(allowed).as("%s", contender).contains(parameter.getValue());
        }
    }
}
