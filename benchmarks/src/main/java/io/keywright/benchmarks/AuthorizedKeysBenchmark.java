package io.keywright.benchmarks;

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
import java.util.ArrayList;
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
 * An authorized_keys file of {@link DistinctKeys}: parsing it, listing it with fingerprints, replacing one key and writing it back,
 * beside MINA's reader, with and without making keys of the lines, beside {@code ssh-keygen -lf}, and beside splitting the
 * text into lines and doing nothing else. Each invocation takes the next of a few files, since some readers remember RSA keys that they have seen. Run it with
 * {@code ./bench AuthorizedKeys}.
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

    /** What a reader that takes seconds for a file does not get through in one measurement. */
    private static final int SMALL_FILES = 8;

    private final List<byte[]> files = new ArrayList<>();
    private final List<SshPublicKey> inTheMiddle = new ArrayList<>();
    private Path path;
    private SshPublicKey successor;
    private int next;

    /** Makes the files. */
    @Setup(Level.Trial)
    public void makeFiles() throws IOException {
        DistinctKeys keys = new DistinctKeys();
        for (int i = 0; i < (lines > 1000 ? 1 : SMALL_FILES); i++) {
            byte[] file = keys.file(lines);
            files.add(file);
            inTheMiddle.add(AuthorizedKeys.parse(file).entries().get(lines / 2).key());
        }
        successor = keys.next().withComment("successor");
        path = Files.createTempFile("keywright-bench", ".pub");
        Files.write(path, files.get(0));
    }

    /** Removes the file. */
    @TearDown(Level.Trial)
    public void removeFile() throws IOException {
        Files.delete(path);
    }

    private byte[] nextFile() {
        next = (next + 1) % files.size();
        return files.get(next);
    }

    /** Parses and counts the entries. */
    @Benchmark
    public int parse() {
        return AuthorizedKeys.parse(nextFile()).entries().size();
    }

    /** Parses and computes every fingerprint. */
    @Benchmark
    public void fingerprints(Blackhole hole) {
        for (Entry entry : AuthorizedKeys.parse(nextFile()).entries()) {
            hole.consume(entry.fingerprint());
        }
    }

    /** Parses, replaces one key, and writes the file. */
    @Benchmark
    public byte[] replaceOne() {
        return AuthorizedKeys.parse(nextFile())
                .replace(inTheMiddle.get(next), successor)
                .toBytes();
    }

    /** Parses with MINA and makes a key of each line, as its fingerprints need. */
    @Benchmark
    public void minaFingerprints(Blackhole hole) throws IOException, GeneralSecurityException {
        for (AuthorizedKeyEntry entry :
                AuthorizedKeyEntry.readAuthorizedKeys(new ByteArrayInputStream(nextFile()), true)) {
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
        return AuthorizedKeyEntry.readAuthorizedKeys(new ByteArrayInputStream(nextFile()), true);
    }

    /** Splits into lines and does nothing else. */
    @Benchmark
    public long splitOnly() throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new ByteArrayInputStream(nextFile()), StandardCharsets.UTF_8))) {
            return reader.lines().count();
        }
    }
}
