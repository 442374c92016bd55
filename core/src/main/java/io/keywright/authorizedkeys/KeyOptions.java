package io.keywright.authorizedkeys;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The options in front of a key, in their order, which matters (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * <p>What is parsed is kept byte for byte; {@link #with} and {@link #without} leave the options that they do not name as
 * they are. Equality is the sequence of options. Immutable and thread-safe.
 */
public final class KeyOptions {
    /** No options. */
    public static final KeyOptions NONE = new KeyOptions(List.of());

    /** What stands between commas; empty parts are kept, since sshd accepts {@code ",pty"} and {@code "restrict,"}. */
    private final List<KeyOption> parts;

    private KeyOptions(List<KeyOption> parts) {
        this.parts = parts;
    }

    /**
     * Makes options.
     *
     * @param options the options, in the order in which sshd shall apply them
     * @return the options
     */
    public static KeyOptions of(KeyOption... options) {
        return options.length == 0 ? NONE : new KeyOptions(List.of(options));
    }

    /**
     * Parses options as they stand in front of a key.
     *
     * @param text e.g. {@code restrict,command="uptime"}
     * @return the options; unknown and wrong ones are kept, see {@link #problem}
     * @throws EditRefusedException when this cannot stand in front of a key: a blank outside quotes, an open quote, or
     *     control characters
     */
    public static KeyOptions parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean controls = text.chars().anyMatch(c -> c < ' ' || c == 0x7f);
        if (controls || LineLayout.skipOptions(bytes, 0, bytes.length) != bytes.length || text.startsWith("#")) {
            throw new EditRefusedException(
                    EditRefusedException.Reason.NOT_WRITABLE,
                    "options are separated by commas, without blanks outside quotes, open quotes or control characters");
        }
        return read(bytes);
    }

    /** Reads options whose quotes are balanced. */
    static KeyOptions read(byte[] raw) {
        if (raw.length == 0) {
            return NONE;
        }
        List<KeyOption> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '\\' && i + 1 < raw.length && raw[i + 1] == '"') {
                i++;
            } else if (raw[i] == '"') {
                quoted = !quoted;
            } else if (raw[i] == ',' && !quoted) {
                parts.add(KeyOption.read(Arrays.copyOfRange(raw, from, i)));
                from = i + 1;
            }
        }
        parts.add(KeyOption.read(Arrays.copyOfRange(raw, from, raw.length)));
        return new KeyOptions(List.copyOf(parts));
    }

    /**
     * Returns the options.
     *
     * @return the options in their order, unmodifiable
     */
    public List<KeyOption> list() {
        return parts.stream().filter(KeyOptions::isOption).toList();
    }

    /**
     * Tells whether there are no options.
     *
     * @return true when there are none
     */
    public boolean isEmpty() {
        return parts.stream().noneMatch(KeyOptions::isOption);
    }

    /**
     * Finds the first option of a name.
     *
     * @param name the name, e.g. {@code "command"}; its case does not count
     * @return the option
     */
    public Optional<KeyOption> find(String name) {
        String wanted = OptionGrammar.lowerCase(name);
        return parts.stream().filter(part -> part.name().equals(wanted)).findFirst();
    }

    /**
     * Returns these options with one set. A value takes the place of the first option of that name, and any further one
     * goes. A flag goes to the end, where nothing can undo it, and its other forms ({@code pty}, {@code no-pty}) go.
     *
     * @param option what shall hold; {@code environment} replaces only its own variable; {@code permitopen} and {@code
     *     permitlisten}, which may stand more than once, are added unless they are there
     * @return the new options
     */
    public KeyOptions with(KeyOption option) {
        if (option.equals(lastOf(option))) {
            return this;
        }
        List<KeyOption> result = new ArrayList<>();
        boolean placed = false;
        for (KeyOption part : parts) {
            if (!replaces(option, part)) {
                result.add(part);
            } else if (!placed && option.value().isPresent()) {
                result.add(option);
                placed = true;
            }
        }
        if (!placed) {
            result.add(option);
        }
        return new KeyOptions(List.copyOf(result));
    }

    /** Returns the option that decides, when it is the only one of its kind and nothing after it can undo it. */
    private @Nullable KeyOption lastOf(KeyOption option) {
        List<KeyOption> same =
                parts.stream().filter(part -> replaces(option, part)).toList();
        if (same.size() != 1) {
            return null;
        }
        KeyOption only = same.get(0);
        boolean undone = option.value().isEmpty()
                && parts.subList(parts.indexOf(only) + 1, parts.size()).stream()
                        .anyMatch(later -> later.value().isEmpty());
        return undone ? null : only;
    }

    private static boolean replaces(KeyOption option, KeyOption part) {
        return switch (option.name()) {
            case "permitopen", "permitlisten" -> part.equals(option);
            case "environment" ->
                part.name().equals("environment") && variable(part).equals(variable(option));
            default -> part.concerns(option.name());
        };
    }

    private static String variable(KeyOption option) {
        String assignment = option.valueText();
        int equals = assignment.indexOf('=');
        return equals < 0 ? assignment : assignment.substring(0, equals);
    }

    /**
     * Returns these options without every option of some names.
     *
     * @param names the names; their case does not count, and {@code "pty"} does not mean {@code no-pty}
     * @return the new options
     */
    public KeyOptions without(String... names) {
        List<String> wanted = Arrays.stream(names).map(OptionGrammar::lowerCase).toList();
        List<KeyOption> kept =
                parts.stream().filter(part -> !wanted.contains(part.name())).toList();
        if (kept.size() == parts.size()) {
            return this;
        }
        return kept.stream().anyMatch(KeyOptions::isOption) ? new KeyOptions(kept) : NONE;
    }

    /**
     * Works out what sshd makes of the options, from left to right.
     *
     * @return the permissions; empty when sshd drops a line with these options, see {@link #problem}
     */
    public Optional<EffectivePermissions> permissions() {
        return new PermissionsReader().read(list()).permissions();
    }

    /**
     * Tells why sshd drops a line with these options.
     *
     * @return half a sentence, without any value; empty when the options are right
     */
    public Optional<String> problem() {
        return new PermissionsReader().read(list()).problem();
    }

    /**
     * Tells whether sshd treats both alike: the same options, or two ways to write the same permissions.
     *
     * @param other the other options
     * @return true when they mean the same; false when either would have its line dropped and they differ
     */
    public boolean meansTheSameAs(KeyOptions other) {
        if (equals(other)) {
            return true;
        }
        // Values that are not UTF-8 are told apart by their bytes alone, which is what equals() has just done.
        return isText()
                && other.isText()
                && permissions().isPresent()
                && permissions().equals(other.permissions());
    }

    private boolean isText() {
        return parts.stream().noneMatch(part -> part.valueText().indexOf('\ufffd') >= 0);
    }

    boolean hasCertAuthority() {
        return parts.stream().anyMatch(part -> part.name().equals("cert-authority"));
    }

    /**
     * Returns the options as they stand in a line.
     *
     * @return the bytes; of length 0 for no options
     */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < parts.size(); i++) {
            if (i > 0) {
                bytes.write(',');
            }
            bytes.writeBytes(parts.get(i).toBytes());
        }
        return bytes.toByteArray();
    }

    /**
     * Returns the options as text.
     *
     * @return the text; may hold secrets in {@code environment} and {@code command}
     */
    public String text() {
        return new String(toBytes(), StandardCharsets.UTF_8);
    }

    /** Compares the options one by one. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyOptions that && list().equals(that.list());
    }

    @Override
    public int hashCode() {
        return list().hashCode();
    }

    /** Says the names; values may be secrets. */
    @Override
    public String toString() {
        return list().toString();
    }

    private static boolean isOption(KeyOption part) {
        return part.toBytes().length > 0;
    }
}
