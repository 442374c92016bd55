package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.KeyDerivation;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Deriving a key from a passphrase, which is nearly all of the time that an encrypted key file takes: each function of {@link
 * KeyDerivation}, by Keywright and by each library that has it. What {@code ssh-keygen} and {@code puttygen} take, as whole
 * processes, is in {@link KeyFileBenchmark} and {@link ConversionBenchmark}. Run it with {@code ./bench KeyDerivation}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class KeyDerivationBenchmark {
    /** Which function, and whose. */
    @Param
    public KeyDerivation peer;

    /** Derives a key. */
    @Benchmark
    public byte[] derive() throws GeneralSecurityException {
        return peer.derive();
    }
}
