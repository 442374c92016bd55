package io.keywright.authorizedkeys;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One option in front of a key: a flag, or {@code name="value"} (sshd(8), AUTHORIZED_KEYS FILE FORMAT). Keeps the bytes
 * that it was read from. Equality is the name, whose case does not count, and the value's bytes. Immutable and
 * thread-safe.
 */
public final class KeyOption {
    private final byte[] raw;
    private final String name;
    private final boolean hasValue;
    private final byte[] value;
    private final @Nullable String problem;

    private KeyOption(byte[] raw, String name, boolean hasValue, byte[] value, @Nullable String problem) {
        this.raw = raw;
        this.name = name;
        this.hasValue = hasValue;
        this.value = value;
        this.problem = problem;
    }

    /**
     * Makes a flag.
     *
     * @param name e.g. {@code "restrict"} or {@code "no-pty"}
     * @return the option
     * @throws EditRefusedException when sshd knows no such flag: it would drop the whole line
     */
    public static KeyOption flag(String name) {
        if (!OptionGrammar.isFlag(OptionGrammar.lowerCase(name))) {
            throw notWritable("sshd knows no flag of that name and would drop the whole line");
        }
        return read(name.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Makes an option with a value.
     *
     * @param name e.g. {@code "command"}
     * @param value the value as sshd shall see it, without quotes
     * @return the option
     * @throws EditRefusedException when sshd knows no such option or refuses the value, or when the value cannot be
     *     written: it holds control characters or ends in a backslash
     */
    public static KeyOption of(String name, String value) {
        if (!OptionGrammar.isKnown(OptionGrammar.lowerCase(name), true)) {
            throw notWritable("sshd knows no option of that name that takes a value, and would drop the whole line");
        }
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw notWritable("the value of " + name + " holds control characters");
        }
        if (value.endsWith("\\")) {
            throw notWritable("the value of " + name + " ends in a backslash, which would escape its closing quote");
        }
        KeyOption option = read((name + "=\"" + value.replace("\"", "\\\"") + "\"").getBytes(StandardCharsets.UTF_8));
        if (option.problem != null) {
            throw notWritable(option.problem);
        }
        return option;
    }

    /**
     * Makes {@code restrict}, which takes all permissions away that stand before it.
     *
     * @return the option
     */
    public static KeyOption restrict() {
        return flag("restrict");
    }

    /**
     * Makes {@code cert-authority}: the key signs certificates, and does not log in itself.
     *
     * @return the option
     */
    public static KeyOption certAuthority() {
        return flag("cert-authority");
    }

    /**
     * Makes a flag that allows or demands something.
     *
     * @param flag what
     * @return e.g. {@code pty}
     */
    public static KeyOption on(KeyFlag flag) {
        return flag(flag.optionName());
    }

    /**
     * Makes a flag that forbids something, or demands it no longer.
     *
     * @param flag what
     * @return e.g. {@code no-pty}
     */
    public static KeyOption off(KeyFlag flag) {
        return flag("no-" + flag.optionName());
    }

    /**
     * Makes {@code command}, which is run whatever the client asks for.
     *
     * @param command a line for the user's shell
     * @return the option
     * @throws EditRefusedException when it cannot be written
     */
    public static KeyOption command(String command) {
        return of("command", command);
    }

    /**
     * Makes {@code from}, which names the clients that are let in.
     *
     * @param patterns addresses, CIDR blocks, host names, with wildcards, or negated with {@code !}; at least one
     * @return the option
     * @throws EditRefusedException when a pattern is empty, which would shut everybody out, or holds a comma
     */
    public static KeyOption from(String... patterns) {
        return of("from", list("from", patterns));
    }

    /**
     * Makes {@code principals}, which names those that a certificate authority may vouch for.
     *
     * @param names the principals; at least one
     * @return the option, for lines with {@link #certAuthority()} only: others admit nobody with it
     * @throws EditRefusedException when a name is empty or holds a comma
     */
    public static KeyOption principals(String... names) {
        return of("principals", list("principals", names));
    }

    /**
     * Makes {@code permitopen}, which limits where forwarded connections may go to.
     *
     * @param host a host name or address, IPv6 without brackets, or {@code *}
     * @param port the port, from 1 to 65535
     * @return the option
     * @throws EditRefusedException when sshd would not take it
     */
    public static KeyOption permitOpen(String host, int port) {
        return of("permitopen", hostAndPort(host, port));
    }

    /**
     * Makes {@code permitlisten}, which limits where the server may listen for the client.
     *
     * @param host a host name or address, IPv6 without brackets, or {@code *}
     * @param port the port, from 1 to 65535
     * @return the option
     * @throws EditRefusedException when sshd would not take it
     */
    public static KeyOption permitListen(String host, int port) {
        return of("permitlisten", hostAndPort(host, port));
    }

    /**
     * Makes {@code tunnel}, which forces a tun device.
     *
     * @param device the device's number, from 0
     * @return the option
     * @throws EditRefusedException when the number is negative or beyond what sshd takes
     */
    public static KeyOption tunnel(int device) {
        return of("tunnel", String.valueOf(device));
    }

    /**
     * Makes {@code expiry-time}, in UTC.
     *
     * @param lastMoment the last moment at which the key is accepted
     * @return the option; OpenSSH before 9.1 drops the line for it
     * @throws EditRefusedException when the moment is before 1970 or after 9999
     */
    public static KeyOption expiryTime(Instant lastMoment) {
        return of("expiry-time", ExpiryTime.of(lastMoment).toString());
    }

    /**
     * Makes {@code environment}.
     *
     * @param variable the variable's name, {@code [A-Za-z0-9_]+}
     * @param value its value
     * @return the option
     * @throws EditRefusedException when name or value cannot be written
     */
    public static KeyOption environment(String variable, String value) {
        return of("environment", variable + "=" + value);
    }

    private static String list(String name, String... elements) {
        for (String element : elements) {
            if (element.isEmpty() || element.equals("!") || element.indexOf(',') >= 0) {
                throw notWritable("an element of " + name + " is empty or holds a comma");
            }
        }
        if (elements.length == 0) {
            throw notWritable(name + " without an element would let nobody in");
        }
        return String.join(",", elements);
    }

    private static String hostAndPort(String host, int port) {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** Reads the text between two commas. */
    static KeyOption read(byte[] raw) {
        int equals = 0;
        while (equals < raw.length && raw[equals] != '=') {
            equals++;
        }
        String name = new String(raw, 0, equals, StandardCharsets.ISO_8859_1);
        String lowerCase = OptionGrammar.lowerCase(name);
        boolean hasValue = equals < raw.length;
        if (!OptionGrammar.isKnown(lowerCase, hasValue)) {
            byte[] rest = hasValue ? Arrays.copyOfRange(raw, equals + 1, raw.length) : new byte[0];
            return new KeyOption(raw, name, hasValue, rest, "sshd knows no such option");
        }
        if (!hasValue) {
            return new KeyOption(raw, name, false, new byte[0], null);
        }
        int closing = closingQuote(raw, equals + 1);
        if (closing != raw.length - 1) {
            byte[] rest = Arrays.copyOfRange(raw, equals + 1, raw.length);
            String problem = closing < 0
                    ? "the value of " + lowerCase + " does not stand in quotes"
                    : "something follows the value of " + lowerCase;
            return new KeyOption(raw, name, true, rest, problem);
        }
        byte[] value = unescape(raw, equals + 2, closing);
        String text = new String(value, StandardCharsets.UTF_8);
        return new KeyOption(raw, name, true, value, OptionGrammar.valueProblem(lowerCase, text));
    }

    private static int closingQuote(byte[] raw, int opening) {
        if (opening >= raw.length || raw[opening] != '"') {
            return -1;
        }
        int i = opening + 1;
        while (i < raw.length && raw[i] != '"') {
            i += raw[i] == '\\' && i + 1 < raw.length && raw[i + 1] == '"' ? 2 : 1;
        }
        return i < raw.length ? i : -1;
    }

    private static byte[] unescape(byte[] raw, int from, int to) {
        ByteArrayOutputStream value = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            if (raw[i] == '\\' && raw[i + 1] == '"') {
                i++;
            }
            value.write(raw[i]);
        }
        return value.toByteArray();
    }

    /**
     * Returns the name in lower case.
     *
     * @return e.g. {@code "command"}, or {@code "no-pty"}
     */
    public String name() {
        return OptionGrammar.lowerCase(name);
    }

    /**
     * Returns the value.
     *
     * @return the value without quotes and escapes, bytes that are not UTF-8 as U+FFFD; empty for a flag
     */
    public Optional<String> value() {
        return hasValue ? Optional.of(valueText()) : Optional.empty();
    }

    String valueText() {
        return new String(value, StandardCharsets.UTF_8);
    }

    /**
     * Tells why sshd drops a line with this option.
     *
     * @return half a sentence; empty when the option is right by itself
     */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    boolean isUnknown() {
        return !OptionGrammar.isKnown(name(), hasValue);
    }

    /**
     * Returns the option as it stands in a line.
     *
     * @return a copy of the bytes
     */
    public byte[] toBytes() {
        return raw.clone();
    }

    /** Tells whether this option decides the same thing as the named one: {@code no-pty} and {@code pty} do. */
    boolean concerns(String otherName) {
        return OptionGrammar.positive(name()).equals(OptionGrammar.positive(OptionGrammar.lowerCase(otherName)));
    }

    /** Compares names without case, and values. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyOption that
                && hasValue == that.hasValue
                && name().equals(that.name())
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * name().hashCode() + Arrays.hashCode(value);
    }

    /** Says the name; a value may be a secret. */
    @Override
    public String toString() {
        return hasValue ? name() + "=..." : name();
    }

    private static EditRefusedException notWritable(String why) {
        return new EditRefusedException(EditRefusedException.Reason.NOT_WRITABLE, why);
    }
}
