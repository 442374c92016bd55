package io.keywright.benchmarks;

import io.keywright.benchmarks.fleet.ServerFleet;
import io.keywright.rotation.RotationEngine;
import io.keywright.rotation.RotationReport;
import java.io.IOException;
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
 * A rotation, without its plan, of a fleet of SSH servers on loopback, all of them and the engine in one process; and what
 * the same number of bare log-ins costs, which is what no rotation can do without. The store and the journal are on disk, and
 * so are the servers' files. {@link RotationProfile} shows what is between the two. Run it with {@code ./bench EmbeddedFleet}, one size with {@code ./bench EmbeddedFleet -p devices=100}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class EmbeddedFleetBenchmark {
    /** How many servers the fleet has. */
    @Param({"10", "100", "1000"})
    public int devices;

    private ServerFleet fleet;

    /** Starts the servers. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        fleet = ServerFleet.start(devices);
    }

    /** A plan, which a rotation uses up. */
    @State(Scope.Benchmark)
    public static class Planned {
        /** Makes the fleet accept the first key again, and plans. */
        @Setup(Level.Iteration)
        public void reset(EmbeddedFleetBenchmark benchmark) throws IOException {
            benchmark.fleet.reset();
        }
    }

    /** Stops the servers. */
    @TearDown(Level.Trial)
    public void stop() throws IOException {
        fleet.close();
    }

    /** Rotates once, until every device has proved that the old key is dead. */
    @Benchmark
    public RotationReport rotate(Planned planned) {
        long before = fleet.connections();
        RotationReport report = fleet.rotate();
        long used = fleet.connections() - before;
        if (used != (long) connectionsADevice() * devices) {
            throw new IllegalStateException(used + " connections to " + devices + " devices");
        }
        return report;
    }

    /** Opens and closes as many connections, as many at once. */
    @Benchmark
    public void logIns() {
        fleet.logIn(connectionsADevice());
    }

    /**
     * What a rotation needs for each device: one to add the new key, one to prove it, over which a small fleet then loses the
     * old one and a large fleet has another, and one to prove that.
     */
    private int connectionsADevice() {
        return devices <= RotationEngine.DEFAULT_KEPT_CONNECTIONS ? 3 : 4;
    }
}
