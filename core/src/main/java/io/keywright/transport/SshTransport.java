package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Opens SSH connections by means of some SSH client library.
 *
 * <p>Thread-safe. Closing the transport closes every connection that it opened, with their threads and sockets.
 */
public interface SshTransport extends AutoCloseable {

    /**
     * Creates the transport whose jar is on the class path or module path.
     *
     * @return a new transport; the caller closes it
     * @throws IllegalStateException when none is found, or more than one: then pass an instance instead
     */
    static SshTransport discover() {
        List<SshTransportProvider> found = ServiceLoader.load(SshTransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        if (found.size() != 1) {
            throw new IllegalStateException(
                    found.isEmpty()
                            ? "no SSH transport found: add keywright-transport-sshd or keywright-transport-sshj, or pass"
                                    + " an instance"
                            : "several SSH transports found, "
                                    + found.stream()
                                            .map(SshTransportProvider::name)
                                            .toList() + ": pass an instance");
        }
        return found.get(0).create();
    }

    /**
     * Names the library beneath, for reports.
     *
     * @return a short name such as {@code "sshd"}
     */
    String name();

    /**
     * Connects, checks the host key, asks about the request's probe keys in order, then logs in.
     *
     * <p>A probe is an authentication request without a signature (RFC 4252, section 7): whether a probed key is accepted
     * or refused, the log-in goes on over the same connection.
     *
     * @param request whom to connect to, as whom, and what to ask on the way
     * @return a connection that is logged in; {@link SshConnection#probes()} has the answers
     * @throws HostKeyRejectedException when the host key is unknown, changed or revoked
     * @throws AuthenticationRefusedException when the server refused the log-in
     * @throws AuthenticationLimitException when the server hung up because of too many attempts, probes included
     * @throws TransportException for everything else; its phase and class say what
     */
    SshConnection connect(ConnectRequest request);

    /**
     * Connects, checks the host key, asks whether each of the keys would be accepted, and hangs up. Private halves are
     * not needed.
     *
     * <p>A server that answers the only or last question by hanging up for too many attempts has refused that key.
     *
     * @param target whom to ask, for which user
     * @param keys the public keys to ask about, in order
     * @return one answer a key
     * @throws AuthenticationLimitException when the server hung up before all keys were asked about
     * @throws TransportException when the server could not be asked
     */
    ProbeReport probe(SshTarget target, List<SshPublicKey> keys);

    /** Closes every connection and releases every thread and socket. */
    @Override
    void close();
}
