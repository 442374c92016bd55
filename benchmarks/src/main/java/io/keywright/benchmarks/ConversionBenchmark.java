package io.keywright.benchmarks;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.format.EncodedKey;
import io.keywright.format.KeyReader;
import io.keywright.format.KeyWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
 * A PPK file of PuTTY's, plain or encrypted as PuTTY does unless told otherwise, into a plain openssh-key-v1 file: by
 * Keywright from file to file, and by {@code puttygen}, a process for each file: what starts and ends it is counted. Run it
 * with {@code ./bench Conversion}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class ConversionBenchmark {
    private static final String PASSPHRASE = "correct horse battery staple";

    /** Whether the PPK file is {@code plain} or {@code encrypted}. */
    @Param({"plain", "encrypted"})
    public String ppk;

    private Path folder;
    private Path from;
    private Path to;
    private Path passphraseFile;
    private Path nothing;

    /** Makes the file. */
    @Setup(Level.Trial)
    public void makeFile() throws IOException {
        folder = Files.createTempDirectory(
                "keywright-bench", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        from = folder.resolve("from.ppk");
        to = folder.resolve("to");
        passphraseFile = Files.writeString(folder.resolve("passphrase"), PASSPHRASE);
        nothing = Files.writeString(folder.resolve("nothing"), "");
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate();
                Passphrase passphrase = Passphrase.of(PASSPHRASE.toCharArray());
                EncodedKey file = (ppk.equals("plain")
                                ? KeyWriter.ppk()
                                : KeyWriter.ppk().withPassphrase(passphrase))
                        .write(pair)) {
            Files.write(from, file.toByteArray());
        }
    }

    /** Removes the files. */
    @TearDown(Level.Trial)
    public void removeFiles() throws IOException {
        for (Path path : new Path[] {from, to, passphraseFile, nothing, folder}) {
            Files.deleteIfExists(path);
        }
    }

    /** Converts with Keywright. */
    @Benchmark
    public int keywright() throws IOException {
        try (Passphrase passphrase = Passphrase.of(PASSPHRASE.toCharArray());
                SshKeyPair pair = KeyReader.of().withPassphrase(passphrase).read(Files.readAllBytes(from));
                EncodedKey file = KeyWriter.openssh().write(pair)) {
            byte[] bytes = file.toByteArray();
            Files.write(to, bytes);
            return bytes.length;
        }
    }

    /** Converts with {@code puttygen}. */
    @Benchmark
    public int puttygen() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "puttygen",
                        from.toString(),
                        "--old-passphrase",
                        passphraseFile.toString(),
                        "--new-passphrase",
                        nothing.toString(),
                        "-O",
                        "private-openssh-new",
                        "-o",
                        to.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("puttygen does not convert the file");
        }
        return process.exitValue();
    }
}
