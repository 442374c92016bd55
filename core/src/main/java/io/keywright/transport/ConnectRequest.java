package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;
import java.util.Objects;

/**
 * What to connect to, how to log in, and which public keys to ask about on the way.
 *
 * @param target the account and its server
 * @param logIn how to log in
 * @param probes keys to ask about, in order, before the log-in; often empty
 */
public record ConnectRequest(SshTarget target, LogIn logIn, List<SshPublicKey> probes) {

    /** Copies the list. */
    public ConnectRequest {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(logIn, "logIn");
        probes = List.copyOf(probes);
    }

    /**
     * Makes a request without probes.
     *
     * @param target the account and its server
     * @param logIn how to log in
     * @return the request
     */
    public static ConnectRequest of(SshTarget target, LogIn logIn) {
        return new ConnectRequest(target, logIn, List.of());
    }

    /**
     * Returns this request with keys to ask about before the log-in.
     *
     * @param keys the public keys, in order
     * @return a copy
     */
    public ConnectRequest withProbes(List<SshPublicKey> keys) {
        return new ConnectRequest(target, logIn, keys);
    }
}
