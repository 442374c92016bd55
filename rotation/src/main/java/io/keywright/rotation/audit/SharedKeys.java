package io.keywright.rotation.audit;

import io.keywright.Fingerprint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Remembers which keys were seen on which accounts: a few dozen bytes for each different key, and the names of some accounts
 * of those that are shared. Not thread-safe.
 */
final class SharedKeys {
    private final Map<Fingerprint, Places> seen = new HashMap<>();
    private boolean complete = true;

    /** Where one key is: nearly always in one place. */
    private static final class Places {
        private final String first;
        private final TreeSet<String> named = new TreeSet<>();
        private int count = 1;
        private boolean expected;

        Places(String first, boolean expected) {
            this.first = first;
            this.expected = expected;
        }
    }

    /**
     * Notes a key, once for each account.
     *
     * @param expected whether the key is its credential's and the account is, too
     */
    void add(Fingerprint key, String account, boolean expected) {
        Places places = seen.get(key);
        if (places != null) {
            places.count++;
            places.expected &= expected;
            if (places.named.size() < Audit.MAX_NAMED_ACCOUNTS) {
                places.named.add(places.first);
                places.named.add(account);
            }
        } else if (seen.size() < Audit.MAX_COMPARED_KEYS) {
            seen.put(key, new Places(account, expected));
        } else {
            complete = false;
        }
    }

    boolean isComplete() {
        return complete;
    }

    /** The keys on more than one account, but for those that are meant to be. */
    List<AuditResult.SharedKey> list() {
        List<AuditResult.SharedKey> shared = new ArrayList<>();
        seen.forEach((key, places) -> {
            if (places.count > 1 && !places.expected) {
                List<String> named =
                        places.named.stream().limit(Audit.MAX_NAMED_ACCOUNTS).toList();
                shared.add(new AuditResult.SharedKey(key.toString(), named, places.count));
            }
        });
        shared.sort(Comparator.comparing(AuditResult.SharedKey::fingerprint));
        return shared;
    }
}
