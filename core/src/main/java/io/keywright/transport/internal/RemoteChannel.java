package io.keywright.transport.internal;

import io.keywright.transport.ShellRequest;
import io.keywright.transport.TerminalSize;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A channel that this side has opened (RFC 4254, section 5), with what runs on it. Nothing here blocks. */
public interface RemoteChannel extends Subsystem {

    /** What a channel is opened for. A closed choice that may grow. */
    sealed interface Purpose {
        /** To run a command line. */
        record Command(String line) implements Purpose {}

        /** To run a subsystem by its name. */
        record NamedSubsystem(String name) implements Purpose {}

        /** To run a shell, or a command, in a terminal. */
        record Terminal(ShellRequest request) implements Purpose {}

        /** To connect the server to a TCP port. */
        record Destination(String host, int port) implements Purpose {}
    }

    /** Takes what the remote side sends, one call at a time, on a library's thread that it must not hold. */
    interface Receiver {
        /** Takes a part of an array, which is the caller's. */
        void standardOutput(byte[] data, int offset, int length);

        /** Takes it as output unless told otherwise: a terminal has one screen. */
        default void standardError(byte[] data, int offset, int length) {
            standardOutput(data, offset, length);
        }

        /** Nothing more will come, because the remote side said so or because the channel has ended. May be called twice. */
        default void endOfOutput() {}

        /**
         * The channel is open, and what it is for has been asked: what is written now travels with that. A server that
         * refuses drops it. Must not block.
         */
        default void asked(RemoteChannel channel) {}

        /** {@link #queuedBytes()} has become less, or the channel has ended. Must not call the channel back. */
        default void inputSent() {}

        /** Tells whether the receiver calls {@link #took} itself, when it has room for more; else everything is taken. */
        default boolean takesItsTime() {
            return false;
        }
    }

    /** Returns how much input waits to be sent. */
    long queuedBytes();

    /** Sends the end of the input after everything that is queued. */
    void endInput();

    /** Lets the remote side send as much more. */
    void took(int bytes);

    /** Tells the server the terminal's new size, where there is one and it has not ended. */
    void resize(TerminalSize size);

    /** Tells whether this side has closed the channel; the server may not have yet. */
    boolean isAbandoned();

    /** Completes when both sides have closed the channel, or the connection is over. Never fails. */
    CompletableFuture<Void> gone();

    /** Returns the exit status, once the server has told it. */
    @Nullable
    Integer exitStatus();

    /** Returns the name of the signal that ended the program, once the server has told it. */
    @Nullable
    String exitSignal();
}
