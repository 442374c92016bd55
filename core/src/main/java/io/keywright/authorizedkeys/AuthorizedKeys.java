package io.keywright.authorizedkeys;

import io.keywright.Fingerprint;
import io.keywright.KeyComment;
import io.keywright.LimitExceededException;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.EditRefusedException.Reason;
import io.keywright.authorizedkeys.LineStore.Change;
import java.time.Clock;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An {@code authorized_keys} file (sshd(8), AUTHORIZED_KEYS FILE FORMAT), kept as bytes and edited without touching any
 * that an edit does not name.
 *
 * <p>Parsing finds the lines and nothing else; a line is read when it is asked for, a key decoded when it is needed. An
 * edit returns a new file that shares what it did not change, or this one when there is nothing to change. Keys are
 * matched by their blobs, never by a comment. Lines marked {@code cert-authority} belong to certificates: edits pass over
 * them.
 *
 * <p>Refused, unless {@link #withForce forced}: an edit that leaves no usable key when there was one, one that removes the
 * {@link #withSessionKey session's own key}, and one that would add a second line with other options. Immutable and
 * thread-safe.
 */
public final class AuthorizedKeys {
    /**
     * The largest file that is parsed unless the caller says otherwise, in bytes. It holds some 200,000 RSA keys; sshd
     * reads the whole file at each log-in, so a larger one is a mistake.
     */
    public static final int DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

    private static final byte[] NOTHING = new byte[0];
    private static final AuthorizedKeys EMPTY = new AuthorizedKeys(LineStore.EMPTY, Clock.systemUTC(), null, false);

    private final LineStore store;
    private final Clock clock;
    private final @Nullable SshPublicKey sessionKey;
    private final boolean forced;

    private AuthorizedKeys(LineStore store, Clock clock, @Nullable SshPublicKey sessionKey, boolean forced) {
        this.store = store;
        this.clock = clock;
        this.sessionKey = sessionKey;
        this.forced = forced;
    }

    /**
     * Returns a file without any line.
     *
     * @return the empty file
     */
    public static AuthorizedKeys empty() {
        return EMPTY;
    }

    /**
     * Parses a file. Whatever is no key is kept as it is: no content is refused.
     *
     * @param bytes the file, copied
     * @return the file
     * @throws LimitExceededException when it has more than {@link #DEFAULT_MAX_BYTES} bytes
     */
    public static AuthorizedKeys parse(byte[] bytes) {
        return parse(bytes, DEFAULT_MAX_BYTES);
    }

    /**
     * Parses a file with a limit of one's own.
     *
     * @param bytes the file, copied
     * @param maxBytes the most bytes that are accepted
     * @return the file
     * @throws LimitExceededException when it has more
     */
    public static AuthorizedKeys parse(byte[] bytes, int maxBytes) {
        if (bytes.length > maxBytes) {
            throw new LimitExceededException(
                    "authorized_keys size in bytes",
                    bytes.length,
                    maxBytes,
                    "AuthorizedKeys.parse(bytes, maxBytes) raises it");
        }
        return new AuthorizedKeys(LineStore.index(bytes.clone()), Clock.systemUTC(), null, false);
    }

    /**
     * Returns this file, judging expiry times by another clock than the system's. Its zone stands for the server's own,
     * in which expiry times without a suffix are meant.
     *
     * @param newClock the clock
     * @return the file with the same lines
     */
    public AuthorizedKeys withClock(Clock newClock) {
        return new AuthorizedKeys(store, Objects.requireNonNull(newClock, "clock"), sessionKey, forced);
    }

    /**
     * Returns this file, refusing to remove the key with which the session that edits it is logged in.
     *
     * @param key the session's key
     * @return the file with the same lines
     */
    public AuthorizedKeys withSessionKey(SshPublicKey key) {
        return new AuthorizedKeys(store, clock, Objects.requireNonNull(key, "key"), forced);
    }

    /**
     * Returns this file, doing its next edit even where that would be refused as dangerous. What is impossible stays
     * refused. The file that the edit returns is no longer forced.
     *
     * @return the file with the same lines
     */
    public AuthorizedKeys withForce() {
        return new AuthorizedKeys(store, clock, sessionKey, true);
    }

    /**
     * Returns the file's bytes.
     *
     * @return a copy; what was parsed, byte for byte, when nothing was edited
     */
    public byte[] toBytes() {
        return store.toBytes();
    }

    /**
     * Returns all lines.
     *
     * @return the lines in their order, unmodifiable; each is read anew when it is got
     */
    public List<Line> lines() {
        return new Lines(store);
    }

    /**
     * Returns the lines that hold a key, usable or not.
     *
     * @return the entries in their order, unmodifiable
     */
    public List<Entry> entries() {
        return entries(entry -> true);
    }

    /**
     * Finds a key.
     *
     * @param key the key; its comment does not count
     * @return every line that holds it, those of certificate authorities included
     */
    public List<Entry> find(SshPublicKey key) {
        return List.copyOf(store.find(new Needle(key)));
    }

    /**
     * Finds a key by its fingerprint.
     *
     * @param fingerprint the fingerprint
     * @return every line whose key has it, those of certificate authorities included
     */
    public List<Entry> find(Fingerprint fingerprint) {
        return entries(entry -> entry.fingerprint(fingerprint.hash()).equals(fingerprint));
    }

    /**
     * Tells whether a key is there, usable or not.
     *
     * @param key the key
     * @return true when a line holds it that is not a certificate authority's
     */
    public boolean contains(SshPublicKey key) {
        return !ownLines(key).isEmpty();
    }

    /**
     * Decides as sshd does whether a client may log in with a key, as far as this file goes: the first line decides that
     * holds the key, is in force and lets the client in.
     *
     * @param key the key
     * @param clientAddress the client's IP address
     * @return the line that lets it in
     */
    public Optional<Entry> admitting(SshPublicKey key, String clientAddress) {
        return admitting(key, clientAddress, clientAddress);
    }

    /**
     * Decides as sshd does whether a client may log in with a key, where the server looks up client names.
     *
     * @param key the key
     * @param clientAddress the client's IP address
     * @param clientHost the client's name as the server resolved it
     * @return the line that lets it in
     */
    public Optional<Entry> admitting(SshPublicKey key, String clientAddress, String clientHost) {
        return ownLines(key).stream()
                .filter(this::mayBeUsable)
                .filter(entry -> entry.permissions().orElseThrow().admits(clientAddress, clientHost))
                .findFirst();
    }

    /**
     * Adds a key without options at the end of the file, and a line end before it when the last line has none.
     *
     * @param key the key, with the comment to write
     * @return the new file; this one when the key is there without options
     * @throws EditRefusedException when the key is there with options, or cannot be written
     */
    public AuthorizedKeys add(SshPublicKey key) {
        return add(key, KeyOptions.NONE);
    }

    /**
     * Adds a key with options at the end of the file, and a line end before it when the last line has none. The line ends
     * as the one before it does.
     *
     * @param key the key, with the comment to write
     * @param options its options
     * @return the new file; this one when the key is there with options that mean the same
     * @throws EditRefusedException when the key is there with other options only (sshd takes the first line that lets the
     *     client in, so a second one would not do what it seems to), or the line cannot be written
     */
    public AuthorizedKeys add(SshPublicKey key, KeyOptions options) {
        requireWritable(options);
        byte[] text = KeyLines.format(options, key, key.comment());
        boolean authority = options.hasCertAuthority();
        List<Entry> present = store.find(new Needle(key)).stream()
                .filter(entry -> entry.isCertAuthority() == authority)
                .toList();
        if (present.stream().anyMatch(entry -> entry.options().meansTheSameAs(options))) {
            return unchanged();
        }
        refuseOtherOptions(present, key);
        return edited(List.of(append(text)));
    }

    /**
     * Adds a new key with the options of an old one, right after its line, which stays. When the old key stands on several
     * lines with different options, each set of options gets one line. A set that the new key has already is left alone.
     *
     * @param oldKey the key whose options are taken
     * @param newKey the key to add
     * @param carryOver what the new lines inherit
     * @return the new file; this one when there is nothing to add, or the old key is gone and the new one there
     * @throws EditRefusedException when neither key is there, the new key is there with options that the old one has not,
     *     or a line cannot be written
     */
    public AuthorizedKeys addLike(SshPublicKey oldKey, SshPublicKey newKey, CarryOver carryOver) {
        List<Entry> lines = ownLines(oldKey, newKey);
        List<Entry> oldLines = holding(oldKey, lines);
        List<Entry> newLines = holding(newKey, lines);
        if (nothingToInherit(oldKey, newKey, oldLines, newLines)) {
            return unchanged();
        }
        List<Entry> models = new ArrayList<>();
        for (Entry line : oldLines) {
            if (!hasOptions(models, carryOver, carryOver.from(line))) {
                models.add(line);
            }
        }
        refuseOtherOptions(
                newLines.stream()
                        .filter(line -> !hasOptions(models, carryOver, line.options()))
                        .toList(),
                newKey);
        List<Change> changes = new ArrayList<>();
        for (Entry model : models) {
            KeyOptions options = carryOver.from(model);
            if (newLines.stream().noneMatch(line -> line.options().meansTheSameAs(options))) {
                KeyComment comment = carryOver.carriesComment() ? model.comment() : newKey.comment();
                changes.add(insertAfter(model, KeyLines.format(options, newKey, comment)));
            }
        }
        return edited(changes);
    }

    /**
     * Adds a new key with all options of an old one, right after its line. See {@link #addLike(SshPublicKey, SshPublicKey,
     * CarryOver)}.
     *
     * @param oldKey the key whose options are taken
     * @param newKey the key to add
     * @return the new file
     * @throws EditRefusedException see the other method
     */
    public AuthorizedKeys addLike(SshPublicKey oldKey, SshPublicKey newKey) {
        return addLike(oldKey, newKey, CarryOver.OPTIONS);
    }

    /**
     * Puts a new key in the place of an old one on each of its lines. Options, blanks and line end stay, the comment
     * becomes the new key's. Where the new key stands already with options that mean the same, the old line goes instead,
     * so that replacing after {@link #addLike} leaves one line of each kind.
     *
     * @param oldKey the key to be replaced
     * @param newKey the key that takes its place
     * @param carryOver what the new key inherits
     * @return the new file; this one when the old key is not there and the new one is
     * @throws EditRefusedException when neither key is there, the line cannot be written, or no usable key would be left
     */
    public AuthorizedKeys replace(SshPublicKey oldKey, SshPublicKey newKey, CarryOver carryOver) {
        List<Entry> lines = ownLines(oldKey, newKey);
        List<Entry> oldLines = holding(oldKey, lines);
        List<Entry> newLines = holding(newKey, lines);
        if (nothingToInherit(oldKey, newKey, oldLines, newLines)) {
            return unchanged();
        }
        List<Change> changes = new ArrayList<>();
        for (Entry line : oldLines) {
            KeyOptions options = carryOver.from(line);
            boolean there = newLines.stream().anyMatch(other -> other.options().meansTheSameAs(options));
            byte[] replacement = there ? NOTHING : KeyLines.withKey(line, newKey, carryOver);
            changes.add(new Change(line.number() - 1, 1, replacement));
        }
        return edited(changes);
    }

    /**
     * Puts a new key in the place of an old one on each of its lines, with all options. See {@link #replace(SshPublicKey,
     * SshPublicKey, CarryOver)}.
     *
     * @param oldKey the key to be replaced
     * @param newKey the key that takes its place
     * @return the new file
     * @throws EditRefusedException see the other method
     */
    public AuthorizedKeys replace(SshPublicKey oldKey, SshPublicKey newKey) {
        return replace(oldKey, newKey, CarryOver.OPTIONS);
    }

    /**
     * Removes every line with a key.
     *
     * @param key the key
     * @return the new file; this one when the key is not there
     * @throws EditRefusedException when no usable key would be left, or the key is the session's own
     */
    public AuthorizedKeys remove(SshPublicKey key) {
        return edited(ownLines(key).stream()
                .map(line -> new Change(line.number() - 1, 1, NOTHING))
                .toList());
    }

    /**
     * Sets an option on every line with a key. See {@link KeyOptions#with} for where it goes and what it replaces.
     *
     * @param key the key
     * @param option the option
     * @return the new file; this one when the option is set so everywhere
     * @throws EditRefusedException when the key is not there, sshd would drop the line for the new option, or no usable
     *     key would be left
     */
    public AuthorizedKeys setOption(SshPublicKey key, KeyOption option) {
        List<Entry> lines = ownLines(key);
        if (lines.isEmpty()) {
            throw notFound(key);
        }
        List<Change> changes = new ArrayList<>();
        for (Entry line : lines) {
            KeyOptions before = line.options();
            KeyOptions after = before.with(option);
            if (before.problem().isEmpty() && after.problem().isPresent()) {
                throw new EditRefusedException(
                        Reason.NOT_WRITABLE,
                        "line " + line.number() + ": " + after.problem().get());
            }
            addOptionsChange(line, before, after, changes);
        }
        return edited(changes);
    }

    /**
     * Clears an option on every line with a key.
     *
     * @param key the key
     * @param optionName the option's name; {@code "pty"} does not mean {@code no-pty}
     * @return the new file; this one when there is nothing to clear
     * @throws EditRefusedException when no usable key would be left
     */
    public AuthorizedKeys clearOption(SshPublicKey key, String optionName) {
        List<Change> changes = new ArrayList<>();
        for (Entry line : ownLines(key)) {
            KeyOptions before = line.options();
            addOptionsChange(line, before, before.without(optionName), changes);
        }
        return edited(changes);
    }

    /**
     * Describes what another file has in place of this one, for a person to read: hunks as in {@code diff -u}, each line
     * with its number, fingerprints instead of blobs, and control characters escaped. Options and comments are shown.
     *
     * @param other the file to compare with
     * @return the text; empty when the bytes are the same
     */
    public String diff(AuthorizedKeys other) {
        return new LineDiff(lines(), other.lines()).text();
    }

    private static void addOptionsChange(Entry line, KeyOptions before, KeyOptions after, List<Change> changes) {
        if (!Arrays.equals(before.toBytes(), after.toBytes())) {
            changes.add(new Change(line.number() - 1, 1, KeyLines.withOptions(line, after)));
        }
    }

    /** Tells whether an edit that needs the old key has been done before, or refuses it. */
    private static boolean nothingToInherit(
            SshPublicKey oldKey, SshPublicKey newKey, List<Entry> oldLines, List<Entry> newLines) {
        if (oldLines.isEmpty() && newLines.isEmpty()) {
            throw notFound(oldKey);
        }
        return oldLines.isEmpty() || oldKey.equals(newKey);
    }

    private static boolean hasOptions(List<Entry> models, CarryOver carryOver, KeyOptions options) {
        return models.stream().anyMatch(model -> carryOver.from(model).meansTheSameAs(options));
    }

    private void refuseOtherOptions(List<Entry> lines, SshPublicKey key) {
        if (!forced && !lines.isEmpty()) {
            throw new EditRefusedException(
                    Reason.OTHER_OPTIONS,
                    "line " + lines.get(0).number() + " holds " + key.fingerprint()
                            + " with other options: change those with setOption or clearOption, remove the key first,"
                            + " or force the edit");
        }
    }

    private static void requireWritable(KeyOptions options) {
        if (options.problem().isPresent()) {
            throw new EditRefusedException(
                    Reason.NOT_WRITABLE,
                    "options that sshd would drop the line for: "
                            + options.problem().get());
        }
        for (byte b : options.toBytes()) {
            if ((b >= 0 && b < ' ') || b == 0x7f) {
                throw new EditRefusedException(Reason.NOT_WRITABLE, "an option's value holds control characters");
            }
        }
    }

    private Change append(byte[] text) {
        if (store.size() == 0) {
            return new Change(0, 0, KeyLines.join(text, KeyLines.LF));
        }
        return insertAfter(store.line(store.size() - 1), text);
    }

    /** Makes a change that puts a line after another, which gets a line end where it has none. */
    private Change insertAfter(Line line, byte[] text) {
        byte[] lineEnd = lineEndLike(line);
        if (line.lineEnd().endsWith("\n")) {
            return new Change(line.number(), 0, KeyLines.join(text, lineEnd));
        }
        byte[] missing = line.lineEnd().equals("\r") ? KeyLines.LF : lineEnd;
        return new Change(line.number() - 1, 1, KeyLines.join(line.toBytes(), missing, text, lineEnd));
    }

    private byte[] lineEndLike(Line line) {
        boolean asBefore = line.lineEnd().isEmpty() && line.number() > 1;
        Line model = asBefore ? store.line(line.number() - 2) : line;
        return model.lineEnd().startsWith("\r") ? KeyLines.CR_LF : KeyLines.LF;
    }

    private List<Entry> ownLines(SshPublicKey key) {
        return withoutAuthorities(store.find(new Needle(key)));
    }

    /** Finds the lines of either key in one pass. */
    private List<Entry> ownLines(SshPublicKey one, SshPublicKey other) {
        return withoutAuthorities(store.find(new Needle(one), new Needle(other)));
    }

    private static List<Entry> withoutAuthorities(List<Entry> lines) {
        return lines.stream().filter(line -> !line.isCertAuthority()).toList();
    }

    private static List<Entry> holding(SshPublicKey key, List<Entry> lines) {
        Needle needle = new Needle(key);
        return lines.stream().filter(needle::isIn).toList();
    }

    private List<Entry> entries(Predicate<Entry> wanted) {
        List<Entry> found = new ArrayList<>();
        for (int i = 0; i < store.size(); i++) {
            if (store.line(i) instanceof Entry entry && wanted.test(entry)) {
                found.add(entry);
            }
        }
        return Collections.unmodifiableList(found);
    }

    private AuthorizedKeys unchanged() {
        return forced ? new AuthorizedKeys(store, clock, sessionKey, false) : this;
    }

    private AuthorizedKeys edited(List<Change> changes) {
        if (changes.isEmpty()) {
            return unchanged();
        }
        AuthorizedKeys next = new AuthorizedKeys(store.apply(changes), clock, sessionKey, false);
        if (!forced) {
            refuseLockOut(next);
        }
        return next;
    }

    private void refuseLockOut(AuthorizedKeys next) {
        if (sessionKey != null && contains(sessionKey) && !next.contains(sessionKey)) {
            throw new EditRefusedException(
                    Reason.SESSION_KEY,
                    sessionKey.fingerprint()
                            + " is the key of this session: log in with another one, or force the edit");
        }
        boolean surely = next.hasLine(
                line -> line.usabilityAt(clock.instant(), clock.getZone()).isUsable());
        if (surely || !hasLine(this::mayBeUsable)) {
            return;
        }
        // Keys that only some servers accept may stand in for each other, not for one that all accept.
        boolean wasSure = hasLine(
                line -> line.usabilityAt(clock.instant(), clock.getZone()).isUsable());
        if (wasSure || !next.hasLine(next::mayBeUsable)) {
            throw new EditRefusedException(
                    Reason.LAST_USABLE_KEY,
                    "no usable key would be left in the file: add another one first, or force the edit");
        }
    }

    private boolean hasLine(Predicate<Entry> wanted) {
        for (int i = 0; i < store.size(); i++) {
            if (store.line(i) instanceof Entry entry && wanted.test(entry)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayBeUsable(Entry entry) {
        return entry.usabilityAt(clock.instant(), clock.getZone()).mayBeUsable();
    }

    private static EditRefusedException notFound(SshPublicKey key) {
        return new EditRefusedException(Reason.KEY_NOT_FOUND, key.fingerprint() + " is not in the file");
    }

    /** Compares bytes; clock, session key and force do not count. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AuthorizedKeys that
                && (store == that.store || Arrays.equals(toBytes(), that.toBytes()));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toBytes());
    }

    /** Says how many lines there are, and nothing of them. */
    @Override
    public String toString() {
        return "authorized_keys of " + store.size() + " lines";
    }

    private static final class Lines extends AbstractList<Line> implements RandomAccess {
        private final LineStore store;

        Lines(LineStore store) {
            this.store = store;
        }

        @Override
        public Line get(int index) {
            return store.line(Objects.checkIndex(index, store.size()));
        }

        @Override
        public int size() {
            return store.size();
        }
    }
}
