package io.keywright.format;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The cases of a parameterised test. Each is a test of its own; but a mutation run, which starts the tests anew for every
 * change of the code, has one test for a group of them, since starting a test takes longer than most cases do.
 */
public final class Cases {
    /** Whether this is a run of the profile {@code mutation}. */
    public static final boolean MUTATION_RUN = Boolean.getBoolean("keywright.mutationRun");

    private Cases() {}

    /** Ends a test that takes much time and asks what other tests ask more precisely, when this is a mutation run. */
    public static void leaveOutOfMutationRuns() {
        assumeFalse(MUTATION_RUN, "a mutation run has faster tests for this");
    }

    /** Returns the arguments: a name, and the cases to test under it. */
    public static <T> List<Arguments> of(List<T> cases, Function<T, String> group) {
        Map<String, List<T>> groups = new LinkedHashMap<>();
        for (T one : cases) {
            groups.computeIfAbsent(MUTATION_RUN ? group.apply(one) : one.toString(), name -> new ArrayList<>())
                    .add(one);
        }
        return groups.entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), entry.getValue()))
                .toList();
    }
}
