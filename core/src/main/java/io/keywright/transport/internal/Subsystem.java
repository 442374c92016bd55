package io.keywright.transport.internal;

import java.util.concurrent.CompletableFuture;

/** A subsystem that runs on a channel (RFC 4254, section 6.5): bytes to it and from it. Nothing here blocks. */
public interface Subsystem {
    /** Takes what the subsystem sends, one call at a time, on a library's thread that it must not hold. */
    @FunctionalInterface
    interface Output {
        /** Takes a part of an array, which is the caller's. */
        void receive(byte[] data, int offset, int length);

        /** It was asked for, and may have its first input, which a server drops that refuses. Must not block. */
        default void asked(Subsystem subsystem) {}
    }

    /** Queues bytes; they are sent as the server's window allows. The array is not copied and must not change. */
    void write(byte[] data);

    /** Completes when the server has closed the channel; fails with {@link CallFailed} when the connection went first. */
    CompletableFuture<Void> ended();

    /** Closes the channel without waiting for anything. Closing again does nothing. */
    void abandon();
}
