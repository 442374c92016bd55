package io.keywright.transport;

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

    /** Lets the file go. Closing again does nothing. */
    @Override
    void close();
}
