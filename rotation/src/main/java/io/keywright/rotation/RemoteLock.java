package io.keywright.rotation;

import io.keywright.LimitExceededException;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A lock beside a remote file: a file that is created exclusively. Its age is judged by the server's own clock, by
 * comparing its time with that of a file created just now.
 *
 * <p>A lock older than its lease belongs to a writer that died. It is broken by renaming it to a name of our own, which
 * only one breaker can do, and looking at what was renamed: when that is not the lock that was judged stale, it is put
 * back. A writer that was only slow notices, since it asks {@link #requireHeld()} just before its rename. A lock that an
 * earlier life of the same owner left behind is broken at once: the owner's lease says that the earlier life is over.
 */
final class RemoteLock implements AutoCloseable {
    /** Longer than a healthy edit by far: about ten requests, each a round trip. */
    static final Duration LEASE = Duration.ofMinutes(2);

    private static final Duration FIRST_WAIT = Duration.ofMillis(20);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    private static final int MAX_LOCK_BYTES = 4096;

    private final SftpSession sftp;
    private final String path;
    private final byte[] content;
    private final boolean brokeAnother;
    private boolean released;

    private RemoteLock(SftpSession sftp, String path, byte[] content, boolean brokeAnother) {
        this.sftp = sftp;
        this.path = path;
        this.content = content;
        this.brokeAnother = brokeAnother;
    }

    /**
     * Who takes a lock.
     *
     * @param name stays the same when the owner is restarted
     * @param life greater in each of the owner's lives
     * @param tidies whether an earlier life may have left something behind, so that it is looked for
     */
    record Owner(String name, long life, boolean tidies) {
        /** Whether a lock was left by an earlier life of this owner. */
        boolean leftByEarlierLife(byte[] lock) {
            String[] words = new String(lock, StandardCharsets.UTF_8).split(" ", -1);
            try {
                return words.length == 4 && words[1].equals(name) && Long.parseLong(words[2]) < life;
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }

    static RemoteLock take(SftpSession sftp, String file, Owner owner, SecureRandom random, Pause pause) {
        String path = file + ".keywright-lock";
        byte[] content = ("keywright-1 " + owner.name() + " " + owner.life() + " " + nonce(random) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        Duration waited = Duration.ZERO;
        Duration wait = FIRST_WAIT;
        boolean broke = false;
        // One lease and a little more: by then whatever was there is released or stale.
        while (waited.compareTo(LEASE.plusSeconds(10)) < 0) {
            if (tryCreate(sftp, path, content)) {
                return new RemoteLock(sftp, path, content, broke);
            }
            if (breakIfDead(sftp, path, owner, random)) {
                broke = true;
            } else {
                Threads.pause(pause, wait);
                waited = waited.plus(wait);
                Duration doubled = wait.multipliedBy(2);
                wait = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
            }
        }
        throw new RemoteFileException(
                RemoteFileException.Reason.LOCKED,
                path,
                "other editors hold the lock again and again; try later, or remove it when none is at work",
                null);
    }

    /** Whether the lock was somebody's who may have died with it. */
    boolean brokeAnother() {
        return brokeAnother;
    }

    /** Checks that the lock is still this one, just before something is done that it protects. */
    void requireHeld() {
        if (!holds(path, content)) {
            released = true;
            throw new RemoteFileException(
                    RemoteFileException.Reason.LOCKED,
                    path,
                    "the lock was broken by another editor; nothing was written",
                    null);
        }
    }

    /** Releases the lock, unless it is somebody else's by now. */
    @Override
    public void close() {
        if (!released) {
            released = true;
            if (holds(path, content)) {
                sftp.remove(path);
            }
        }
    }

    private boolean holds(String where, byte[] expected) {
        return read(sftp, where).map(found -> Arrays.equals(found, expected)).orElse(false);
    }

    private static boolean tryCreate(SftpSession sftp, String path, byte[] content) {
        try {
            sftp.createExclusive(path, 0600, content);
            return true;
        } catch (SftpException e) {
            // Version 3 has no status for "exists": look whether that is the reason.
            if (sftp.lstat(path).isPresent()) {
                return false;
            }
            throw switch (e.status()) {
                case PERMISSION_DENIED, FAILURE, NO_SPACE, NO_SUCH_FILE, UNSUPPORTED, OTHER, FILE_ALREADY_EXISTS ->
                    new RemoteFileException(
                            RemoteFileException.Reason.NOT_WRITABLE,
                            path,
                            "no file can be created here (" + e.status()
                                    + "): check permissions, free space and mount options",
                            e);
            };
        }
    }

    /** Returns whether the lock was, or may have been, removed, so that taking it is worth another try at once. */
    private static boolean breakIfDead(SftpSession sftp, String path, Owner owner, SecureRandom random) {
        Optional<RemoteAttributes> attributes = sftp.lstat(path);
        Optional<byte[]> found = read(sftp, path);
        if (attributes.isEmpty() || found.isEmpty()) {
            return true;
        }
        boolean dead = owner.leftByEarlierLife(found.get()) || isStale(sftp, path, attributes.get(), random);
        return dead && breakLock(sftp, path, found.get(), random);
    }

    private static boolean isStale(SftpSession sftp, String path, RemoteAttributes lock, SecureRandom random) {
        Optional<Instant> born = lock.modified();
        if (born.isEmpty()) {
            return false;
        }
        String clock = path + "-clock-" + nonce(random);
        sftp.createExclusive(clock, 0600, new byte[0]);
        try {
            Optional<Instant> now = sftp.lstat(clock).flatMap(RemoteAttributes::modified);
            return now.isPresent() && Duration.between(born.get(), now.get()).compareTo(LEASE) > 0;
        } finally {
            sftp.remove(clock);
        }
    }

    private static boolean breakLock(SftpSession sftp, String path, byte[] judged, SecureRandom random) {
        String grave = path + "-broken-" + nonce(random);
        try {
            sftp.rename(path, grave);
        } catch (SftpException e) {
            // Another breaker was faster, or the owner released it: both leave us where we want to be.
            return sftp.lstat(path).isEmpty();
        }
        boolean broken = read(sftp, grave)
                .map(found -> MessageDigest.isEqual(found, judged))
                .orElse(false);
        if (broken) {
            sftp.remove(grave);
            return true;
        }
        // Somebody took the lock between our look and our rename: give it back. Where a third has taken it since, the
        // one we
        // renamed finds out by requireHeld and starts again.
        try {
            sftp.rename(grave, path);
        } catch (SftpException e) {
            sftp.remove(grave);
        }
        return false;
    }

    private static Optional<byte[]> read(SftpSession sftp, String path) {
        try {
            return Optional.of(sftp.read(path, MAX_LOCK_BYTES));
        } catch (SftpException e) {
            if (e.status() == SftpException.Status.NO_SUCH_FILE) {
                return Optional.empty();
            }
            throw e;
        } catch (LimitExceededException e) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.LOCKED,
                    path,
                    "this is no lock of ours; remove it when it is not needed",
                    e);
        }
    }

    static String nonce(SecureRandom random) {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
