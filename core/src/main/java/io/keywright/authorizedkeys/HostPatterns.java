package io.keywright.authorizedkeys;

import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The pattern list of {@code from=}: ssh_config(5), PATTERNS, mixed with CIDR address/masklen. Separated by commas, each
 * perhaps negated with {@code !}.
 */
final class HostPatterns {
    /** OpenSSH's buffers: a longer pattern matches no name, a longer text is no address. */
    private static final int MAX_PATTERN_LENGTH = 1022;

    private static final int MAX_ADDRESS_LENGTH = 63;

    private enum Match {
        NEGATED,
        NONE,
        POSITIVE,
        INVALID_LIST
    }

    private HostPatterns() {}

    static boolean match(String list, String address, String host) {
        NumericAddress client = NumericAddress.parse(address);
        Match byAddress = client == null ? Match.NONE : matchAddress(list, address, client.unmapped());
        if (byAddress == Match.INVALID_LIST || byAddress == Match.NEGATED) {
            return false;
        }
        Match byHost = matchHost(list, host.toLowerCase(Locale.ROOT));
        return byHost != Match.NEGATED && (byHost == Match.POSITIVE || byAddress == Match.POSITIVE);
    }

    private static Match matchAddress(String list, String address, NumericAddress client) {
        Match result = Match.NONE;
        for (String element : list.split(",", -1)) {
            boolean negated = element.startsWith("!");
            String pattern = negated ? element.substring(1) : element;
            Block block = Block.parse(pattern);
            if (pattern.isEmpty() || (block != null && !block.isConsistent())) {
                return Match.INVALID_LIST;
            }
            if (block != null ? block.holds(client) : matchPattern(address, pattern)) {
                if (negated) {
                    return Match.NEGATED;
                }
                result = Match.POSITIVE;
            }
        }
        return result;
    }

    private static Match matchHost(String list, String lowerCaseHost) {
        Match result = Match.NONE;
        for (String element : list.split(",", -1)) {
            boolean negated = element.startsWith("!");
            String pattern = negated ? element.substring(1) : element;
            if (pattern.length() > MAX_PATTERN_LENGTH) {
                return Match.NONE;
            }
            if (matchPattern(lowerCaseHost, pattern.toLowerCase(Locale.ROOT))) {
                if (negated) {
                    return Match.NEGATED;
                }
                result = Match.POSITIVE;
            }
        }
        return result;
    }

    /**
     * Matches {@code *} and {@code ?}. Goes back to the last star only, which is enough, so that a hostile pattern costs
     * no more than the product of the lengths.
     */
    static boolean matchPattern(String text, String pattern) {
        int t = 0;
        int p = 0;
        int star = -1;
        int retry = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** An address, or a network in CIDR form. */
    private record Block(NumericAddress network, int prefixBits) {
        static @Nullable Block parse(String pattern) {
            if (pattern.length() > MAX_ADDRESS_LENGTH) {
                return null;
            }
            int slash = pattern.indexOf('/');
            NumericAddress network = NumericAddress.parse(slash < 0 ? pattern : pattern.substring(0, slash));
            if (network == null) {
                return null;
            }
            if (slash < 0) {
                return new Block(network, network.bits());
            }
            OptionalInt prefixBits = DecimalNumber.parse(pattern.substring(slash + 1), 128);
            return prefixBits.isPresent() ? new Block(network, prefixBits.getAsInt()) : null;
        }

        boolean isConsistent() {
            return prefixBits <= network.bits() && !network.hasHostBits(prefixBits);
        }

        boolean holds(NumericAddress client) {
            return client.isIn(network, prefixBits);
        }
    }
}
