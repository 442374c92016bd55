package io.keywright.transport;

import java.net.InetSocketAddress;

/** A port that listens here for a destination beyond a server. Thread-safe. */
public interface ForwardedPort extends AutoCloseable {

    /**
     * Returns where it listens.
     *
     * @return the address and the actual port
     */
    InetSocketAddress localAddress();

    /** Stops listening and ends the connections that came through it. Closing again does nothing. */
    @Override
    void close();
}
