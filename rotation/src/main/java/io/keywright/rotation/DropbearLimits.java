package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import io.keywright.authorizedkeys.KeyOption;
import io.keywright.authorizedkeys.Line;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What dropbear makes of an {@code authorized_keys} file (its sources, svr-authpubkey.c and svr-authpubkeyoptions.c): it
 * stops at a bounded number of lines, drops lines that are too long, and drops a line for one option that it does not know. A
 * line that would be dropped is refused before it is written; what is there already stays as it is.
 */
final class DropbearLimits {
    /** The least of what dropbear's versions read of a line, in bytes without its end. */
    static final int MAX_LINE_BYTES = 3000;

    /** The least of the lines that dropbear's versions read. */
    static final int MAX_LINES = 300;

    private static final Set<String> OPTIONS = Set.of(
            "no-port-forwarding",
            "no-agent-forwarding",
            "no-x11-forwarding",
            "no-pty",
            "restrict",
            "command",
            "permitopen",
            "no-touch-required",
            "verify-required");

    private DropbearLimits() {}

    /** Tells by a server's identification string whether this is about it. */
    static boolean applyTo(String serverVersion) {
        return serverVersion.toLowerCase(Locale.ROOT).contains("dropbear");
    }

    /**
     * Checks an edit.
     *
     * @return what it makes
     * @throws RemoteFileException when dropbear would not use a line that the edit brings or changes
     */
    static AuthorizedKeys check(String path, AuthorizedKeys before, AuthorizedKeys after) {
        Set<String> known = new HashSet<>();
        before.lines().forEach(line -> known.add(identity(line)));
        List<Line> lines = after.lines();
        boolean grows = lines.size() > before.lines().size();
        for (Line line : lines) {
            if (line instanceof Entry entry && !known.contains(identity(line))) {
                check(path, entry);
                if (grows && lines.size() > MAX_LINES) {
                    throw refused(path, lines.size() + " lines, of which it reads " + MAX_LINES);
                }
            }
        }
        return after;
    }

    /** A line's bytes, as something that can be looked up. */
    private static String identity(Line line) {
        return new String(line.toBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void check(String path, Entry entry) {
        int length = entry.textBytes().length;
        if (length > MAX_LINE_BYTES) {
            throw refused(
                    path, "line " + entry.number() + " of " + length + " bytes, of which it reads " + MAX_LINE_BYTES);
        }
        for (KeyOption option : entry.options().list()) {
            if (!OPTIONS.contains(option.name().toLowerCase(Locale.ROOT))) {
                throw refused(
                        path,
                        "line " + entry.number() + " for its option " + option.name() + ", which it does not know");
            }
        }
    }

    private static RemoteFileException refused(String path, String what) {
        return new RemoteFileException(
                RemoteFileException.Reason.SERVER_LIMIT,
                path,
                "this server is dropbear, and would not use the key: " + what + "; nothing was written",
                null);
    }
}
