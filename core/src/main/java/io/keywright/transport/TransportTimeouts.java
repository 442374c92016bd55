package io.keywright.transport;

import java.time.Duration;

/**
 * Bounds on how long a remote call may block, and on how long a connection may be silent.
 *
 * @param connect name resolution, proxies and jump hosts (their log-ins included), TCP connect and key exchange together
 * @param authentication all probes and the log-in together
 * @param request each single SFTP request or channel opening, and each command from start to exit unless the command
 *     says otherwise
 * @param idle how long an open connection may go without a byte in either direction before it is closed; zero for ever
 * @param keepAlive how long an open connection may be silent before the server is asked for a sign of life ({@code
 *     keepalive@openssh.com}); after {@link #MAX_KEEP_ALIVES_UNANSWERED} of them without an answer it counts as lost.
 *     Zero never asks. An answer is a byte: a connection that is kept alive does not become idle
 */
public record TransportTimeouts(
        Duration connect, Duration authentication, Duration request, Duration idle, Duration keepAlive) {

    /** As many as OpenSSH's {@code ServerAliveCountMax} allows by default. */
    public static final int MAX_KEEP_ALIVES_UNANSWERED = 3;

    /** 15 seconds to connect, 30 to authenticate, 30 for each request; idle connections stay, and nobody asks them. */
    public static final TransportTimeouts DEFAULT =
            of(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(30));

    /** Checks that the bounds of calls are positive, and that the others are not negative. */
    public TransportTimeouts {
        for (Duration bound : new Duration[] {connect, authentication, request}) {
            if (bound.isZero() || bound.isNegative()) {
                throw new IllegalArgumentException("a timeout must be positive, got " + bound);
            }
        }
        for (Duration silence : new Duration[] {idle, keepAlive}) {
            if (silence.isNegative()) {
                throw new IllegalArgumentException("a time of silence cannot be negative, got " + silence);
            }
        }
    }

    /**
     * Bounds calls; idle connections stay, and nobody asks them.
     *
     * @param connect name resolution, proxies and jump hosts (their log-ins included), TCP connect and key exchange
     *     together
     * @param authentication all probes and the log-in together
     * @param request each single request, and each command
     * @return the bounds
     */
    public static TransportTimeouts of(Duration connect, Duration authentication, Duration request) {
        return new TransportTimeouts(connect, authentication, request, Duration.ZERO, Duration.ZERO);
    }

    /**
     * Returns these bounds with another end of idle connections.
     *
     * @param silence how long, or zero for ever
     * @return a copy
     */
    public TransportTimeouts withIdle(Duration silence) {
        return new TransportTimeouts(connect, authentication, request, silence, keepAlive);
    }

    /**
     * Returns these bounds with another interval of signs of life.
     *
     * @param silence how long, or zero for never
     * @return a copy
     */
    public TransportTimeouts withKeepAlive(Duration silence) {
        return new TransportTimeouts(connect, authentication, request, idle, silence);
    }
}
