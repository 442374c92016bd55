package io.keywright.transport;

import java.time.Duration;

/**
 * Bounds on how long a remote call may block.
 *
 * @param connect name resolution, TCP connect and key exchange together
 * @param authentication all probes and the log-in together
 * @param request each single SFTP request or channel opening, and each command from start to exit unless the command
 *     says otherwise
 */
public record TransportTimeouts(Duration connect, Duration authentication, Duration request) {

    /** 15 seconds to connect, 30 to authenticate, 30 for each request. */
    public static final TransportTimeouts DEFAULT =
            new TransportTimeouts(Duration.ofSeconds(15), Duration.ofSeconds(30), Duration.ofSeconds(30));

    /** Checks that every bound is positive. */
    public TransportTimeouts {
        for (Duration bound : new Duration[] {connect, authentication, request}) {
            if (bound.isZero() || bound.isNegative()) {
                throw new IllegalArgumentException("a timeout must be positive, got " + bound);
            }
        }
    }
}
