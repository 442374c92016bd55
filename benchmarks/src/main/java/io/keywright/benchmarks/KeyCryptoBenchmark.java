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
 * Keys on curves: generating one, signing 256 bytes and verifying, by Keywright with and without a native provider, and by
 * each peer. Libraries are called as their users call them; {@code bc-direct}, {@code accp} and {@code conscrypt} are what
 * Keywright itself stands on, called without it; {@code i2p} knows Ed25519 only. Run it with {@code ./bench KeyCrypto}, one algorithm with
 * {@code ./bench KeyCrypto -p algorithm=ed25519}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class KeyCryptoBenchmark {
    /** Of what kind the keys are. */
    @Param({"ed25519", "p256", "p384", "p521"})
    public String algorithm;

    /** Whose library; see {@link KeyCrypto#of}. */
    @Param({
        "keywright",
        "keywright-native",
        "keywright-conscrypt",
        "jdk",
        "bc-direct",
        "bc",
        "i2p",
        "accp",
        "conscrypt",
        "mina",
        "jsch",
        "maverick"
    })
    public String peer;

    private final byte[] message = new byte[256];
    private KeyCrypto generating;
    private KeyCrypto signing;
    private byte[] signature;

    /** Makes the keys. */
    @Setup
    public void makeKeys() throws Exception {
        generating = KeyCrypto.of(peer, algorithm);
        signing = KeyCrypto.of(peer, algorithm);
        signature = signing.sign(message);
    }

    /** Generates a key pair. */
    @Benchmark
    public Object generate() throws Exception {
        return generating.generate();
    }

    /** Signs 256 bytes. */
    @Benchmark
    public byte[] sign() throws Exception {
        return signing.sign(message);
    }

    /** Verifies a signature of 256 bytes. */
    @Benchmark
    public boolean verify() throws Exception {
        return signing.verify(message, signature);
    }
}
