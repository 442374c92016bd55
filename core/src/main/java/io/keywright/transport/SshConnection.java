package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;
import java.util.Optional;

/**
 * A connection that is logged in.
 *
 * <p>Belongs to one thread at a time. Every call ends within its timeout, or with a {@link TransportException}; after a
 * {@link ConnectionLostException} it cannot be known whether the request that was under way took effect.
 */
public interface SshConnection extends AutoCloseable {

    /**
     * Returns whom this connects to.
     *
     * @return the target it was opened with
     */
    SshTarget target();

    /**
     * Returns the host key that the server proved to own.
     *
     * @return the server's public key
     */
    SshPublicKey hostKey();

    /**
     * Returns the server's identification string (RFC 4253, section 4.2).
     *
     * @return e.g. {@code "SSH-2.0-OpenSSH_9.2p1 Debian-2"}
     */
    String serverVersion();

    /**
     * Returns the answers to the request's probes.
     *
     * @return one answer a probed key, in the request's order
     */
    List<ProbeAnswer> probes();

    /**
     * Runs a command and waits for its end.
     *
     * @param request the command, its input and its bounds
     * @return exit status and output
     * @throws ChannelRefusedException when the server opens no session or runs no command
     * @throws TransportTimeoutException when the command does not end in time; it is then abandoned
     * @throws io.keywright.LimitExceededException when it prints more than the request allows; it is then abandoned
     * @throws TransportException for everything else
     */
    ExecResult exec(ExecRequest request);

    /**
     * Opens the SFTP subsystem (draft-ietf-secsh-filexfer-02, version 3).
     *
     * @return a session; the caller closes it
     * @throws ChannelRefusedException when the server does not offer SFTP, or this key may not use it
     * @throws TransportException for everything else
     */
    SftpSession openSftp();

    /**
     * Returns the ability to open terminals.
     *
     * @return the capability, or empty when this transport has none
     */
    default Optional<ShellAccess> shellAccess() {
        return Optional.empty();
    }

    /**
     * Returns the ability to reach destinations beyond the server.
     *
     * @return the capability, or empty when this transport has none
     */
    default Optional<PortForwarding> portForwarding() {
        return Optional.empty();
    }

    /**
     * Tells whether the connection still stands, as far as this side knows.
     *
     * @return false once it was closed or lost
     */
    boolean isOpen();

    /** Closes the connection and everything opened on it. Closing again does nothing. */
    @Override
    void close();
}
