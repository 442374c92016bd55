package io.keywright.transport;

/** Opening terminals on a server: an optional capability of a connection. */
@FunctionalInterface
public interface ShellAccess {

    /**
     * Opens a terminal (RFC 4254, section 6.2) and starts the user's shell, or a command, in it.
     *
     * @param request the terminal and what runs in it
     * @return the running shell; the caller closes it
     * @throws ChannelRefusedException when the server opens no session or no terminal, or this key may not have one
     * @throws TransportException for everything else
     */
    ShellSession openShell(ShellRequest request);
}
