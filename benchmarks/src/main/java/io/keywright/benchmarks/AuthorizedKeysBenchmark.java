package io.keywright.benchmarks;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.authorizedkeys.Entry;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * An authorized_keys file of distinct keys: parsing it, listing it with fingerprints, replacing one key and writing it back,
 * beside MINA's reader, with and without making keys of the lines, beside {@code ssh-keygen -lf}, and beside splitting the
 * text into lines and doing nothing else. Run it with {@code ./bench AuthorizedKeys}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class AuthorizedKeysBenchmark {
    /** How many lines the file has. */
    @Param({"100", "1000", "10000", "100000"})
    public int lines;

    private byte[] file;
    private Path path;
    private SshPublicKey inTheMiddle;
    private SshPublicKey successor;

    /** Makes a file of distinct Ed25519 keys with options and comments. */
    @Setup(Level.Trial)
    public void makeFile() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            SshPublicKey key = newKey("user-" + i + "@example");
            text.append(i % 3 == 0 ? "no-pty,from=\"10.0.0.0/8\" " : "")
                    .append(key.toLine())
                    .append('\n');
            inTheMiddle = i == lines / 2 ? key : inTheMiddle;
        }
        file = text.toString().getBytes(StandardCharsets.UTF_8);
        successor = newKey("successor");
        path = Files.createTempFile("keywright-bench", ".pub");
        Files.write(path, file);
    }

    /** Removes the file. */
    @TearDown(Level.Trial)
    public void removeFile() throws IOException {
        Files.delete(path);
    }

    private static SshPublicKey newKey(String comment) {
        try (SshKeyPair pair =
                SshKeyPairGenerator.ed25519().withComment(comment).generate()) {
            return pair.publicKey();
        }
    }

    /** Parses and counts the entries. */
    @Benchmark
    public int parse() {
        return AuthorizedKeys.parse(file).entries().size();
    }

    /** Parses and computes every fingerprint. */
    @Benchmark
    public void fingerprints(Blackhole hole) {
        for (Entry entry : AuthorizedKeys.parse(file).entries()) {
            hole.consume(entry.fingerprint());
        }
    }

    /** Parses, replaces one key, and writes the file. */
    @Benchmark
    public byte[] replaceOne() {
        return AuthorizedKeys.parse(file).replace(inTheMiddle, successor).toBytes();
    }

    /** Parses with MINA and makes a key of each line, as its fingerprints need. */
    @Benchmark
    public void minaFingerprints(Blackhole hole) throws IOException, GeneralSecurityException {
        for (AuthorizedKeyEntry entry : AuthorizedKeyEntry.readAuthorizedKeys(new ByteArrayInputStream(file), true)) {
            hole.consume(KeyUtils.getFingerPrint(entry.resolvePublicKey(null, PublicKeyEntryResolver.IGNORING)));
        }
    }

    /** Lists the file with {@code ssh-keygen -lf}, a process: what starts and ends it is counted. */
    @Benchmark
    public int sshKeygenFingerprints() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("ssh-keygen", "-lf", "-")
                .redirectInput(path.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("ssh-keygen does not list the file");
        }
        return process.exitValue();
    }

    /** Parses with MINA, which keeps keys unresolved. */
    @Benchmark
    public List<AuthorizedKeyEntry> minaParse() throws IOException {
        return AuthorizedKeyEntry.readAuthorizedKeys(new ByteArrayInputStream(file), true);
    }

    /** Splits into lines and does nothing else. */
    @Benchmark
    public long splitOnly() throws IOException {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new ByteArrayInputStream(file), StandardCharsets.UTF_8))) {
            return reader.lines().count();
        }
    }
}
