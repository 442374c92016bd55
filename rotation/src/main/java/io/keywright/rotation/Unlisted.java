package io.keywright.rotation;

import java.util.Collection;
import java.util.Optional;

/** Devices that have left a credential's list while they may accept keys that are to go: their only way in. */
final class Unlisted {
    private Unlisted() {}

    /** Says which devices these are and what is to be done about them; empty where there are none. */
    static Optional<String> describe(Collection<String> devices) {
        if (devices.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("list " + Names.list(devices)
                + " again, or remove what is gone from the credential for good: not listed"
                + " any more, and an old key, which is kept for that, may still log in there");
    }
}
