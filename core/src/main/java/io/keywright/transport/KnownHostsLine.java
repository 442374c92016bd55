package io.keywright.transport;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of a {@code known_hosts} file, kept as bytes and read on demand (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 *
 * <pre>
 * [@marker] hosts key-type base64-blob [comment]
 * </pre>
 */
final class KnownHostsLine {
    private final byte[] raw;
    private final int number;
    private final KnownHosts.@Nullable Marker marker;
    private final String hosts;
    private final int keyStart;
    private final boolean entry;
    private boolean decoded;
    private @Nullable SshPublicKey key;

    private KnownHostsLine(
            byte[] raw, int number, KnownHosts.@Nullable Marker marker, String hosts, int keyStart, boolean entry) {
        this.raw = raw;
        this.number = number;
        this.marker = marker;
        this.hosts = hosts;
        this.keyStart = keyStart;
        this.entry = entry;
    }

    /**
     * Takes a line apart, as far as finding it needs.
     *
     * @param raw the line with its line end, if it has one
     * @param number counted from 1
     */
    static KnownHostsLine of(byte[] raw, int number) {
        int start = skipBlanks(raw, 0);
        int end = skipWord(raw, start);
        String word = text(raw, start, end);
        if (word.isEmpty() || word.startsWith("#")) {
            return new KnownHostsLine(raw, number, null, "", 0, false);
        }
        KnownHosts.Marker marker = KnownHosts.Marker.NONE;
        if (word.startsWith("@")) {
            // A marker that is unknown here may mean anything, so its line must not vouch for a key.
            marker = KnownHosts.Marker.ofWord(word).orElse(null);
            start = skipBlanks(raw, end);
            end = skipWord(raw, start);
            word = text(raw, start, end);
        }
        return new KnownHostsLine(raw, number, marker, word, skipBlanks(raw, end), true);
    }

    byte[] raw() {
        return raw;
    }

    int number() {
        return number;
    }

    String hosts() {
        return hosts;
    }

    /** Tells whether this is more than a comment or a blank line, and yet says nothing that can be used. */
    boolean isBad() {
        return entry && (marker == null || hosts.isEmpty() || key().isEmpty());
    }

    /** Tells whether the line carries the marker, and its hosts match a name as {@link HostNames#lookupName} makes it. */
    boolean applies(KnownHosts.Marker wanted, String lookupName) {
        return entry && marker == wanted && HostNames.matches(hosts, lookupName);
    }

    /** Returns the key, or empty when the line has none that can be read. */
    synchronized Optional<SshPublicKey> key() {
        if (!decoded) {
            key = decodeKey();
            decoded = true;
        }
        return Optional.ofNullable(key);
    }

    Optional<KnownHosts.Entry> entry() {
        KnownHosts.Marker known = marker;
        return known == null || isBad()
                ? Optional.empty()
                : key().map(k -> new KnownHosts.Entry(number, known, hosts, k));
    }

    private @Nullable SshPublicKey decodeKey() {
        try {
            return entry ? SshPublicKey.parseLine(Arrays.copyOfRange(raw, keyStart, raw.length)) : null;
        } catch (SshKeyException e) {
            // One bad line must not keep all others from working; KnownHosts.badLines() has its number.
            return null;
        }
    }

    private static int skipBlanks(byte[] line, int from) {
        int i = from;
        while (i < line.length && (line[i] == ' ' || line[i] == '\t')) {
            i++;
        }
        return i;
    }

    private static int skipWord(byte[] line, int from) {
        int i = from;
        while (i < line.length && line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n') {
            i++;
        }
        return i;
    }

    private static String text(byte[] line, int from, int to) {
        // Names are ASCII; any other byte keeps its identity this way and matches nothing.
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
