package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.RemoteWork;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Logging in, adding a line to a remote {@code authorized_keys} or removing it again, and hanging up. Keywright locks, writes
 * beside, compares, renames and reads back; the peers do what programs do that use them: read, write beside, give it the
 * mode, rename. How many connections and round trips ours needs is counted by {@code goals.Counts}. Run it with {@code
 * ./bench RemoteEdit}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class RemoteEditBenchmark {
    /** Whose client; see {@link RemoteWork#of}. */
    @Param({"keywright-sshd", "keywright-sshj", "mina", "mina-tuned"})
    public String peer;

    private RemoteWork work;

    /** Starts client and server. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        work = RemoteWork.of(peer);
    }

    /** Stops them. */
    @TearDown(Level.Trial)
    public void stop() throws Exception {
        work.close();
    }

    /** Edits once. */
    @Benchmark
    public void edit() throws Exception {
        work.edit();
    }
}
