package io.keywright.transport;

import java.io.InputStream;
import java.io.OutputStream;

/** A TCP connection that a server holds for us. One thread may read while another writes. */
public interface ForwardedStream extends AutoCloseable {

    /**
     * Returns what comes from the destination.
     *
     * @return a stream that ends when the destination stops sending
     */
    InputStream input();

    /**
     * Returns what goes to the destination. Closing it tells the destination that no more will come.
     *
     * @return an unbuffered stream
     */
    OutputStream output();

    /** Closes both directions. Closing again does nothing. */
    @Override
    void close();
}
