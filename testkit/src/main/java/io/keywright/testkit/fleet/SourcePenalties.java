package io.keywright.testkit.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** What one server holds against addresses (OpenSSH, srclimit.c). Guarded by its device's lock. */
final class SourcePenalties {
    private final Map<String, Penalty> byAddress = new HashMap<>(0);

    private record Penalty(Instant expiry, boolean active) {}

    /** Tells whether a new connection is dropped at once. */
    boolean drops(String address, Instant now) {
        Penalty penalty = current(address, now);
        return penalty != null && penalty.active();
    }

    void add(String address, Duration more, PenaltyRules rules, Instant now) {
        Penalty before = current(address, now);
        Instant expiry = (before == null ? now : before.expiry()).plus(more);
        Instant cap = now.plus(rules.most());
        if (before != null && expiry.isAfter(cap)) {
            expiry = cap;
        }
        boolean active = (before != null && before.active())
                || Duration.between(now, expiry).compareTo(rules.least()) > 0;
        byAddress.put(address, new Penalty(expiry, active));
    }

    private @org.jspecify.annotations.Nullable Penalty current(String address, Instant now) {
        Penalty penalty = byAddress.get(address);
        if (penalty != null && !penalty.expiry().isAfter(now)) {
            byAddress.remove(address);
            return null;
        }
        return penalty;
    }
}
