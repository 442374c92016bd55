package io.keywright.transport;

import io.keywright.LimitExceededException;
import io.keywright.SshPublicKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code known_hosts} file: which host keys are on record for which hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 *
 * <p>Lossless: every line is kept as it stands, also comments and lines that cannot be read; those are ignored when a host
 * is looked up, and {@link #badLines()} names them. Names may be patterns with {@code *}, {@code ?} and {@code !}, or
 * hashed. {@code @revoked} is honoured; {@code @cert-authority} lines are kept, and never match a plain key. Immutable and
 * thread-safe.
 *
 * <p>A host at another port than 22 is filed as {@code [host]:port}. Like OpenSSH, a look-up that finds nothing there
 * accepts a key that is on record for the bare host name; another key there proves nothing against the host, because it
 * belongs to the server at port 22.
 *
 * <p>Other than OpenSSH, a host with any key on record is never treated as new: a key of an algorithm that is not on record
 * is {@link HostKeyVerdict.Status#CHANGED} too. A transport avoids that where it can by asking the server for a key of a
 * {@linkplain #algorithms known algorithm}.
 */
public final class KnownHosts {
    /** The longest file that is read, in bytes: some 100,000 hosts with several keys each. */
    public static final int MAX_BYTES = 64 << 20;

    private static final KnownHosts EMPTY = new KnownHosts(List.of());

    private final List<KnownHostsLine> lines;

    private KnownHosts(List<KnownHostsLine> lines) {
        this.lines = List.copyOf(lines);
    }

    /** What a line says about its key. */
    public enum Marker {
        /** The key is one of the host's. */
        NONE(""),
        /** The key must never be accepted from the host. */
        REVOKED("@revoked"),
        /** The key signs the host's certificates; it says nothing about plain keys. */
        CERT_AUTHORITY("@cert-authority");

        private final String word;

        Marker(String word) {
            this.word = word;
        }

        static Optional<Marker> ofWord(String word) {
            return Arrays.stream(values())
                    .filter(m -> m != NONE && m.word.equals(word))
                    .findFirst();
        }
    }

    /**
     * A line that was understood.
     *
     * @param line its number, counted from 1
     * @param marker what it says about the key
     * @param hosts its host field as it stands: patterns, or one hashed name
     * @param key the key, with the line's comment
     */
    public record Entry(int line, Marker marker, String hosts, SshPublicKey key) {}

    /**
     * Returns the file without a line.
     *
     * @return no known hosts
     */
    public static KnownHosts empty() {
        return EMPTY;
    }

    /**
     * Parses a file. No line is an error.
     *
     * @param content the whole file
     * @return its lines
     * @throws LimitExceededException when it is longer than {@value #MAX_BYTES} bytes
     */
    public static KnownHosts parse(byte[] content) {
        requireWithinLimit(content.length);
        List<KnownHostsLine> lines = new ArrayList<>();
        int start = 0;
        while (start < content.length) {
            int end = start;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            end = Math.min(end + 1, content.length);
            lines.add(KnownHostsLine.of(Arrays.copyOfRange(content, start, end), lines.size() + 1));
            start = end;
        }
        return new KnownHosts(lines);
    }

    /**
     * Parses a file.
     *
     * @param content the whole file
     * @return its lines
     * @throws LimitExceededException when it is longer than {@value #MAX_BYTES} bytes
     */
    public static KnownHosts parse(String content) {
        return parse(content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads a file.
     *
     * @param file the file, which must exist
     * @return its lines
     * @throws IOException when it cannot be read
     * @throws LimitExceededException when it is longer than {@value #MAX_BYTES} bytes
     */
    public static KnownHosts read(Path file) throws IOException {
        requireWithinLimit(Files.size(file));
        return parse(Files.readAllBytes(file));
    }

    /**
     * Judges a key that a server proved to own.
     *
     * @param host host name or address, as it was connected to
     * @param port TCP port
     * @param presented the server's key
     * @return accepted, unknown, changed or revoked, with the keys that are on record for the host
     */
    public HostKeyVerdict judge(String host, int port, SshPublicKey presented) {
        List<SshPublicKey> known = keys(host, port);
        if (isRevoked(host, port, presented)) {
            return new HostKeyVerdict(HostKeyVerdict.Status.REVOKED, known);
        } else if (known.contains(presented)) {
            return new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, known);
        } else if (!known.isEmpty()) {
            return new HostKeyVerdict(HostKeyVerdict.Status.CHANGED, known);
        }
        boolean knownAtDefaultPort =
                keysUnder(HostNames.lookupName(host, 22), Marker.NONE).contains(presented);
        return new HostKeyVerdict(
                knownAtDefaultPort ? HostKeyVerdict.Status.ACCEPTED : HostKeyVerdict.Status.UNKNOWN, known);
    }

    /**
     * Returns the keys on record for a host and port; neither revoked ones nor authorities.
     *
     * @param host host name or address
     * @param port TCP port
     * @return the keys in the file's order, each once
     */
    public List<SshPublicKey> keys(String host, int port) {
        return keysUnder(HostNames.lookupName(host, port), Marker.NONE);
    }

    /**
     * Returns the algorithms of the keys on record for a host and port, or, when there are none, for the bare host name.
     *
     * @param host host name or address
     * @param port TCP port
     * @return public key algorithm names in the file's order, each once
     */
    public List<String> algorithms(String host, int port) {
        List<SshPublicKey> known = keys(host, port);
        if (known.isEmpty()) {
            known = keys(host, 22);
        }
        return known.stream().map(SshPublicKey::algorithm).distinct().toList();
    }

    /**
     * Returns the lines that were understood.
     *
     * @return the entries, in order
     */
    public List<Entry> entries() {
        return lines.stream().flatMap(line -> line.entry().stream()).toList();
    }

    /**
     * Returns the numbers of the lines that are ignored because they cannot be read.
     *
     * @return line numbers, counted from 1; blank lines and comments are not among them
     */
    public List<Integer> badLines() {
        return lines.stream()
                .filter(KnownHostsLine::isBad)
                .map(KnownHostsLine::number)
                .toList();
    }

    /**
     * Returns this file with a line for a host at its end. Existing lines stay, whatever they say about the host.
     *
     * @param host host name or address, without blanks, commas and wildcards
     * @param port TCP port
     * @param key its host key; the comment is written too
     * @return a copy
     * @throws IllegalArgumentException when the host could be read as anything but one name
     */
    public KnownHosts with(String host, int port, SshPublicKey key) {
        return append(HostNames.lookupName(requireName(host), port), key);
    }

    /**
     * Like {@link #with}, with the host's name hashed, so that the file does not tell whom it is about.
     *
     * @param host host name or address
     * @param port TCP port
     * @param key its host key; the comment is written too
     * @param random makes the salt
     * @return a copy
     * @throws IllegalArgumentException when the host could be read as anything but one name
     */
    public KnownHosts withHashed(String host, int port, SshPublicKey key, SecureRandom random) {
        byte[] salt = new byte[HostNames.SALT_BYTES];
        random.nextBytes(salt);
        return append(HostNames.hashed(HostNames.lookupName(requireName(host), port), salt), key);
    }

    /**
     * Returns the file's content: that which was parsed, byte for byte, and what was added.
     *
     * @return a new array
     */
    public byte[] toByteArray() {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        lines.forEach(line -> content.writeBytes(line.raw()));
        return content.toByteArray();
    }

    /** Says how many lines there are. */
    @Override
    public String toString() {
        return "KnownHosts[" + lines.size() + " lines]";
    }

    /** Returns the line that {@link #with} would write, with its line end. */
    static byte[] line(String host, int port, SshPublicKey key) {
        return line(HostNames.lookupName(requireName(host), port), key);
    }

    private static byte[] line(String field, SshPublicKey key) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes((field + " ").getBytes(StandardCharsets.UTF_8));
        line.writeBytes(key.toLineBytes());
        line.write('\n');
        return line.toByteArray();
    }

    private KnownHosts append(String field, SshPublicKey key) {
        List<KnownHostsLine> copy = new ArrayList<>(lines);
        if (!copy.isEmpty()) {
            KnownHostsLine last = copy.get(copy.size() - 1);
            byte[] raw = last.raw();
            if (raw[raw.length - 1] != '\n') {
                byte[] ended = Arrays.copyOf(raw, raw.length + 1);
                ended[raw.length] = '\n';
                copy.set(copy.size() - 1, KnownHostsLine.of(ended, last.number()));
            }
        }
        copy.add(KnownHostsLine.of(line(field, key), copy.size() + 1));
        return new KnownHosts(copy);
    }

    /** Also under the bare name: whoever revoked a key there did not mean it for port 22 alone. */
    private boolean isRevoked(String host, int port, SshPublicKey presented) {
        return keysUnder(HostNames.lookupName(host, port), Marker.REVOKED).contains(presented)
                || keysUnder(HostNames.lookupName(host, 22), Marker.REVOKED).contains(presented);
    }

    private List<SshPublicKey> keysUnder(String lookupName, Marker marker) {
        Set<SshPublicKey> keys = new LinkedHashSet<>();
        for (KnownHostsLine line : lines) {
            if (line.applies(marker, lookupName)) {
                line.key().ifPresent(keys::add);
            }
        }
        return List.copyOf(keys);
    }

    private static String requireName(String host) {
        boolean plain = !host.isEmpty() && host.chars().allMatch(c -> c > ' ' && c < 0x7f && ",*?!|@#".indexOf(c) < 0);
        if (!plain) {
            throw new IllegalArgumentException("not a host name that can stand in known_hosts: it must be printable"
                    + " US-ASCII without blanks, commas, wildcards or markers");
        }
        return host;
    }

    private static void requireWithinLimit(long bytes) {
        if (bytes > MAX_BYTES) {
            throw new LimitExceededException("known_hosts size in bytes", bytes, MAX_BYTES, "this limit is fixed");
        }
    }
}
