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

    /** Writes a uint32. */
    public WireWriter writeUint32(long value) {
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

    /** Writes a public, non-negative number as an mpint. */
    public WireWriter writeMpint(BigInteger value) {
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
        if (size + more > buffer.length) {
            byte[] old = buffer;
            buffer = Arrays.copyOf(old, Math.max(old.length * 2, size + more));
            Arrays.fill(old, (byte) 0);
        }
    }
}
