package io.keywright.transport;

import java.util.Objects;

/**
 * An account on a server, and how to recognise the server.
 *
 * @param host host name or address literal
 * @param port TCP port, 1..65535
 * @param user the remote account
 * @param hostKeys decides whether the host key is the right one
 * @param timeouts bounds on every phase
 * @param route the way there
 */
public record SshTarget(
        String host, int port, String user, HostKeyVerifier hostKeys, TransportTimeouts timeouts, Route route) {

    /** Checks the port's range and that host and user are not empty. */
    public SshTarget {
        Objects.requireNonNull(hostKeys, "hostKeys");
        Objects.requireNonNull(timeouts, "timeouts");
        Objects.requireNonNull(route, "route");
        if (host.isBlank() || user.isEmpty() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "a target needs a host, a user and a port from 1 to 65535, got port " + port);
        }
    }

    /**
     * Makes a target that is reached directly, with the default timeouts.
     *
     * @param host host name or address literal
     * @param port TCP port
     * @param user the remote account
     * @param hostKeys decides whether the host key is the right one
     * @return the target
     */
    public static SshTarget of(String host, int port, String user, HostKeyVerifier hostKeys) {
        return new SshTarget(host, port, user, hostKeys, TransportTimeouts.DEFAULT, Route.DIRECT);
    }

    /**
     * Returns this target with other timeouts.
     *
     * @param other bounds on every phase
     * @return a copy
     */
    public SshTarget withTimeouts(TransportTimeouts other) {
        return new SshTarget(host, port, user, hostKeys, other, route);
    }

    /**
     * Returns this target with another way to recognise the server.
     *
     * @param other decides whether the host key is the right one
     * @return a copy
     */
    public SshTarget withHostKeys(HostKeyVerifier other) {
        return new SshTarget(host, port, user, other, timeouts, route);
    }

    /**
     * Returns this target with another way there.
     *
     * @param other the way
     * @return a copy
     */
    public SshTarget withRoute(Route other) {
        return new SshTarget(host, port, user, hostKeys, timeouts, other);
    }

    /** Returns {@code user@host:port}. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port;
    }
}
