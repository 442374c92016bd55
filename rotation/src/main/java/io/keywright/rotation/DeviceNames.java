package io.keywright.rotation;

import java.util.Collection;
import java.util.stream.Collectors;

/** Ids of devices in a sentence. */
final class DeviceNames {
    /** As many as are read in one look. */
    private static final int MAX_NAMED = 5;

    private DeviceNames() {}

    static String list(Collection<String> devices) {
        String named = devices.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return devices.size() > MAX_NAMED ? named + " and " + (devices.size() - MAX_NAMED) + " more" : named;
    }
}
