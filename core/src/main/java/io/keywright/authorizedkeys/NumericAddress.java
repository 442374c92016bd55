package io.keywright.authorizedkeys;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An IP address read from text, without ever asking a name service. */
final class NumericAddress {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private final byte[] bytes;
    private final String scope;

    private NumericAddress(byte[] bytes, String scope) {
        this.bytes = bytes;
        this.scope = scope;
    }

    /** Reads IPv4 in every form that inet_aton(3) takes, since sshd does, or IPv6 with or without a scope; or null. */
    static @Nullable NumericAddress parse(String text) {
        if (text.indexOf(':') < 0) {
            byte[] ipv4 = ipv4(text);
            return ipv4 == null ? null : new NumericAddress(ipv4, "");
        }
        int percent = text.indexOf('%');
        byte[] ipv6 = ipv6(percent < 0 ? text : text.substring(0, percent));
        return ipv6 == null ? null : new NumericAddress(ipv6, percent < 0 ? "" : text.substring(percent + 1));
    }

    int bits() {
        return bytes.length * 8;
    }

    /** Turns ::ffff:a.b.c.d into a.b.c.d. */
    NumericAddress unmapped() {
        boolean mapped = bytes.length == IPV6_BYTES && bytes[10] == -1 && bytes[11] == -1;
        for (int i = 0; mapped && i < 10; i++) {
            mapped = bytes[i] == 0;
        }
        return mapped ? new NumericAddress(Arrays.copyOfRange(bytes, 12, IPV6_BYTES), "") : this;
    }

    /** Tells whether the first bits are those of a network of the same family and scope. */
    boolean isIn(NumericAddress network, int prefixBits) {
        return bytes.length == network.bytes.length
                && scope.equals(network.scope)
                && Arrays.equals(masked(prefixBits), network.bytes);
    }

    boolean hasHostBits(int prefixBits) {
        return !Arrays.equals(masked(prefixBits), bytes);
    }

    private byte[] masked(int prefixBits) {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.max(0, Math.min(8, prefixBits - 8 * i));
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }

    private static byte @Nullable [] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > IPV4_BYTES) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            int bytesOfPart = i == parts.length - 1 ? IPV4_BYTES - i : 1;
            long part = number(parts[i]);
            if (part < 0 || part >= 1L << (8 * bytesOfPart)) {
                return null;
            }
            address = address << (8 * bytesOfPart) | part;
        }
        return new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
    }

    private static long number(String part) {
        int radix = 10;
        String digits = part;
        if (part.startsWith("0x") || part.startsWith("0X")) {
            radix = 16;
            digits = part.substring(2);
        } else if (part.length() > 1 && part.startsWith("0")) {
            radix = 8;
            digits = part.substring(1);
        }
        // Eleven octal digits are enough for 32 bits; more would only be leading zeros.
        if (digits.isEmpty() || digits.length() > 11) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) < 0x80 ? Character.digit(digits.charAt(i), radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return value;
    }

    private static byte @Nullable [] ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        byte[] head = groups(gap < 0 ? text : text.substring(0, gap), gap < 0);
        byte[] tail = gap < 0 ? new byte[0] : groups(text.substring(gap + 2), true);
        if (head == null || tail == null) {
            return null;
        }
        int length = head.length + tail.length;
        if (gap < 0 ? length != IPV6_BYTES : length > IPV6_BYTES - 2) {
            return null;
        }
        byte[] address = Arrays.copyOf(head, IPV6_BYTES);
        System.arraycopy(tail, 0, address, IPV6_BYTES - tail.length, tail.length);
        return address;
    }

    private static byte @Nullable [] groups(String text, boolean mayEndInIpv4) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] groups = text.split(":", -1);
        byte[] bytes = new byte[0];
        for (int i = 0; i < groups.length; i++) {
            String group = groups[i];
            byte[] more;
            if (mayEndInIpv4 && i == groups.length - 1 && group.indexOf('.') >= 0) {
                // Inside IPv6, inet_pton(3) takes four decimal parts and nothing else.
                more = group.matches("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}") ? ipv4(group) : null;
            } else {
                more = hexGroup(group);
            }
            if (more == null || bytes.length + more.length > IPV6_BYTES) {
                return null;
            }
            bytes = Arrays.copyOf(bytes, bytes.length + more.length);
            System.arraycopy(more, 0, bytes, bytes.length - more.length, more.length);
        }
        return bytes;
    }

    private static byte @Nullable [] hexGroup(String group) {
        if (!group.matches("[0-9a-fA-F]{1,4}")) {
            return null;
        }
        int value = Integer.parseInt(group, 16);
        return new byte[] {(byte) (value >> 8), (byte) value};
    }
}
