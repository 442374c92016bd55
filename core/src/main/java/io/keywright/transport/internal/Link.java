package io.keywright.transport.internal;

import io.keywright.transport.SshTarget;
import java.util.concurrent.CompletableFuture;

/** A library's connection to a server, with what it takes to open channels on it and to end it. Thread-safe. */
public interface Link extends AutoCloseable {

    /** Returns how the connection came about. */
    Handshake handshake();

    /** Returns whom this connects to. */
    default SshTarget target() {
        return handshake().target();
    }

    /** Tells whether it still stands, as far as this side knows. */
    boolean isOpen();

    /** Opens a channel and waits until the server has agreed to all that it is for. */
    RemoteChannel open(RemoteChannel.Purpose purpose, RemoteChannel.Receiver receiver, Deadline deadline);

    /** Does something, once, when the connection is over; at once if it is. */
    void whenOver(Runnable action);

    /** Begins to say good-bye without waiting; the future completes when the socket is closed. */
    CompletableFuture<Void> sayGoodBye();

    /** Closes the socket at once, without waiting for anything. */
    void hangUp();

    /** Says good-bye, as long as that may take, and closes the socket and everything on it. Closing again does nothing. */
    @Override
    void close();
}
