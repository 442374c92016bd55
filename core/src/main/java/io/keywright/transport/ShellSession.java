package io.keywright.transport;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A shell, or a command, that runs in a terminal on a server.
 *
 * <p>One thread may read {@link #output()} while another writes {@link #input()} and a third resizes. A lost connection
 * ends the output with a {@link java.io.IOException}; a shell that has ended, with the end of the stream.
 */
public interface ShellSession extends AutoCloseable {

    /**
     * Returns what the shell reads: what a person types. Closing it tells the shell that no more will come.
     *
     * @return an unbuffered stream; writing blocks while the server takes no more
     */
    OutputStream input();

    /**
     * Returns what the shell prints, standard error included.
     *
     * @return a stream; the server is slowed down while nobody reads it
     */
    InputStream output();

    /**
     * Tells the server the terminal's new size ({@code window-change}, RFC 4254, section 6.7).
     *
     * @param size the new size
     */
    void resize(TerminalSize size);

    /**
     * Waits for the end.
     *
     * @param atMost how long to wait
     * @return true when the shell has ended
     * @throws TransportInterruptedException when the thread is interrupted
     * @throws ConnectionLostException when the connection is lost first
     */
    boolean awaitEnd(Duration atMost);

    /**
     * Returns the exit status.
     *
     * @return the status, or empty while it runs, when a signal ended it, or when the server said nothing
     */
    OptionalInt exitStatus();

    /**
     * Returns the signal that ended it.
     *
     * @return the signal's name without {@code SIG} (RFC 4254, section 6.10), or empty
     */
    Optional<String> signal();

    /** Closes the terminal, not the connection; the server hangs up on what still runs in it. Closing again does nothing. */
    @Override
    void close();
}
