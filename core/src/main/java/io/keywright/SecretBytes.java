package io.keywright;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Secret bytes that are wiped when closed, never printed, and compared in constant time.
 *
 * <p>This is the master copy of a secret: the key objects of JCA providers cannot be wiped, so they are built from here
 * just in time. Thread-safe; after {@link #close()} every use throws {@link IllegalStateException}.
 */
public final class SecretBytes implements AutoCloseable {
    private final byte[] bytes;
    private boolean closed;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Copies a secret; the caller keeps, and wipes, its own array.
     *
     * @param secret the bytes to copy
     * @return the secret
     */
    public static SecretBytes copyOf(byte[] secret) {
        return new SecretBytes(secret.clone());
    }

    /**
     * Takes an array over without copying: the caller must not use it afterwards.
     *
     * @param secret the bytes; they are wiped when the result is closed
     * @return the secret
     */
    public static SecretBytes takeOver(byte[] secret) {
        return new SecretBytes(Objects.requireNonNull(secret, "secret"));
    }

    /**
     * Returns the number of bytes.
     *
     * @return the length in bytes
     */
    public int length() {
        return bytes.length;
    }

    /**
     * Copies the secret out. The caller must wipe the array after use.
     *
     * @return a new array
     * @throws IllegalStateException when closed
     */
    public synchronized byte[] toByteArray() {
        requireOpen();
        return bytes.clone();
    }

    /**
     * Lends a copy to a function and wipes the copy when the function returns or throws.
     *
     * @param <T> what the function makes of the secret
     * @param function reads the array; it must not keep it
     * @return what the function returns
     * @throws IllegalStateException when closed
     */
    public <T> T use(Function<byte[], T> function) {
        byte[] copy = toByteArray();
        try {
            return function.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    /**
     * Makes an independent copy with its own life.
     *
     * @return another secret with the same bytes
     * @throws IllegalStateException when closed
     */
    public SecretBytes copy() {
        return new SecretBytes(toByteArray());
    }

    /** Wipes the bytes. Closing again does nothing. */
    @Override
    public synchronized void close() {
        Arrays.fill(bytes, (byte) 0);
        closed = true;
    }

    /**
     * Tells whether the secret has been wiped.
     *
     * @return true after {@link #close()}
     */
    public synchronized boolean isClosed() {
        return closed;
    }

    /** Compares in time that depends on the lengths only; a closed secret equals nothing but itself. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof SecretBytes that)) {
            return false;
        }
        // One after the other, so that two threads which compare the same two secrets crosswise cannot wait for each
        // other.
        byte[] mine = copyIfOpen();
        byte[] theirs = that.copyIfOpen();
        try {
            return mine != null && theirs != null && MessageDigest.isEqual(mine, theirs);
        } finally {
            wipe(mine);
            wipe(theirs);
        }
    }

    /** Depends on the length only: a hash of the content would leak it. */
    @Override
    public int hashCode() {
        return bytes.length;
    }

    /** Says the length, never the content. */
    @Override
    public String toString() {
        return "SecretBytes[" + (isClosed() ? "closed" : bytes.length + " bytes") + "]";
    }

    private synchronized byte @Nullable [] copyIfOpen() {
        return closed ? null : bytes.clone();
    }

    private static void wipe(byte @Nullable [] copy) {
        if (copy != null) {
            Arrays.fill(copy, (byte) 0);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this secret has been closed and wiped");
        }
    }
}
