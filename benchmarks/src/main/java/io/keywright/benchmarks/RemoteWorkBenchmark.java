package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.RemoteWork;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of a client and a server on loopback have in common: both run for as long as a trial. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public abstract class RemoteWorkBenchmark {
    RemoteWork work;

    /** Whose client; see {@link RemoteWork#of}. */
    abstract String peer();

    /** Starts client and server. */
    @Setup(Level.Trial)
    public void start() throws Exception {
        work = RemoteWork.of(peer());
    }

    /** Stops them. */
    @TearDown(Level.Trial)
    public void stop() throws Exception {
        work.close();
    }
}
