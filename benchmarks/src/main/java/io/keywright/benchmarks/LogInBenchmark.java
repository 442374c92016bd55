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
 * Logging in to a server on loopback with an Ed25519 key and hanging up, one after another: what a connection costs. Each
 * library is measured as it comes and with settings like ours; {@code mina} has MINA's own server as it comes as well. Run it
 * with {@code ./bench LogIn}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class LogInBenchmark {
    /** Whose client; see {@link RemoteWork#of}. */
    @Param({"keywright-sshd", "keywright-sshj", "mina", "mina-tuned", "sshj", "sshj-tuned"})
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

    /** Connects, logs in and hangs up. */
    @Benchmark
    public void logIn() throws Exception {
        work.logIn();
    }
}
