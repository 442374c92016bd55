package io.keywright.authorizedkeys;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What sshd(8) makes of a key's options. Says what the line allows; the server's own configuration can only take away from
 * it. Immutable and thread-safe.
 *
 * @param pty a terminal may be had
 * @param portForwarding TCP forwarding is allowed
 * @param agentForwarding agent forwarding is allowed
 * @param x11Forwarding X11 forwarding is allowed
 * @param userRc {@code ~/.ssh/rc} is run
 * @param touchRequired a FIDO key must be touched
 * @param verifyRequired a FIDO key must verify its user
 * @param certAuthority the key signs certificates and does not log in itself
 * @param command the forced command
 * @param from the pattern list that the client must match, see {@link #admits(String, String)}
 * @param principals the principals of certificates; on a line that is no authority it shuts the key out
 * @param environment variables, the first value of each
 * @param expiryTimes all expiry times that are given; the earliest holds
 * @param permitOpen {@code host:port} that may be connected to; no restriction when empty
 * @param permitListen {@code host:port} that may be listened on, {@code *} as the host of a bare port; no restriction when
 *     empty
 * @param tunnel the tun device forced, a number or {@code any}
 */
public record EffectivePermissions(
        boolean pty,
        boolean portForwarding,
        boolean agentForwarding,
        boolean x11Forwarding,
        boolean userRc,
        boolean touchRequired,
        boolean verifyRequired,
        boolean certAuthority,
        Optional<String> command,
        Optional<String> from,
        Optional<String> principals,
        Map<String, String> environment,
        List<ExpiryTime> expiryTimes,
        List<String> permitOpen,
        List<String> permitListen,
        Optional<String> tunnel) {

    /** Copies the collections. */
    public EffectivePermissions {
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        expiryTimes = List.copyOf(expiryTimes);
        permitOpen = List.copyOf(permitOpen);
        permitListen = List.copyOf(permitListen);
    }

    /**
     * Returns the earliest expiry time.
     *
     * @param serverZone the server's own time zone, for times without a suffix
     * @return the last moment at which the key is accepted; empty when it does not expire
     */
    public Optional<Instant> expiry(ZoneId serverZone) {
        return expiryTimes.stream().map(time -> time.at(serverZone)).min(Instant::compareTo);
    }

    /**
     * Evaluates {@code from=} for a client whose name is not looked up, as with {@code UseDNS no}, sshd's default.
     *
     * @param clientAddress the client's address, IPv4 or IPv6
     * @return true when the line lets this client in
     */
    public boolean admits(String clientAddress) {
        return admits(clientAddress, clientAddress);
    }

    /**
     * Evaluates {@code from=} the way sshd does: addresses, CIDR blocks and wildcards against the address, wildcards
     * against the name; one negated match on either refuses; an empty element or a block with host bits set refuses
     * everybody.
     *
     * @param clientAddress the client's address, IPv4 or IPv6; an IPv4-mapped one counts as IPv4
     * @param clientHost the client's name as the server resolved it; the address again where it does not
     * @return true when the line lets this client in
     */
    public boolean admits(String clientAddress, String clientHost) {
        return from.isEmpty() || HostPatterns.match(from.get(), clientAddress, clientHost);
    }

    /** Says what is allowed, without values, which may be secrets. */
    @Override
    public String toString() {
        return "EffectivePermissions[pty=" + pty + ", portForwarding=" + portForwarding + ", agentForwarding="
                + agentForwarding + ", x11Forwarding=" + x11Forwarding + ", userRc=" + userRc + ", certAuthority="
                + certAuthority + ", command=" + command.isPresent() + ", from=" + from.isPresent() + ", expires="
                + !expiryTimes.isEmpty() + "]";
    }
}
