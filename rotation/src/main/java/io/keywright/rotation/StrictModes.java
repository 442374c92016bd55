package io.keywright.rotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects what sshd(8) refuses under StrictModes: others may write the file, or a directory up to the home, or own it.
 * Not thread-safe.
 */
final class StrictModes {
    private static final int GROUP_OR_WORLD_WRITE = 0022;

    private final @Nullable Integer account;
    private final List<String> trouble = new ArrayList<>();

    /**
     * Begins.
     *
     * @param account the account's user id, or null where it is not known
     */
    StrictModes(@Nullable Integer account) {
        this.account = account;
    }

    void look(String place, int mode, @Nullable Integer owner) {
        if ((mode & GROUP_OR_WORLD_WRITE) != 0) {
            trouble.add(String.format(
                    Locale.ROOT,
                    "%s has mode %04o: sshd ignores the file while group or others may write"
                            + " (some builds forgive the user's own group); run chmod go-w on it",
                    place,
                    mode));
        }
        if (owner != null && owner != 0 && account != null && !Objects.equals(account, owner)) {
            trouble.add(place + " belongs to uid " + owner + ": sshd ignores the file unless the user or root owns it");
        }
    }

    List<String> trouble() {
        return List.copyOf(trouble);
    }
}
