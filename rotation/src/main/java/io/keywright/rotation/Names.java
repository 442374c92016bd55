package io.keywright.rotation;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names in a sentence, of devices or files. */
final class Names {
    /** As many as are read in one look. */
    private static final int MAX_NAMED = 5;

    private Names() {}

    static String list(Collection<String> names) {
        String named = names.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return names.size() > MAX_NAMED ? named + " and " + (names.size() - MAX_NAMED) + " more" : named;
    }
}
