package io.keywright;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A passphrase or password: bytes that are wiped when closed and never printed.
 *
 * <p>Characters are encoded as UTF-8 unless another charset is named; a key that was encrypted under another charset can
 * be opened by giving the bytes. Blanks count. An empty passphrase is not a passphrase and is refused. Thread-safe.
 */
public final class Passphrase implements AutoCloseable {
    private final SecretBytes secret;

    private Passphrase(SecretBytes secret) {
        if (secret.length() == 0) {
            throw new IllegalArgumentException("an empty passphrase protects nothing: leave it out instead");
        }
        this.secret = secret;
    }

    /**
     * Makes a passphrase of characters, encoded as UTF-8. The caller wipes its own array.
     *
     * @param characters the passphrase
     * @return the passphrase
     * @throws IllegalArgumentException when empty
     */
    public static Passphrase of(char[] characters) {
        return of(characters, StandardCharsets.UTF_8);
    }

    /**
     * Makes a passphrase of characters in a charset. The caller wipes its own array.
     *
     * @param characters the passphrase
     * @param charset how the key's writer encoded it
     * @return the passphrase
     * @throws IllegalArgumentException when empty, or when the charset cannot encode a character
     */
    public static Passphrase of(char[] characters, Charset charset) {
        CharsetEncoder encoder = charset.newEncoder();
        byte[] room = new byte[(int) Math.ceil(encoder.maxBytesPerChar() * (double) characters.length)];
        ByteBuffer encoded = ByteBuffer.wrap(room);
        try {
            CoderResult result = encoder.encode(CharBuffer.wrap(characters), encoded, true);
            if (!result.isUnderflow() || !encoder.flush(encoded).isUnderflow()) {
                throw new IllegalArgumentException("the passphrase has a character that " + charset + " cannot encode");
            }
            return new Passphrase(SecretBytes.takeOver(Arrays.copyOf(room, encoded.position())));
        } finally {
            Arrays.fill(room, (byte) 0);
        }
    }

    /**
     * Makes a passphrase of bytes, which are copied.
     *
     * @param bytes the passphrase
     * @return the passphrase
     * @throws IllegalArgumentException when empty
     */
    public static Passphrase ofBytes(byte[] bytes) {
        return new Passphrase(SecretBytes.copyOf(bytes));
    }

    /**
     * Copies the passphrase out. The caller must wipe the array after use.
     *
     * @return a new array
     * @throws IllegalStateException when closed
     */
    public byte[] toByteArray() {
        return secret.toByteArray();
    }

    /**
     * Lends the secret itself.
     *
     * @return the bytes; closing them closes this passphrase
     */
    public SecretBytes secret() {
        return secret;
    }

    /**
     * Makes an independent copy with its own life.
     *
     * @return another passphrase with the same bytes
     */
    public Passphrase copy() {
        return new Passphrase(secret.copy());
    }

    /** Wipes the bytes. */
    @Override
    public void close() {
        secret.close();
    }

    /** Says nothing about the content, not even the length. */
    @Override
    public String toString() {
        return "Passphrase[redacted]";
    }
}
