package io.keywright.format;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A key derivation function and its cost, as a key file declares them. Immutable.
 *
 * @param name e.g. {@code "bcrypt"}, {@code "PBKDF2-HMAC-SHA256"}, {@code "Argon2id"}
 * @param cost the parameters that make it expensive, by name, in the order in which they are printed; e.g. {@code rounds}
 */
public record KdfDescription(String name, Map<String, Long> cost) {
    /** Copies the map. */
    public KdfDescription {
        cost = Collections.unmodifiableMap(new LinkedHashMap<>(cost));
    }

    /** Prints e.g. {@code bcrypt (rounds 24)}. */
    @Override
    public String toString() {
        if (cost.isEmpty()) {
            return name;
        }
        return cost.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ", name + " (", ")"));
    }
}
