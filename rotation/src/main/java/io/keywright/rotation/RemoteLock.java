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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock beside a remote file, taken over SFTP: a file that is created exclusively. The lock that a shell takes is a directory
 * of the same name with a file {@code owner} in it; neither can be made where the other is, and both are understood here.
 * A lock's age is judged by the server's own clock, by comparing its time with that of a file created just now.
 *
 * <p>A lock older than its lease belongs to a writer that died. It is broken by renaming it to a name of our own, which
 * only one breaker can do, and looking at what was renamed: when that is not the lock that was judged stale, it is put
 * back. A writer that was only slow notices, since it asks {@link #sendRequireHeld()} just before its rename. A lock that an
 * earlier life of the same owner left behind is broken at once: the owner's lease says that the earlier life is over.
 */
final class RemoteLock implements AutoCloseable {
    /** Longer than a healthy edit by far: about ten requests, each a round trip. */
    static final Duration LEASE = Duration.ofMinutes(2);

    private static final Duration FIRST_WAIT = Duration.ofMillis(20);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);
    // A lock that is there at the first question and gone at the second, so often, is no lock.
    private static final int MAX_VANISHED = 20;
    private static final int MAX_LOCK_BYTES = 4096;
    private static final String OWNER = "/owner";

    private final SftpSession sftp;
    private final String path;
    private final byte[] content;
    private @Nullable Runnable written;
    private final boolean atOnce;
    private final boolean brokeAnother;
    private @Nullable Supplier<Boolean> askedForRelease;
    private boolean released;

    private RemoteLock(
            SftpSession sftp, String path, byte[] content, Runnable written, boolean atOnce, boolean brokeAnother) {
        this.sftp = sftp;
        this.path = path;
        this.content = content;
        this.written = written;
        this.atOnce = atOnce;
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
                return words.length >= 4 && words[1].equals(name) && Long.parseLong(words[2]) < life;
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
        int vanished = 0;
        int gone = 0;
        boolean atOnce = true;
        while (waited.compareTo(LEASE.plusSeconds(10)) < 0) {
            SftpException failure;
            try {
                return new RemoteLock(sftp, path, content, sftp.beginExclusive(path, 0600, content), atOnce, broke);
            } catch (SftpException e) {
                failure = e;
                atOnce = false;
            }
            // Version 3 has no status for "exists": look whether that is the reason, and try again when it may be.
            if (sftp.lstat(path).isEmpty()) {
                boolean mayHaveBeen = failure.status() == SftpException.Status.FAILURE
                        || failure.status() == SftpException.Status.FILE_ALREADY_EXISTS;
                if (!mayHaveBeen || ++vanished > MAX_VANISHED) {
                    throw cannotLock(path, failure);
                }
                continue;
            }
            Fate fate = breakIfDead(sftp, path, owner, random);
            broke |= fate == Fate.BROKEN;
            // What is gone whenever it is looked at is waited for like what is held, or there would be no end to it.
            if (fate == Fate.HELD || ++gone > MAX_VANISHED) {
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

    /** Whether it was free: what was seen just before may then be what is there still. */
    boolean takenAtOnce() {
        return atOnce;
    }

    /** When the lock was taken, by the server's clock; empty where it does not tell. */
    Optional<Instant> taken() {
        return sftp.lstat(path).flatMap(RemoteAttributes::modified);
    }

    /**
     * Sends the question whether the lock is still this one, just before something is done that it protects.
     *
     * @return waits for the answer, and throws when it is not
     */
    Runnable sendRequireHeld() {
        awaitWritten();
        askedForRelease = null;
        Supplier<Boolean> holds = sendHolds();
        return () -> {
            if (!holds.get()) {
                released = true;
                throw new RemoteFileException(
                        RemoteFileException.Reason.LOCKED,
                        path,
                        "the lock was broken by another editor; nothing was written",
                        null);
            }
        };
    }

    private void awaitWritten() {
        Runnable unwaited = written;
        if (unwaited != null) {
            written = null;
            try {
                unwaited.run();
            } catch (SftpException e) {
                released = true; // what was half written is removed again
                throw cannotLock(path, e);
            }
        }
    }

    /** Sends the question on which the release depends, together with what it waits for. */
    void prepareRelease() {
        askedForRelease = sendHolds();
    }

    /** Releases the lock, unless it is somebody else's by now. */
    @Override
    public void close() {
        if (!released) {
            awaitWritten();
            released = true;
            if ((askedForRelease == null ? sendHolds() : askedForRelease).get()) {
                sftp.remove(path);
            }
        }
    }

    private Supplier<Boolean> sendHolds() {
        Supplier<Optional<SftpSession.Look>> look = sftp.sendLook(path, MAX_LOCK_BYTES);
        return () -> {
            try {
                return look.get()
                        .flatMap(SftpSession.Look::content)
                        .map(found -> Arrays.equals(found, content))
                        .orElse(false);
            } catch (LimitExceededException e) {
                return false; // a lock of ours is one short line
            } catch (SftpException e) {
                if (e.status() == SftpException.Status.NO_SUCH_FILE) {
                    return false; // broken between the two questions
                }
                throw e;
            }
        };
    }

    private static RemoteFileException cannotLock(String path, SftpException e) {
        return new RemoteFileException(
                RemoteFileException.Reason.NOT_WRITABLE,
                path,
                "no file can be created here (" + e.status() + "): check permissions, free space and mount options",
                e);
    }

    /** How another's lock was found. */
    private enum Fate {
        /** Its owner lives, as far as can be told. */
        HELD,
        /** Its owner has given it back meanwhile, or another has broken it. */
        GONE,
        /** Its owner was gone, and so it is now. */
        BROKEN
    }

    private static Fate breakIfDead(SftpSession sftp, String path, Owner owner, SecureRandom random) {
        Optional<Seen> seen = look(sftp, path);
        if (seen.isEmpty()) {
            return Fate.GONE;
        }
        boolean dead = owner.leftByEarlierLife(seen.get().content())
                || isStale(sftp, path, seen.get().attributes(), random);
        return dead ? breakLock(sftp, path, seen.get(), random) : Fate.HELD;
    }

    /** A lock as it was found. */
    private record Seen(
            RemoteAttributes attributes,
            @SuppressWarnings("ArrayRecordComponent") byte[] content) {
        boolean isStill(Seen other) {
            return attributes.kind() == other.attributes.kind()
                    && attributes.modified().equals(other.attributes.modified())
                    && MessageDigest.isEqual(content, other.content);
        }
    }

    private static Optional<Seen> look(SftpSession sftp, String path) {
        Optional<RemoteAttributes> attributes = sftp.lstat(path);
        return attributes.flatMap(found -> read(sftp, path, found).map(content -> new Seen(found, content)));
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
            removeClock(sftp, clock);
        }
    }

    private static void removeClock(SftpSession sftp, String clock) {
        try {
            sftp.remove(clock);
        } catch (SftpException e) {
            // Whoever holds the lock by now takes it for something that the dead have left.
            if (e.status() != SftpException.Status.NO_SUCH_FILE) {
                throw e;
            }
        }
    }

    private static Fate breakLock(SftpSession sftp, String path, Seen judged, SecureRandom random) {
        String grave = path + "-broken-" + nonce(random);
        try {
            sftp.rename(path, grave);
        } catch (SftpException e) {
            // Another breaker was faster, or the owner released it: both leave us where we want to be.
            return sftp.lstat(path).isEmpty() ? Fate.GONE : Fate.HELD;
        }
        Optional<Seen> found = look(sftp, grave);
        if (found.isEmpty() || found.get().isStill(judged)) {
            bury(sftp, grave);
            return Fate.BROKEN;
        }
        // Somebody took the lock between our look and our rename: give it back. Where a third has taken it since, the
        // one we renamed finds out just before it writes, and starts again.
        try {
            sftp.rename(grave, path);
        } catch (SftpException e) {
            bury(sftp, grave);
        }
        return Fate.HELD;
    }

    /** Removes a lock of either kind. */
    static void bury(SftpSession sftp, String path) {
        Optional<RemoteAttributes> found = sftp.lstat(path);
        if (found.isPresent() && found.get().kind() == RemoteAttributes.Kind.DIRECTORY) {
            String owner = path + OWNER;
            if (sftp.lstat(owner).isPresent()) {
                sftp.remove(owner);
            }
            sftp.removeDirectory(path);
        } else if (found.isPresent()) {
            sftp.remove(path);
        }
    }

    /**
     * Reads who holds a lock; nobody has said so yet in a directory that has just been made, and a symbolic link, which is no
     * lock of ours and may lead nowhere, says nothing. Empty when the lock is gone.
     */
    private static Optional<byte[]> read(SftpSession sftp, String path, RemoteAttributes attributes) {
        if (attributes.kind() == RemoteAttributes.Kind.SYMLINK) {
            return Optional.of(new byte[0]);
        }
        boolean directory = attributes.kind() == RemoteAttributes.Kind.DIRECTORY;
        try {
            return Optional.of(sftp.read(directory ? path + OWNER : path, MAX_LOCK_BYTES));
        } catch (SftpException e) {
            if (e.status() == SftpException.Status.NO_SUCH_FILE) {
                return directory ? Optional.of(new byte[0]) : Optional.empty();
            }
            // A lock of the other kind may have taken its place since it was looked at.
            if (sftp.lstat(path)
                    .map(RemoteAttributes::kind)
                    .filter(attributes.kind()::equals)
                    .isEmpty()) {
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
