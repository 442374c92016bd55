package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the first key of a host and writes it down; after that it is strict.
 *
 * <p>The file is appended to, as OpenSSH does, and never rewritten: a line that another program adds in the meantime
 * cannot be lost. One write makes one line, under a lock, flushed to the disk before the key counts as accepted.
 */
final class AcceptNewHostKeys implements HostKeyVerifier {
    private static final Logger LOG = LoggerFactory.getLogger(HostKeyVerifier.class);

    // File locks belong to the JVM, so its threads take turns by this one. New hosts are rare.
    private static final Object TURN = new Object();
    // Others hold the lock for the time of one write.
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LOCK_RETRY = Duration.ofMillis(10);

    private final Path file;

    AcceptNewHostKeys(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public HostKeyVerdict verify(String host, int port, SshPublicKey presented) {
        try {
            HostKeyVerdict verdict = readOrEmpty().judge(host, port, presented);
            return verdict.status() == HostKeyVerdict.Status.UNKNOWN ? learn(host, port, presented) : verdict;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep known hosts in " + file, e);
        }
    }

    @Override
    public List<String> knownAlgorithms(String host, int port) {
        try {
            return readOrEmpty().algorithms(host, port);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read known hosts from " + file, e);
        }
    }

    private KnownHosts readOrEmpty() throws IOException {
        try {
            return KnownHosts.read(file);
        } catch (NoSuchFileException e) {
            return KnownHosts.empty();
        }
    }

    private HostKeyVerdict learn(String host, int port, SshPublicKey presented) throws IOException {
        byte[] line = KnownHosts.line(host, port, presented);
        synchronized (TURN) {
            createIfMissing();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
                lock(channel); // closing the channel lets it go
                // Somebody may have been faster, with another key.
                byte[] content = Files.readAllBytes(file);
                HostKeyVerdict verdict = KnownHosts.parse(content).judge(host, port, presented);
                if (verdict.status() != HostKeyVerdict.Status.UNKNOWN) {
                    return verdict;
                }
                append(channel, content, line);
                LOG.info("{}:{} is new; its host key {} is on record now", host, port, presented.fingerprint());
                return new HostKeyVerdict(HostKeyVerdict.Status.ACCEPTED, List.of(presented));
            }
        }
    }

    private static void append(FileChannel channel, byte[] content, byte[] line) throws IOException {
        boolean unended = content.length > 0 && content[content.length - 1] != '\n';
        ByteBuffer bytes = ByteBuffer.allocate(line.length + 1);
        if (unended) {
            bytes.put((byte) '\n');
        }
        bytes.put(line).flip();
        // A write that stops half-way leaves a bad line, which is ignored and which the next one does not touch.
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(true);
    }

    private static void lock(FileChannel channel) throws IOException {
        long end = System.nanoTime() + LOCK_TIMEOUT.toNanos();
        while (channel.tryLock() == null) {
            if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                throw new IOException("another process keeps it locked, for longer than " + LOCK_TIMEOUT);
            }
            LockSupport.parkNanos(LOCK_RETRY.toNanos());
        }
    }

    /** Makes the file 0600 and its directory 0700 from birth, and the name durable. */
    private void createIfMissing() throws IOException {
        Path directory = file.getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            Files.createDirectories(directory, mode("rwx------"));
        }
        try {
            Files.createFile(file, mode("rw-------"));
        } catch (FileAlreadyExistsException e) {
            return; // whoever made it chose its mode
        }
        if (directory != null && isPosix()) {
            try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }

    private FileAttribute<?>[] mode(String permissions) {
        return isPosix()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private boolean isPosix() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Says the file. */
    @Override
    public String toString() {
        return "HostKeyVerifier.acceptNew[" + file + "]";
    }
}
