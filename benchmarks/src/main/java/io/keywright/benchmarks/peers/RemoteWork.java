package io.keywright.benchmarks.peers;

import java.io.IOException;

/** One library's way to a server on loopback, with one account that a key of its own logs in to. Not thread-safe. */
public abstract class RemoteWork implements AutoCloseable {
    /**
     * Starts a client, and a server for it.
     *
     * @param peer {@code keywright-sshd}, {@code keywright-sshj}; {@code mina}, client and server with MINA's own settings;
     *     {@code sshj} with sshj's; {@code mina-tuned}, {@code sshj-tuned} with settings like ours. All but {@code mina} talk
     *     to the same server
     * @return the client, ready
     * @throws Exception when the server cannot be started
     * @throws IllegalArgumentException when there is no such client
     */
    public static RemoteWork of(String peer) throws Exception {
        return switch (peer) {
            case "keywright-sshd", "keywright-sshj" -> new KeywrightRemoteWork(peer);
            case "mina" -> MinaRemoteWork.asItComes();
            case "mina-tuned" -> MinaRemoteWork.tuned();
            case "sshj", "sshj-tuned" -> new SshjRemoteWork(peer.endsWith("tuned"));
            default -> throw new IllegalArgumentException("no client is called " + peer);
        };
    }

    /**
     * Connects, logs in and hangs up.
     *
     * @throws Exception as the library does
     */
    public abstract void logIn() throws Exception;

    /**
     * Connects, logs in, adds a line to the account's {@code authorized_keys} or removes it when it is there, and hangs up.
     *
     * @throws Exception as the library does
     */
    public abstract void edit() throws Exception;

    /** Stops client and server. */
    @Override
    public abstract void close() throws IOException;
}
