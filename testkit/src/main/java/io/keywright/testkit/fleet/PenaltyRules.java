package io.keywright.testkit.fleet;

import java.time.Duration;

/**
 * How long sshd keeps away an address that misbehaved: {@code PerSourcePenalties} of sshd_config(5), OpenSSH 9.8 and later.
 *
 * @param authenticationFailure added when a connection ends that tried to log in, or probed, and did not get in
 * @param noAuthentication added when a connection ends that never tried
 * @param least penalties up to this sum are only remembered
 * @param most no sum grows beyond this
 */
public record PenaltyRules(Duration authenticationFailure, Duration noAuthentication, Duration least, Duration most) {

    /** OpenSSH's defaults: 5 s, 1 s, enforced above 15 s, at most 10 minutes. */
    public static final PenaltyRules DEFAULT = new PenaltyRules(
            Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofMinutes(10));
}
