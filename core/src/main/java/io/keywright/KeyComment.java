package io.keywright;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key's comment: bytes that people usually, not always, write as UTF-8. Immutable.
 *
 * <p>A comment is no part of a key's identity and nothing is ever matched by it. What was read is kept byte for byte; line
 * breaks, NUL and other control characters are refused where a comment is written into a line.
 */
public final class KeyComment {
    /** No comment at all. */
    public static final KeyComment EMPTY = new KeyComment(new byte[0]);

    private final byte[] bytes;

    private KeyComment(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Makes a comment of text, encoded as UTF-8.
     *
     * @param text the comment
     * @return the comment
     */
    public static KeyComment of(String text) {
        return ofBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a comment of bytes, which are copied.
     *
     * @param bytes the comment
     * @return the comment
     */
    public static KeyComment ofBytes(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new KeyComment(bytes.clone());
    }

    /**
     * Returns the comment's bytes.
     *
     * @return a copy
     */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /**
     * Tells whether there is no comment.
     *
     * @return true for length zero
     */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /**
     * Tells whether the comment can stand in a line: no control characters except the tab. Blanks at its ends are lost when
     * the line is read again.
     *
     * @return false when a line with it would not be one line, or not the same to every reader
     */
    public boolean fitsInLine() {
        for (byte b : bytes) {
            if ((b >= 0 && b < 0x20 && b != '\t') || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Compares bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyComment that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Decodes as UTF-8; what is not UTF-8 becomes U+FFFD. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
