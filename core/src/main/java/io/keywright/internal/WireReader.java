package io.keywright.internal;

import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads the data types of RFC 4251, section 5, from a bounded range of bytes.
 *
 * <p>Every length is checked against what is left before anything is allocated, and every fault is a {@link
 * MalformedKeyException} that names the format and the field.
 */
public final class WireReader {
    /** The longest number accepted, in bits: the largest RSA modulus that OpenSSH accepts. */
    public static final int MAX_NUMBER_BITS = 16384;
    /** The longest name accepted, in bytes: RFC 4251, section 6. Names stand in exceptions, which must stay readable. */
    public static final int MAX_NAME_BYTES = 64;

    private final byte[] data;
    private final int end;
    private final String format;
    private int position;

    /**
     * Reads a whole array.
     *
     * @param format named in exceptions
     * @param data read in place, never changed
     */
    public WireReader(String format, byte[] data) {
        this(format, data, 0, data.length);
    }

    /**
     * Reads a part of an array.
     *
     * @param format named in exceptions
     * @param data read in place, never changed
     * @param from first byte
     * @param to after the last byte
     * @throws IndexOutOfBoundsException when the array has no such part
     */
    public WireReader(String format, byte[] data, int from, int to) {
        Objects.checkFromToIndex(from, to, data.length);
        this.format = format;
        this.data = data;
        this.position = from;
        this.end = to;
    }

    /** Returns how many bytes are left. */
    public int remaining() {
        return end - position;
    }

    /** Returns the index, in the array, of the next byte. */
    public int position() {
        return position;
    }

    /** Reads one byte as 0..255. */
    public int readByte(String field) {
        require(1, field);
        return data[position++] & 0xff;
    }

    /** Reads a uint32 as 0..2^32-1. */
    public long readUint32(String field) {
        require(4, field);
        long value = (data[position] & 0xffL) << 24
                | (data[position + 1] & 0xffL) << 16
                | (data[position + 2] & 0xffL) << 8
                | (data[position + 3] & 0xffL);
        position += 4;
        return value;
    }

    /** Reads a string's length and checks that so much is there. */
    public int readLength(String field) {
        long length = readUint32(field + " length");
        if (length > remaining()) {
            throw malformed(field, length + " bytes announced, " + remaining() + " left");
        }
        return (int) length;
    }

    /** Reads a string as bytes. */
    public byte[] readString(String field) {
        return readBytes(readLength(field), field);
    }

    /** Reads so many bytes. */
    public byte[] readBytes(int count, String field) {
        require(count, field);
        byte[] bytes = Arrays.copyOfRange(data, position, position + count);
        position += count;
        return bytes;
    }

    /** Reads a string and returns a reader over its content, in place. */
    public WireReader readStringInPlace(String field) {
        int length = readLength(field);
        WireReader inner = new WireReader(format, data, position, position + length);
        position += length;
        return inner;
    }

    /** Reads a string that must be printable US-ASCII of at most {@link #MAX_NAME_BYTES}, such as an algorithm's name. */
    public String readName(String field) {
        int length = readLength(field);
        if (length > MAX_NAME_BYTES) {
            throw malformed(field, "a name has at most " + MAX_NAME_BYTES + " bytes, this one " + length);
        }
        for (int i = position; i < position + length; i++) {
            if (data[i] < 0x20 || data[i] > 0x7e) {
                throw malformed(field, "not printable US-ASCII");
            }
        }
        String name = new String(data, position, length, StandardCharsets.US_ASCII);
        position += length;
        return name;
    }

    /**
     * Reads an mpint that must not be negative, as unsigned big-endian bytes without leading zeros.
     *
     * @throws LimitExceededException when it has more than {@link #MAX_NUMBER_BITS} bits
     */
    public byte[] readUnsigned(String field) {
        int length = readLength(field);
        if (length > 0 && data[position] < 0) {
            throw malformed(field, "negative number");
        }
        int from = position;
        int to = position + length;
        while (from < to && data[from] == 0) {
            from++;
        }
        if (to - from > MAX_NUMBER_BITS / 8) {
            throw new LimitExceededException(
                    format + " number size in bits", (to - from) * 8L, MAX_NUMBER_BITS, "this limit is fixed");
        }
        position = to;
        return Arrays.copyOfRange(data, from, to);
    }

    /** Reads an mpint that must not be negative and is not secret. */
    public BigInteger readMpint(String field) {
        return new BigInteger(1, readUnsigned(field));
    }

    /** Requires that everything has been read. */
    public void requireEnd(String field) {
        if (remaining() != 0) {
            throw malformed(field, remaining() + " bytes too many");
        }
    }

    /** Makes the exception for a fault in a field. */
    public MalformedKeyException malformed(String field, String problem) {
        return new MalformedKeyException(format, field, problem);
    }

    private void require(int count, String field) {
        // A negative count can only come from arithmetic on what was read.
        if (count < 0 || count > remaining()) {
            throw malformed(field, count + " bytes needed, " + remaining() + " left");
        }
    }
}
