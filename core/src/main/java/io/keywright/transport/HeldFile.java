package io.keywright.transport;

import java.util.function.Supplier;

/**
 * A remote file that is kept open for reading: what is read is that file, even after another one has taken its name. Belongs
 * to one thread, as its session does.
 */
public interface HeldFile extends AutoCloseable {

    /**
     * Reads the whole file from its beginning, as it is now.
     *
     * @param maxBytes the most that is accepted
     * @return its content
     * @throws io.keywright.LimitExceededException when the file is longer
     */
    byte[] read(int maxBytes);

    /**
     * Sends what {@link #read} asks, as {@link SftpSession} says.
     *
     * @param maxBytes as there
     * @return asked once: waits for the content, gives it or throws what {@code read} throws
     */
    default Supplier<byte[]> sendRead(int maxBytes) {
        return () -> read(maxBytes);
    }

    /** Lets the file go. Closing again does nothing. */
    @Override
    void close();
}
