package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.RemoteWork;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * Logging in to a server on loopback with an Ed25519 key and hanging up, one after another: what a connection costs. Each
 * library is measured as it comes and with settings like ours; {@code mina} has MINA's own server as it comes as well. Run it
 * with {@code ./bench LogIn}.
 */
@SuppressWarnings("NullAway.Init")
public class LogInBenchmark extends RemoteWorkBenchmark {
    /** Whose client; see {@link RemoteWork#of}. */
    @Param({"keywright-sshd", "keywright-sshj", "mina", "mina-tuned", "sshj", "sshj-tuned"})
    public String peer;

    @Override
    String peer() {
        return peer;
    }

    /** Connects, logs in and hangs up. */
    @Benchmark
    public void logIn() throws Exception {
        work.logIn();
    }
}
