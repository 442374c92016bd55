package io.keywright.internal;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the data types of RFC 4251, section 5. What it holds may be secret: buffers are wiped when they grow and when
 * the writer is closed.
 */
public final class WireWriter implements AutoCloseable {
    private byte[] buffer = new byte[256];
    private int size;

    /** Creates an empty writer. */
    public WireWriter() {}

    /** Writes one byte. */
    public WireWriter writeByte(int value) {
        grow(1);
        buffer[size++] = (byte) value;
        return this;
    }

    /**
     * Writes a uint32.
     *
     * @throws IllegalArgumentException when the value is not within 0..2^32-1
     */
    public WireWriter writeUint32(long value) {
        if (value < 0 || value > 0xffff_ffffL) {
            throw new IllegalArgumentException("a uint32 is within 0..2^32-1, got " + value);
        }
        grow(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (value >> shift);
        }
        return this;
    }

    /** Writes bytes without a length. */
    public WireWriter writeBytes(byte[] bytes) {
        grow(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
        return this;
    }

    /** Writes a string. */
    public WireWriter writeString(byte[] bytes) {
        writeUint32(bytes.length);
        return writeBytes(bytes);
    }

    /** Writes a string of US-ASCII or UTF-8 text. */
    public WireWriter writeString(String text) {
        return writeString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes an mpint of unsigned big-endian bytes; leading zeros are dropped and one is put in front where needed. */
    public WireWriter writeUnsigned(byte[] magnitude) {
        int from = 0;
        while (from < magnitude.length && magnitude[from] == 0) {
            from++;
        }
        boolean pad = from < magnitude.length && magnitude[from] < 0;
        int length = magnitude.length - from;
        writeUint32(length + (pad ? 1 : 0));
        if (pad) {
            writeByte(0);
        }
        grow(length);
        System.arraycopy(magnitude, from, buffer, size, length);
        size += length;
        return this;
    }

    /**
     * Writes a public, non-negative number as an mpint.
     *
     * @throws IllegalArgumentException when it is negative
     */
    public WireWriter writeMpint(BigInteger value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("no number in SSH's key formats is negative");
        }
        return writeUnsigned(value.toByteArray());
    }

    /** Returns how many bytes have been written. */
    public int size() {
        return size;
    }

    /** Returns a copy of what has been written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(buffer, size);
    }

    /** Wipes the buffer. */
    @Override
    public void close() {
        Arrays.fill(buffer, (byte) 0);
        size = 0;
    }

    private void grow(int more) {
        int needed = Math.addExact(size, more);
        if (needed > buffer.length) {
            byte[] old = buffer;
            // Doubling may overflow to a negative number, which "needed" then beats.
            buffer = Arrays.copyOf(old, Math.max(old.length * 2, needed));
            Arrays.fill(old, (byte) 0);
        }
    }
}
