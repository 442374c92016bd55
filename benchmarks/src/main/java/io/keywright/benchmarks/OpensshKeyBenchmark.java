package io.keywright.benchmarks;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
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
 * Reading an openssh-key-v1 file, plain and encrypted with the defaults of {@code ssh-keygen}, by us and by MINA. Each
 * invocation reads the next of 64 distinct keys, since libraries remember what they have seen. Run it with {@code ./bench
 * OpensshKey}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class OpensshKeyBenchmark {
    private static final int KEYS = 64;
    private static final String PASSPHRASE = "correct horse battery staple";

    /** Whether the files are encrypted. */
    @Param({"false", "true"})
    public boolean encrypted;

    private final byte[][] files = new byte[KEYS][];
    private Passphrase passphrase;
    private int next;

    /** Makes the files. */
    @Setup(Level.Trial)
    public void makeFiles() {
        passphrase = Passphrase.of(PASSPHRASE.toCharArray());
        KeyWriter writer = encrypted ? KeyWriter.openssh().withPassphrase(passphrase) : KeyWriter.openssh();
        for (int i = 0; i < KEYS; i++) {
            try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                    EncodedKey encoded = writer.write(pair)) {
                files[i] = encoded.toByteArray();
            }
        }
    }

    /** Wipes the passphrase. */
    @TearDown
    public void close() {
        passphrase.close();
    }

    /** Reads with Keywright, which checks that the private half belongs to the public one. */
    @Benchmark
    public void read() {
        KeyReader.of().withPassphrase(passphrase).read(nextFile()).close();
    }

    /** Reads with MINA. */
    @Benchmark
    public Iterable<KeyPair> minaRead() throws IOException, GeneralSecurityException {
        return SecurityUtils.loadKeyPairIdentities(
                null,
                NamedResource.ofName("key"),
                new ByteArrayInputStream(nextFile()),
                FilePasswordProvider.of(PASSPHRASE));
    }

    private byte[] nextFile() {
        next = (next + 1) % KEYS;
        return files[next];
    }
}
