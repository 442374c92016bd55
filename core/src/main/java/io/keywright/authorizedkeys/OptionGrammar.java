package io.keywright.authorizedkeys;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What one option by itself may look like: the table under AUTHORIZED_KEYS FILE FORMAT in sshd(8). */
final class OptionGrammar {
    enum Kind {
        FLAG,
        NEGATABLE_FLAG,
        VALUED
    }

    private static final int MAX_TUNNEL = Integer.MAX_VALUE - 2;

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry("restrict", Kind.FLAG),
            Map.entry("cert-authority", Kind.FLAG),
            Map.entry("port-forwarding", Kind.NEGATABLE_FLAG),
            Map.entry("agent-forwarding", Kind.NEGATABLE_FLAG),
            Map.entry("x11-forwarding", Kind.NEGATABLE_FLAG),
            Map.entry("pty", Kind.NEGATABLE_FLAG),
            Map.entry("user-rc", Kind.NEGATABLE_FLAG),
            Map.entry("touch-required", Kind.NEGATABLE_FLAG),
            Map.entry("verify-required", Kind.NEGATABLE_FLAG),
            Map.entry("command", Kind.VALUED),
            Map.entry("principals", Kind.VALUED),
            Map.entry("from", Kind.VALUED),
            Map.entry("environment", Kind.VALUED),
            Map.entry("expiry-time", Kind.VALUED),
            Map.entry("tunnel", Kind.VALUED),
            Map.entry("permitopen", Kind.VALUED),
            Map.entry("permitlisten", Kind.VALUED));

    private OptionGrammar() {}

    static String lowerCase(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Returns the name without {@code no-} where that makes a flag's name. */
    static String positive(String lowerCaseName) {
        String rest = lowerCaseName.startsWith("no-") ? lowerCaseName.substring(3) : lowerCaseName;
        return KINDS.get(rest) == Kind.NEGATABLE_FLAG ? rest : lowerCaseName;
    }

    static boolean isKnown(String lowerCaseName, boolean hasValue) {
        Kind kind = KINDS.get(positive(lowerCaseName));
        return kind != null && (kind == Kind.VALUED) == hasValue;
    }

    static boolean isFlag(String lowerCaseName) {
        return isKnown(lowerCaseName, false);
    }

    /** Says what is wrong with a value, or null. */
    static @Nullable String valueProblem(String lowerCaseName, String value) {
        boolean right = switch (lowerCaseName) {
            case "expiry-time" -> ExpiryTime.parse(value).isPresent();
            case "permitopen" -> PermitSpec.isPermitOpen(value);
            case "permitlisten" -> PermitSpec.isPermitListen(value);
            case "environment" -> isAssignment(value);
            case "tunnel" -> tunnelDevice(value).isPresent();
            default -> true;
        };
        return right ? null : "the value of " + lowerCaseName + " is not one that sshd accepts";
    }

    private static boolean isAssignment(String value) {
        int equals = value.indexOf('=');
        return equals > 0
                && value.substring(0, equals)
                        .chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
    }

    /** Returns the number of a tun device, or {@code any}; empty for what is neither. */
    static Optional<String> tunnelDevice(String value) {
        if (value.equalsIgnoreCase("any")) {
            return Optional.of(value);
        }
        OptionalInt number = DecimalNumber.parse(value, MAX_TUNNEL);
        return number.isPresent() ? Optional.of(Integer.toString(number.getAsInt())) : Optional.empty();
    }
}
