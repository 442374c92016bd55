package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

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

    /**
     * Accepts keys that are on record, and nothing else. The file's state is the one that was read.
     *
     * @param knownHosts the record
     * @return a verifier that changes nothing
     */
    static HostKeyVerifier strict(KnownHosts knownHosts) {
        Objects.requireNonNull(knownHosts, "knownHosts");
        return new HostKeyVerifier() {
            @Override
            public HostKeyVerdict verify(String host, int port, SshPublicKey presented) {
                return knownHosts.judge(host, port, presented);
            }

            @Override
            public List<String> knownAlgorithms(String host, int port) {
                return knownHosts.algorithms(host, port);
            }
        };
    }

    /**
     * Accepts the first key of a host and appends it to a file; whoever shows another key from then on is stopped.
     *
     * <p>The file is read anew at each connection. It is made with mode 0600 when it is missing, is only ever appended to,
     * under a lock, and the new line is on the disk before the key is accepted. A file that cannot be read or written is
     * an {@link java.io.UncheckedIOException}: the connection does not come about.
     *
     * @param knownHostsFile the {@code known_hosts} file
     * @return a verifier that learns
     */
    static HostKeyVerifier acceptNew(Path knownHostsFile) {
        return new AcceptNewHostKeys(knownHostsFile);
    }

    /**
     * Accepts some keys from whatever host, and nothing else.
     *
     * @param keys the keys, at least one
     * @return a verifier that changes nothing
     * @throws IllegalArgumentException when no key is given
     */
    static HostKeyVerifier pinned(Collection<? extends SshPublicKey> keys) {
        List<SshPublicKey> pinned = List.copyOf(keys);
        if (pinned.isEmpty()) {
            throw new IllegalArgumentException("no key is pinned, so no host could ever be accepted");
        }
        return new HostKeyVerifier() {
            @Override
            public HostKeyVerdict verify(String host, int port, SshPublicKey presented) {
                return new HostKeyVerdict(
                        pinned.contains(presented) ? HostKeyVerdict.Status.ACCEPTED : HostKeyVerdict.Status.CHANGED,
                        pinned);
            }

            @Override
            public List<String> knownAlgorithms(String host, int port) {
                return pinned.stream().map(SshPublicKey::algorithm).distinct().toList();
            }
        };
    }
}
