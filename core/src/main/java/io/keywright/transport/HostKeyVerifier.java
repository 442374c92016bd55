package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;

/**
 * Decides whether a host key is the right one.
 *
 * <p>Implementations are thread-safe and must not block on a person. What a verifier returns is final: a transport lets
 * nothing but {@link HostKeyVerdict.Status#ACCEPTED} pass.
 */
@FunctionalInterface
public interface HostKeyVerifier {

    /**
     * Judges a key that a server proved to own.
     *
     * @param host the name or address that the connection was asked for
     * @param port the port that the connection was asked for
     * @param presented the server's key
     * @return the verdict
     */
    HostKeyVerdict verify(String host, int port, SshPublicKey presented);

    /**
     * Names the key algorithms that are known for a host, so that the key exchange asks the server for a key that can be
     * recognised.
     *
     * @param host the name or address
     * @param port the port
     * @return public key algorithm names such as {@code "ssh-ed25519"}, preferred first; empty for no preference
     */
    default List<String> knownAlgorithms(String host, int port) {
        return List.of();
    }
}
