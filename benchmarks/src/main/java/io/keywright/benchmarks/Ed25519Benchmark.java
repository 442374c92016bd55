package io.keywright.benchmarks;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshSignature;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Ed25519: generating, signing 256 bytes and verifying, by us, by the JDK, and by Bouncy Castle called directly. Run it with
 * {@code ./bench Ed25519}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class Ed25519Benchmark {
    private final byte[] message = new byte[256];
    private final SshKeyPairGenerator generator = SshKeyPairGenerator.ed25519();
    private final SshKeyPair ours = generator.generate();
    private final SshSignature oursSigned = ours.sign(message);
    private KeyPairGenerator jdkGenerator;
    private KeyPair jdk;
    private byte[] jdkSigned;
    private final byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
    private final byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
    private final byte[] signed = new byte[Ed25519.SIGNATURE_SIZE];
    private final SecureRandom random = new SecureRandom();

    /** Makes the peers' keys and signatures. */
    @Setup
    public void makePeers() throws GeneralSecurityException {
        jdkGenerator = KeyPairGenerator.getInstance("Ed25519", "SunEC");
        jdk = jdkGenerator.generateKeyPair();
        jdkSigned = jdkSign();
        bouncyCastleGenerate();
        bouncyCastleSign();
    }

    /** Wipes the key. */
    @TearDown
    public void close() {
        ours.close();
    }

    /** Generates with Keywright. */
    @Benchmark
    public void generate() {
        generator.generate().close();
    }

    /** Generates with the JDK. */
    @Benchmark
    public KeyPair jdkGenerate() {
        return jdkGenerator.generateKeyPair();
    }

    /** Generates with Bouncy Castle. */
    @Benchmark
    public byte[] bouncyCastleGenerate() {
        random.nextBytes(seed);
        Ed25519.generatePublicKey(seed, 0, point, 0);
        return point;
    }

    /** Signs with Keywright. */
    @Benchmark
    public SshSignature sign() {
        return ours.sign(message);
    }

    /** Signs with the JDK. */
    @Benchmark
    public byte[] jdkSign() throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519", "SunEC");
        signature.initSign(jdk.getPrivate());
        signature.update(message);
        return signature.sign();
    }

    /** Signs with Bouncy Castle. */
    @Benchmark
    public byte[] bouncyCastleSign() {
        Ed25519.sign(seed, 0, point, 0, message, 0, message.length, signed, 0);
        return signed;
    }

    /** Verifies with Keywright. */
    @Benchmark
    public boolean verify() {
        return ours.publicKey().verify(message, oursSigned);
    }

    /** Verifies with the JDK. */
    @Benchmark
    public boolean jdkVerify() throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519", "SunEC");
        signature.initVerify(jdk.getPublic());
        signature.update(message);
        return signature.verify(jdkSigned);
    }

    /** Verifies with Bouncy Castle. */
    @Benchmark
    public boolean bouncyCastleVerify() {
        return Ed25519.verify(signed, 0, point, 0, message, 0, message.length);
    }
}
