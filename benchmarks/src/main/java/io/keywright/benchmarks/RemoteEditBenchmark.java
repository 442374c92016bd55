package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.RemoteWork;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * Logging in, adding a line to a remote {@code authorized_keys} or removing it again, and hanging up. Keywright locks, writes
 * beside, compares, renames and reads back; the peers do what programs do that use them: read, write beside, give it the
 * mode, rename. How many connections and round trips ours needs is counted by {@code goals.Counts}. Run it with {@code
 * ./bench RemoteEdit}.
 */
@SuppressWarnings("NullAway.Init")
public class RemoteEditBenchmark extends RemoteWorkBenchmark {
    /** Whose client; see {@link RemoteWork#of}. */
    @Param({"keywright-sshd", "keywright-sshj", "mina", "mina-tuned"})
    public String peer;

    @Override
    String peer() {
        return peer;
    }

    /** Edits once. */
    @Benchmark
    public void edit() throws Exception {
        work.edit();
    }
}
