package io.keywright.rotation;

import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Devices that have left a credential's list while they may accept keys that are to go: their only way in. */
final class Unlisted {
    /** As many as are read in one look. */
    private static final int MAX_NAMED = 5;

    private Unlisted() {}

    /** Says which devices these are and what is to be done about them; empty where there are none. */
    static Optional<String> describe(Collection<String> devices) {
        if (devices.isEmpty()) {
            return Optional.empty();
        }
        String named = devices.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        String more = devices.size() > MAX_NAMED ? " and " + (devices.size() - MAX_NAMED) + " more" : "";
        return Optional.of(
                "list " + named + more + " again, or remove what is gone from the credential for good: not listed"
                        + " any more, and an old key, which is kept for that, may still log in there");
    }
}
