package io.keywright.rotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A lock between processes, and between users of one process, on a file that is made for it and never removed. The operating
 * system gives it back when the process dies. Thread-safe.
 */
final class LockFile implements AutoCloseable {
    /**
     * What this JVM holds, by inode; guards itself. It has to be one table for the JVM: POSIX gives locks to processes, and
     * closing any channel of a file drops every lock that the process has on it. So nobody may open a lock file to try
     * while somebody else in here holds it.
     */
    private static final Map<Object, Held> HELD = new HashMap<>();

    /** Channels that could not be locked because of another class loader's copy of this class, and must not be closed. */
    private static final Map<Object, FileChannel> FOREIGN = new HashMap<>();

    private static final class Held {
        private final FileChannel channel;
        private final FileLock lock;
        private int holders = 1;

        Held(FileChannel channel, FileLock lock) {
            this.channel = channel;
            this.lock = lock;
        }
    }

    private final Object key;
    private final Path file;
    private boolean open = true;

    private LockFile(Object key, Path file) {
        this.key = key;
        this.file = file;
    }

    /** Takes a lock that others may share; empty when somebody has it for himself. */
    static Optional<LockFile> tryShared(DurableFiles files, Path file) throws IOException {
        return tryLock(files, file, true);
    }

    /** Takes a lock for the caller alone; empty when somebody else has it in any way. */
    static Optional<LockFile> tryExclusive(DurableFiles files, Path file) throws IOException {
        return tryLock(files, file, false);
    }

    private static Optional<LockFile> tryLock(DurableFiles files, Path file, boolean shared) throws IOException {
        synchronized (HELD) {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    files.createFile(file).close();
                } catch (FileAlreadyExistsException e) {
                    // another process was faster; checked like any other below
                    Objects.requireNonNull(e);
                }
            }
            files.requirePrivate(file, false);
            Object key = Objects.requireNonNull(
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                            .fileKey(),
                    "POSIX file systems have inodes");
            Held held = HELD.get(key);
            if (held != null) {
                if (!shared || !held.lock.isShared()) {
                    return Optional.empty();
                }
                held.holders++;
                return Optional.of(new LockFile(key, file));
            }
            Held fresh = lock(file, key, shared);
            if (fresh == null) {
                return Optional.empty();
            }
            HELD.put(key, fresh);
            return Optional.of(new LockFile(key, file));
        }
    }

    private static @Nullable Held lock(Path file, Object key, boolean shared) throws IOException {
        FileChannel foreign = FOREIGN.remove(key);
        FileChannel channel = foreign != null
                ? foreign
                : FileChannel.open(
                        file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, shared);
            if (lock != null) {
                return new Held(channel, lock);
            }
            channel.close();
            return null;
        } catch (OverlappingFileLockException e) {
            FOREIGN.put(key, channel);
            return null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Gives the lock back. Closing again does nothing. */
    @Override
    public void close() {
        synchronized (HELD) {
            Held held = HELD.get(key);
            if (!open || held == null) {
                return;
            }
            open = false;
            if (--held.holders == 0) {
                HELD.remove(key);
                try {
                    held.channel.close(); // releases the lock
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot release the lock " + file, e);
                }
            }
        }
    }
}
