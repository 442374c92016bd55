package io.keywright.authorizedkeys;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Looking at eight bytes at once, in a long whose lowest byte is the first. */
final class EightBytes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private EightBytes() {}

    static long read(byte[] data, int from) {
        return (long) LONG.get(data, from);
    }

    /** Returns a byte of ASCII in each of the eight places. */
    private static long each(char c) {
        return LOW_BITS * c;
    }

    /** Returns the index of the first such byte that is not before {@code from}; the length where there is none. */
    static int indexOf(byte[] data, char wanted, int from) {
        int i = from;
        for (; i + Long.BYTES <= data.length; i += Long.BYTES) {
            long difference = read(data, i) ^ each(wanted);
            // The lowest bit that is set is the highest of the first zero byte; those above may be a borrow's.
            long zeros = (difference - LOW_BITS) & ~difference & HIGH_BITS;
            if (zeros != 0) {
                return i + Long.numberOfTrailingZeros(zeros) / Byte.SIZE;
            }
        }
        while (i < data.length && data[i] != wanted) {
            i++;
        }
        return i;
    }

    /**
     * Tells whether all eight bytes are digits of base64. In each byte, whose top bit has to be clear, a sum or a difference sets
     * the top bit when it is at least, or at most, so much; none runs over into the next byte.
     */
    static boolean areBase64Digits(long word) {
        long lower = word | each(' ');
        long letters = (lower + (HIGH_BITS - each('a'))) & ~(lower + (HIGH_BITS - each('{')));
        // The slash is the character before the zero, the colon the one after the nine.
        long numbersAndSlash = (word + (HIGH_BITS - each('/'))) & ~(word + (HIGH_BITS - each(':')));
        long plus = HIGH_BITS - (word ^ each('+'));
        return ((letters | numbersAndSlash | plus) & ~word & HIGH_BITS) == HIGH_BITS;
    }
}
