package io.keywright.benchmarks;

import io.keywright.Passphrase;
import io.keywright.RsaPrivateKey;
import io.keywright.RsaPublicKey;
import io.keywright.SecretBytes;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.benchmarks.peers.KeyFileReading;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyWriter;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.util.BigIntegers;
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
 * Reading openssh-key-v1 files: plain Ed25519, Ed25519 encrypted as {@code ssh-keygen} does unless told otherwise, and plain
 * RSA of 3072 bits. Each invocation reads the next of many distinct keys, since libraries remember what they have seen, and
 * an RSA modulus that was seen before is not tested again. Run it with {@code ./bench KeyFile}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class KeyFileBenchmark {
    private static final String PASSPHRASE = "correct horse battery staple";
    private static final int CURVE_KEYS = 64;
    /** Encrypting one takes as long as reading it. */
    private static final int ENCRYPTED_KEYS = 8;
    /** Every two of them make a modulus: 378 of 28 primes, more than a slow reader meets in a run. */
    private static final int PRIMES = 28;

    /** What the files hold. */
    @Param({"ed25519", "ed25519-encrypted", "rsa3072"})
    public String content;

    /** Who reads. */
    @Param
    public KeyFileReading peer;

    private final List<byte[]> files = new ArrayList<>();
    private int next;

    /** Makes the files. */
    @Setup(Level.Trial)
    public void makeFiles() {
        if (content.startsWith("rsa")) {
            makeRsaFiles();
            return;
        }
        try (Passphrase passphrase = Passphrase.of(PASSPHRASE.toCharArray())) {
            KeyWriter writer = content.endsWith("encrypted")
                    ? KeyWriter.openssh().withPassphrase(passphrase)
                    : KeyWriter.openssh();
            for (int i = 0; i < (content.endsWith("encrypted") ? ENCRYPTED_KEYS : CURVE_KEYS); i++) {
                try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                        EncodedKey encoded = writer.write(pair)) {
                    files.add(encoded.toByteArray());
                }
            }
        }
    }

    private void makeRsaFiles() {
        SecureRandom random = new SecureRandom();
        List<BigInteger> primes = new ArrayList<>();
        while (primes.size() < PRIMES) {
            BigInteger prime = BigInteger.probablePrime(1536, random);
            // Large enough that the product of any two has all its bits.
            if (prime.testBit(1534)) {
                primes.add(prime);
            }
        }
        for (int i = 0; i < PRIMES; i++) {
            for (int j = 0; j < i; j++) {
                try (SshKeyPair pair = pair(primes.get(i), primes.get(j));
                        EncodedKey encoded = KeyWriter.openssh().write(pair)) {
                    files.add(encoded.toByteArray());
                }
            }
        }
    }

    private static SshKeyPair pair(BigInteger p, BigInteger q) {
        BigInteger e = BigInteger.valueOf(65537);
        BigInteger d = e.modInverse(p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE)));
        return SshKeyPair.of(
                RsaPublicKey.of(e, p.multiply(q)),
                RsaPrivateKey.takeOver(secret(d), secret(p), secret(q), secret(q.modInverse(p))));
    }

    private static SecretBytes secret(BigInteger number) {
        return SecretBytes.takeOver(BigIntegers.asUnsignedByteArray(number));
    }

    /** Reads the next file. */
    @Benchmark
    public Object read() throws Exception {
        next = (next + 1) % files.size();
        return peer.read(files.get(next), PASSPHRASE);
    }
}
