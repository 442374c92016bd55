package io.keywright.benchmarks;

import io.keywright.benchmarks.peers.KeyCrypto;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Generating RSA keys, whose time varies from key to key by a factor of ten: the average of many is what counts, so that each
 * key is an iteration, and there are as many of one contender as of the other. Run it with
 * {@code ./bench RsaGeneration}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 100)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class RsaGenerationBenchmark {
    /** Of how many bits the modulus is. */
    @Param({"rsa2048", "rsa3072", "rsa4096"})
    public String algorithm;

    /** Whose library; see {@link KeyCrypto#of}. */
    @Param({"keywright", "keywright-native", "jdk", "bc", "accp", "conscrypt"})
    public String peer;

    private KeyCrypto crypto;

    /** Gets the library ready. */
    @Setup
    public void makePeer() {
        crypto = KeyCrypto.of(peer, algorithm);
    }

    /** Generates a key pair. */
    @Benchmark
    public Object generate() throws Exception {
        return crypto.generate();
    }
}
