package io.keywright.testkit.fleet;

import io.keywright.testkit.fleet.ErrnoException.Errno;
import io.keywright.transport.RemoteAttributes.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A POSIX-like file system in memory: owners, modes, links, limits, and a disk that lags behind.
 *
 * <p>Files are reached through {@link #asRoot()} or {@link #as}, which check permissions as the kernel does. Several
 * devices may share one file system, as homes on a file server are shared. Thread-safe: each call is atomic.
 */
public final class PosixFileSystem {
    /** The user that root becomes under {@link #setRootSquash}: "nobody". */
    public static final int NOBODY = 65534;

    private static final int ROOT_MODE = 0755;
    /** An odd number without a pattern (2^64 divided by the golden ratio), so that sums of few small numbers do not collide. */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private static final long MISSING = -1;

    private final Inode root = Inode.of(Kind.DIRECTORY, ROOT_MODE);
    private final WriteBack writeBack = new WriteBack();
    private final Clock clock;
    private Map<Integer, Long> quotas = Map.of();
    private boolean readOnly;
    private boolean rootSquash;
    private long capacityBytes = Long.MAX_VALUE;

    private PosixFileSystem(Clock clock) {
        this.clock = clock;
        this.root.modifiedSeconds = clock.instant().getEpochSecond();
    }

    /**
     * Makes an empty file system.
     *
     * @param clock the clock of the machine that serves it: file times are its seconds
     * @return a file system with a root directory, mode 0755, owned by root
     */
    public static PosixFileSystem create(Clock clock) {
        return new PosixFileSystem(clock);
    }

    /**
     * Returns the files as root sees them.
     *
     * @return a view with user 0, group 0, umask 022 and the root as working directory
     */
    public UserFiles asRoot() {
        return as(0, 0, "/");
    }

    /**
     * Returns the files as a user sees them.
     *
     * @param uid the user's id
     * @param gid the user's only group
     * @param directory the working directory
     * @return a view with umask 022
     */
    public UserFiles as(int uid, int gid, String directory) {
        return new UserFiles(this, uid, gid, Set.of(gid), directory, UserFiles.DEFAULT_UMASK);
    }

    /**
     * Makes every change fail with {@code EROFS}, or ends that.
     *
     * @param on whether the file system is read-only
     */
    public synchronized void setReadOnly(boolean on) {
        readOnly = on;
    }

    /**
     * Treats root as "nobody", as a file server does that does not trust its clients.
     *
     * @param on whether root is squashed
     */
    public synchronized void setRootSquash(boolean on) {
        rootSquash = on;
    }

    /**
     * Bounds the content of all files; what does not fit is not written and {@code ENOSPC} is reported.
     *
     * @param bytes the most that fits; {@link Long#MAX_VALUE} for no bound
     */
    public synchronized void setCapacity(long bytes) {
        capacityBytes = bytes;
    }

    /** Fills the disk: nothing that grows a file is written any more, while empty files can still be made. */
    public synchronized void fill() {
        capacityBytes = used(root, -1);
    }

    /**
     * Bounds the content of a user's files; what does not fit is not written and {@code EDQUOT} is reported.
     *
     * @param uid the user's id
     * @param bytes the most that fits
     */
    public synchronized void setQuota(int uid, long bytes) {
        Map<Integer, Long> more = new TreeMap<>(quotas);
        more.put(uid, bytes);
        quotas = more;
    }

    /**
     * Sets how long changes wait in memory before they are on the disk; 30 seconds unless set.
     *
     * @param delay how long, in whole seconds, by the machine's clock
     */
    public synchronized void setWriteBackDelay(Duration delay) {
        writeBack.delay(delay);
    }

    /** Makes every change durable at once from now on; for large fleets that never stop a machine. */
    public synchronized void writeThrough() {
        writeBack.writeThrough();
    }

    /**
     * Counts the changes: as long as this number is the same, so are all files, their names, modes and owners.
     *
     * @return a number that grows with every change
     */
    public synchronized long revision() {
        return writeBack.revision();
    }

    /**
     * Tells the states of one file apart: as long as this number is the same, the path leads to the same file by the same
     * directories, and its content, and the modes and owners of all of these, are what they were. What else happens in these
     * directories does not count.
     *
     * @param path an absolute path; a symbolic link is followed
     * @return a number; what is greater is not later
     */
    public synchronized long revision(String path) {
        long state = writeBack.crashes();
        try {
            PathWalk.Place place = PathWalk.resolve(root, path, true, directory -> {});
            for (Inode directory : place.above()) {
                state = state * MIX + directory.changedAt;
            }
            Inode node = place.node();
            return state * MIX + (node == null ? MISSING : node.changedAt);
        } catch (ErrnoException e) {
            return state * MIX + MISSING;
        }
    }

    /** Makes everything durable, as {@code sync(2)} does. */
    public synchronized void sync() {
        writeBack.sync();
    }

    /**
     * Loses what is not durable yet, as when the machine stops without a word. Use {@link Device#crashAndReboot} to break
     * its connections too.
     *
     * @param model what is lost
     */
    public synchronized void crash(CrashModel model) {
        writeBack.crash(model, nowSeconds());
    }

    /**
     * Sets a file's SELinux type. New files inherit their directory's; renamed ones keep their own.
     *
     * @param path an absolute path; a symbolic link is followed
     * @param type the type, e.g. {@code "ssh_home_t"}
     * @throws ErrnoException when there is no such file
     */
    public synchronized void setLabel(String path, String type) {
        Inode node = PathWalk.resolve(root, path, true, directory -> {}).node();
        if (node == null) {
            throw new ErrnoException(Errno.ENOENT, path);
        }
        writeBack.setLabel(node, type, nowSeconds());
    }

    // --- for the views; all of it under the lock ---

    Inode root() {
        return root;
    }

    WriteBack writeBack() {
        return writeBack;
    }

    long nowSeconds() {
        return clock.instant().getEpochSecond();
    }

    int effectiveUid(int uid) {
        return uid == 0 && rootSquash ? NOBODY : uid;
    }

    void requireWritable(String path) {
        if (readOnly) {
            throw new ErrnoException(Errno.EROFS, path);
        }
    }

    /** Returns how many bytes a file may grow by, and with which error it stops there. */
    Room room(int uid) {
        long disk = capacityBytes == Long.MAX_VALUE ? Long.MAX_VALUE : capacityBytes - used(root, -1);
        Long quota = quotas.get(uid);
        long own = quota == null ? Long.MAX_VALUE : quota - used(root, uid);
        return own < disk ? new Room(Math.max(0, own), Errno.EDQUOT) : new Room(Math.max(0, disk), Errno.ENOSPC);
    }

    record Room(long bytes, Errno whenFull) {}

    /** Sums the content below a directory: of one user's files, or of all for uid -1. */
    private static long used(Inode directory, int uid) {
        long sum = 0;
        for (Inode node : directory.entries().values()) {
            sum += node.isDirectory() ? used(node, uid) : uid == -1 || node.uid == uid ? node.content.length : 0;
        }
        return sum;
    }
}
