package io.keywright.benchmarks;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyInspection;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import java.util.ArrayList;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Each format that Keywright writes, unencrypted: writing a key, detecting and inspecting a file, reading it, and the
 * fingerprint of a public key. Each invocation takes the next of many distinct Ed25519 keys. Run it with {@code ./bench
 * KeyFormat}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class KeyFormatBenchmark {
    private static final int KEYS = 64;

    /** The format, by the name of its writer. */
    @Param({"openssh", "pkcs8", "ppk", "jwk"})
    public String format;

    private final List<SshKeyPair> pairs = new ArrayList<>();
    private final List<byte[]> files = new ArrayList<>();
    private KeyWriter writer;
    private int next;

    /** Makes the keys, which live as long as the JVM. */
    @Setup(Level.Trial)
    public void makeFiles() {
        writer = switch (format) {
            case "openssh" -> KeyWriter.openssh();
            case "pkcs8" -> KeyWriter.pkcs8();
            case "ppk" -> KeyWriter.ppk();
            case "jwk" -> KeyWriter.jwk();
            default -> throw new IllegalArgumentException("no format is called " + format);
        };
        for (int i = 0; i < KEYS; i++) {
            SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
            pairs.add(pair);
            try (EncodedKey file = writer.write(pair)) {
                files.add(file.toByteArray());
            }
        }
    }

    private int next() {
        next = (next + 1) % KEYS;
        return next;
    }

    /** Writes the next key. */
    @Benchmark
    public int write() {
        try (EncodedKey file = writer.write(pairs.get(next()))) {
            return file.toByteArray().length;
        }
    }

    /** Detects the next file's format and says what is in it. */
    @Benchmark
    public KeyInspection inspect() {
        return KeyReader.inspect(files.get(next()));
    }

    /** Reads the next file, and checks that its halves belong together. */
    @Benchmark
    public int read() {
        try (SshKeyPair pair = KeyReader.of().read(files.get(next()))) {
            return pair.publicKey().hashCode();
        }
    }

    /** Computes the next key's fingerprint. */
    @Benchmark
    public String fingerprint() {
        return pairs.get(next()).publicKey().fingerprint().toString();
    }
}
