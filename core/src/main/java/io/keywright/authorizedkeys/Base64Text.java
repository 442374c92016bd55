package io.keywright.authorizedkeys;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Base64 the way sshd(8) reads it: padding required, no stray bits, and CR, VT and FF inside skipped. The JDK's decoder
 * agrees on none of the three.
 */
final class Base64Text {
    private static final byte INVALID = -1;
    private static final byte PAD = -2;
    private static final byte SKIPPED = -3;
    private static final byte[] SEXTETS = sextets();

    private Base64Text() {}

    /** Returns the end of the run of digits that begins at a place: where padding, a blank or something odd stands. */
    static int digitsEnd(byte[] data, int from, int stop) {
        int i = from;
        while (i + Long.BYTES <= stop && EightBytes.areBase64Digits(EightBytes.read(data, i))) {
            i += Long.BYTES;
        }
        while (i < stop && SEXTETS[data[i] & 0xff] >= 0) {
            i++;
        }
        return i;
    }

    /** Tells whether a word is base64, whose digits are known to go so far without a break. */
    static boolean isValid(byte[] data, int from, int to, int digitsEnd) {
        int pads = to - digitsEnd;
        boolean simple = digitsEnd > from
                && (pads == 0
                        || (pads == 1 && data[digitsEnd] == '=')
                        || (pads == 2 && data[digitsEnd] == '=' && data[digitsEnd + 1] == '='));
        return simple ? isWhole(digitsEnd - from, pads, SEXTETS[data[digitsEnd - 1]]) : isValidSlowly(data, from, to);
    }

    private static boolean isValidSlowly(byte[] data, int from, int to) {
        int digits = 0;
        int pads = 0;
        int last = 0;
        for (int i = from; i < to; i++) {
            int sextet = SEXTETS[data[i] & 0xff];
            if (sextet >= 0) {
                if (pads > 0) {
                    return false;
                }
                digits++;
                last = sextet;
            } else if (sextet == PAD) {
                pads++;
            } else if (sextet == INVALID) {
                return false;
            }
        }
        return isWhole(digits, pads, last);
    }

    /** Tells whether digits and padding fit together and no stray bit is set in the last digit. */
    private static boolean isWhole(int digits, int pads, int last) {
        return switch (digits & 3) {
            case 0 -> pads == 0;
            case 2 -> pads == 2 && (last & 0b1111) == 0;
            case 3 -> pads == 1 && (last & 0b11) == 0;
            default -> false;
        };
    }

    /** The first characters of what encodes an SSH string, whatever follows it. */
    static final class Beginning {
        private final String string;
        private final byte[] characters;
        /** How many bits of the next character belong to the string, and what they are. */
        private final int moreBits;

        private final int more;

        Beginning(String string) {
            this.string = string;
            byte[] wire = new byte[4 + string.length()];
            wire[3] = (byte) string.length();
            System.arraycopy(string.getBytes(StandardCharsets.US_ASCII), 0, wire, 4, string.length());
            byte[] encoded = Base64.getEncoder().encode(wire);
            int whole = wire.length * 8 / 6;
            this.characters = Arrays.copyOf(encoded, whole);
            this.moreBits = wire.length * 8 % 6;
            this.more = moreBits == 0 ? 0 : SEXTETS[encoded[whole]] >> (6 - moreBits);
        }

        String string() {
            return string;
        }

        /** Tells whether what is encoded begins with the string; decodes no more than that. */
        boolean stands(byte[] data, int from, int to) {
            int next = from + characters.length;
            boolean asUsual = next < to
                    && Arrays.equals(data, from, next, characters, 0, characters.length)
                    && (moreBits == 0 || SEXTETS[data[next] & 0xff] >> (6 - moreBits) == more);
            return asUsual || beginsWithString(data, from, to, string);
        }
    }

    /** Tells whether what is encoded begins with an SSH string of these ASCII characters; decodes no more than that. */
    private static boolean beginsWithString(byte[] data, int from, int to, String expected) {
        int length = expected.length();
        int bits = 0;
        int bitCount = 0;
        int position = 0;
        for (int i = from; i < to && position < 4 + length; i++) {
            int sextet = SEXTETS[data[i] & 0xff];
            if (sextet < 0) {
                continue;
            }
            bits = bits << 6 | sextet;
            bitCount += 6;
            if (bitCount >= 8) {
                bitCount -= 8;
                int found = bits >> bitCount & 0xff;
                int wanted = position < 3 ? 0 : position == 3 ? length : expected.charAt(position - 4);
                if (found != wanted) {
                    return false;
                }
                position++;
            }
        }
        return position == 4 + length;
    }

    /** Decodes text that {@link #isValid}. */
    static byte[] decode(byte[] data, int from, int to) {
        byte[] text = Arrays.copyOfRange(data, from, to);
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // The only characters that are valid here and not for the JDK are those to be skipped.
            return Base64.getDecoder().decode(withoutSkipped(text));
        }
    }

    private static byte[] withoutSkipped(byte[] text) {
        int size = 0;
        for (byte b : text) {
            if (SEXTETS[b & 0xff] != SKIPPED) {
                text[size++] = b;
            }
        }
        return Arrays.copyOf(text, size);
    }

    private static byte[] sextets() {
        byte[] table = new byte[256];
        Arrays.fill(table, INVALID);
        byte[] alphabet =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < alphabet.length; i++) {
            table[alphabet[i]] = (byte) i;
        }
        table['='] = PAD;
        table['\r'] = SKIPPED;
        table[0x0b] = SKIPPED;
        table[0x0c] = SKIPPED;
        return table;
    }
}
