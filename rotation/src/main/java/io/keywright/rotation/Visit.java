package io.keywright.rotation;

import java.util.LinkedHashMap;
import java.util.Map;

/** What EXPAND came upon on one device, whether it ended well or not. For one thread. */
final class Visit {
    private final boolean mayBeOurs;
    private final Map<String, String> files = new LinkedHashMap<>();
    private boolean touched;
    private boolean looked;
    private boolean there;

    /**
     * Begins.
     *
     * @param touched whether an earlier visit may have added the key
     * @param mayBeOurs whether the key, when it is there at first sight, is most likely what an earlier visit added
     */
    Visit(boolean touched, boolean mayBeOurs) {
        this.touched = touched;
        this.mayBeOurs = mayBeOurs;
    }

    /** Whether the device's files may have been changed. */
    boolean touched() {
        return touched;
    }

    /** From here on the device's files may be changed. */
    void touch() {
        touched = true;
    }

    /** Whether the key was there before this device's own addition: then another device has the same file. */
    boolean wasThere() {
        return there;
    }

    /** The files that have the key: by real path, what tells one content from another. */
    Map<String, String> files() {
        return files;
    }

    /**
     * Notes what a file had and has. That the key was there counts in the first attempt only, for later ones see what it did,
     * and under a file's first name only.
     */
    void sees(String path, String digest, boolean wasThere) {
        there |= files.put(path, digest) == null && wasThere && !looked && !mayBeOurs;
    }

    /** An attempt has ended: what is there from now on may be its work. */
    void looked() {
        looked = true;
    }
}
