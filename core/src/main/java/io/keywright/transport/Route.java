package io.keywright.transport;

import io.keywright.Passphrase;
import java.util.Objects;
import java.util.Optional;

/**
 * The way to a server: directly, through a proxy, or through another SSH server. A closed choice that may grow.
 *
 * <p>Hops nest: the target of a {@link JumpHost} has a route of its own. A route refers to its secrets and does not own
 * them: the caller closes them once no connection is being opened with it any more.
 */
public sealed interface Route {

    /** The way without anything between. */
    Route DIRECT = new Direct();

    /**
     * Goes through another SSH server, as {@code ssh -J} does: a {@code direct-tcpip} channel of it (RFC 4254, section
     * 7.2) carries the connection, so that the jump host sees nothing but ciphertext.
     *
     * @param target the jump host, which has its own host key verifier, timeouts and route
     * @param logIn how to log in there
     * @return the route
     */
    static Route jumpHost(SshTarget target, LogIn logIn) {
        return new JumpHost(target, logIn);
    }

    /**
     * Goes through a SOCKS5 proxy (RFC 1928), which resolves the target's name.
     *
     * @param host the proxy's name or address literal
     * @param port its TCP port
     * @return the route
     */
    static Route socks5(String host, int port) {
        return new Socks5(new Proxy(host, port, Optional.empty()));
    }

    /**
     * Goes through a SOCKS5 proxy that asks for user and password (RFC 1929: they travel in the clear).
     *
     * @param host the proxy's name or address literal
     * @param port its TCP port
     * @param user the user at the proxy
     * @param password stays the caller's
     * @return the route
     */
    static Route socks5(String host, int port, String user, Passphrase password) {
        return new Socks5(new Proxy(host, port, Optional.of(new Credentials(user, password))));
    }

    /**
     * Goes through an HTTP proxy by its {@code CONNECT} method (RFC 9110, section 9.3.6), which resolves the target's name.
     *
     * @param host the proxy's name or address literal
     * @param port its TCP port
     * @return the route
     */
    static Route httpConnect(String host, int port) {
        return new HttpConnect(new Proxy(host, port, Optional.empty()));
    }

    /**
     * Goes through an HTTP proxy that asks for user and password ({@code Basic}, RFC 7617: they travel in the clear).
     *
     * @param host the proxy's name or address literal
     * @param port its TCP port
     * @param user the user at the proxy, without a colon
     * @param password stays the caller's
     * @return the route
     */
    static Route httpConnect(String host, int port, String user, Passphrase password) {
        if (user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a user name with a colon cannot be told to an HTTP proxy (RFC 7617)");
        }
        return new HttpConnect(new Proxy(host, port, Optional.of(new Credentials(user, password))));
    }

    /** A TCP connection to the server itself. */
    record Direct() implements Route {
        /** Says so. */
        @Override
        public String toString() {
            return "directly";
        }
    }

    /**
     * A way through another SSH server.
     *
     * @param target the jump host
     * @param logIn how to log in there
     */
    record JumpHost(SshTarget target, LogIn logIn) implements Route {
        /** Checks that nothing is missing. */
        public JumpHost {
            Objects.requireNonNull(target, "target");
            Objects.requireNonNull(logIn, "logIn");
        }

        /** Says the jump host. */
        @Override
        public String toString() {
            return "through " + target;
        }
    }

    /**
     * A way through a SOCKS5 proxy.
     *
     * @param proxy the proxy
     */
    record Socks5(Proxy proxy) implements Route {
        /** Says the proxy. */
        @Override
        public String toString() {
            return "through SOCKS5 proxy " + proxy;
        }
    }

    /**
     * A way through an HTTP proxy.
     *
     * @param proxy the proxy
     */
    record HttpConnect(Proxy proxy) implements Route {
        /** Says the proxy. */
        @Override
        public String toString() {
            return "through HTTP proxy " + proxy;
        }
    }

    /**
     * A proxy.
     *
     * @param host name or address literal
     * @param port TCP port, 1..65535
     * @param credentials what it asks for, or empty
     */
    record Proxy(String host, int port, Optional<Credentials> credentials) {
        /** Checks the port's range and that the host is not empty. */
        public Proxy {
            Objects.requireNonNull(credentials, "credentials");
            if (host.isBlank() || port < 1 || port > 65535) {
                throw new IllegalArgumentException("a proxy needs a host and a port from 1 to 65535, got port " + port);
            }
        }

        /** Returns {@code host:port}. */
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * User and password at a proxy: each 1 to 255 bytes of UTF-8 (RFC 1929).
     *
     * @param user the user
     * @param password the caller's password
     */
    record Credentials(String user, Passphrase password) {
        /** Checks that nothing is missing. */
        public Credentials {
            Objects.requireNonNull(password, "password");
            if (user.isEmpty()) {
                throw new IllegalArgumentException("a proxy's user name cannot be empty");
            }
        }

        /** Says the user only. */
        @Override
        public String toString() {
            return "Credentials[" + user + ", redacted]";
        }
    }
}
