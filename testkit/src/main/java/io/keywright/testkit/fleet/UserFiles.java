package io.keywright.testkit.fleet;

import io.keywright.testkit.fleet.ErrnoException.Errno;
import io.keywright.testkit.fleet.PathWalk.Place;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.RemoteAttributes.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file system as one user sees it: the system calls that a program on that machine would make.
 *
 * <p>This is how a test sets its scene, how it plays the human, the configuration management or the cloud agent who writes
 * behind the engine's back, and what the in-memory SFTP server is made of. Relative paths begin at the view's directory, or
 * at the root where that is missing. Every method throws {@link ErrnoException} as the system call would fail. Each call is
 * atomic; immutable and thread-safe.
 */
public final class UserFiles {
    static final int DEFAULT_UMASK = 022;

    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int SEARCH = 1;
    private static final int STICKY = 01000;
    private static final int SET_GROUP = 02000;

    private final PosixFileSystem fileSystem;
    private final int uid;
    private final int gid;
    private final Set<Integer> gids;
    private final String directory;
    private final int umask;

    UserFiles(PosixFileSystem fileSystem, int uid, int gid, Set<Integer> gids, String directory, int umask) {
        this.fileSystem = fileSystem;
        this.uid = uid;
        this.gid = gid;
        this.gids = Set.copyOf(gids);
        this.directory = directory;
        this.umask = umask;
    }

    /**
     * Returns this view with another umask.
     *
     * @param bits the permission bits that new files do not get
     * @return a copy
     */
    public UserFiles withUmask(int bits) {
        return new UserFiles(fileSystem, uid, gid, gids, directory, bits & 0777);
    }

    // --- asking ---

    /**
     * Tells whether something is there; symbolic links are followed.
     *
     * @param path the path
     * @return false as well where the user may not look
     */
    public boolean exists(String path) {
        synchronized (fileSystem) {
            try {
                return walk(path, true).node() != null;
            } catch (ErrnoException e) {
                return false;
            }
        }
    }

    /**
     * Returns a file's attributes, following symbolic links: {@code stat(2)}.
     *
     * @param path the path
     * @return the attributes
     */
    public RemoteAttributes stat(String path) {
        synchronized (fileSystem) {
            return present(path, true).attributes();
        }
    }

    /**
     * Returns a file's own attributes: {@code lstat(2)}.
     *
     * @param path the path
     * @return the attributes
     */
    public RemoteAttributes lstat(String path) {
        synchronized (fileSystem) {
            return present(path, false).attributes();
        }
    }

    /**
     * Returns a file's permission bits, following symbolic links.
     *
     * @param path the path
     * @return the low twelve mode bits
     */
    public int permissions(String path) {
        return stat(path).permissions().orElseThrow();
    }

    /**
     * Returns a file's SELinux type.
     *
     * @param path the path
     * @return the type, or empty where it has none
     */
    public Optional<String> label(String path) {
        synchronized (fileSystem) {
            return Optional.ofNullable(present(path, true).label);
        }
    }

    /**
     * Returns where a symbolic link points, as it is stored.
     *
     * @param path the link
     * @return its target
     */
    public String readLink(String path) {
        synchronized (fileSystem) {
            Inode node = present(path, false);
            if (node.kind != Kind.SYMLINK) {
                throw new ErrnoException(Errno.EINVAL, path);
            }
            return node.target;
        }
    }

    /**
     * Resolves a path, as {@code realpath(3)} does, but that the last name need not exist.
     *
     * @param path the path
     * @return the absolute path without links and dots
     */
    public String realPath(String path) {
        synchronized (fileSystem) {
            return walk(path, true).canonical();
        }
    }

    /**
     * Lists a directory, in order of the names.
     *
     * @param path the directory
     * @return the names in it, without dots
     */
    public List<String> list(String path) {
        synchronized (fileSystem) {
            Inode node = present(path, true);
            if (!node.isDirectory()) {
                throw new ErrnoException(Errno.ENOTDIR, path);
            }
            require(node, READ, path);
            return List.copyOf(node.entries().keySet());
        }
    }

    /**
     * Reads a whole file.
     *
     * @param path the file
     * @return a copy of its content
     */
    public byte[] read(String path) {
        synchronized (fileSystem) {
            Inode node = present(path, true);
            require(node, READ, path);
            requireRegular(node, path);
            return node.content.clone();
        }
    }

    /** Opens a file: what is supplied is its content at that moment, even after another has taken its name. */
    Supplier<byte[]> open(String path) {
        synchronized (fileSystem) {
            Inode node = present(path, true);
            require(node, READ, path);
            requireRegular(node, path);
            return () -> {
                synchronized (fileSystem) {
                    return node.content.clone();
                }
            };
        }
    }

    /**
     * Reads a whole file as UTF-8 text.
     *
     * @param path the file
     * @return its content
     */
    public String readText(String path) {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    // --- writing content ---

    /**
     * Writes a file from its beginning, creating it with mode 0666 less the umask where it is missing. An existing one keeps
     * its mode and owner. Not durable before {@link #fsync}.
     *
     * @param path the file
     * @param content what it holds then
     */
    public void write(String path, byte[] content) {
        synchronized (fileSystem) {
            put(openForWriting(path), new byte[0], content, path);
        }
    }

    /**
     * Writes text in UTF-8, see {@link #write}.
     *
     * @param path the file
     * @param text what it holds then
     */
    public void writeText(String path, String text) {
        write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds to the end of a file, creating it where it is missing, as {@code echo line >> file} does.
     *
     * @param path the file
     * @param more what to add
     */
    public void append(String path, byte[] more) {
        synchronized (fileSystem) {
            Inode node = openForWriting(path);
            put(node, node.content, more, path);
        }
    }

    /**
     * Adds text in UTF-8, see {@link #append}.
     *
     * @param path the file
     * @param text what to add
     */
    public void appendText(String path, String text) {
        append(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates a file and writes it; fails with {@code EEXIST} where there is one, symbolic links included.
     *
     * @param path the file
     * @param mode permission bits, less the umask
     * @param content what it holds then; what does not fit is missing
     */
    public void createExclusive(String path, int mode, byte[] content) {
        synchronized (fileSystem) {
            Place place = walk(path, false);
            if (place.node() != null) {
                throw new ErrnoException(Errno.EEXIST, path);
            }
            put(create(place, Inode.of(Kind.REGULAR, mode & ~umask & 07777), path), new byte[0], content, path);
        }
    }

    /**
     * Makes a file's content durable: {@code fsync(2)}.
     *
     * @param path the file
     */
    public void fsync(String path) {
        synchronized (fileSystem) {
            fileSystem.writeBack().fsync(present(path, true));
        }
    }

    // --- writing entries ---

    /**
     * Sets permission bits: {@code chmod(2)}.
     *
     * @param path the file; a symbolic link is followed
     * @param mode permission bits, at most 07777
     */
    public void setPermissions(String path, int mode) {
        synchronized (fileSystem) {
            Inode node = present(path, true);
            fileSystem.requireWritable(path);
            requireOwner(node, path);
            fileSystem.writeBack().setMode(node, mode & 07777, fileSystem.nowSeconds());
        }
    }

    /**
     * Sets owner and group: {@code chown(2)}. Only root gives files away; an owner may choose among its own groups.
     *
     * @param path the file; a symbolic link is followed
     * @param newUid the owner's id
     * @param newGid the group's id
     */
    public void setOwner(String path, int newUid, int newGid) {
        synchronized (fileSystem) {
            Inode node = present(path, true);
            fileSystem.requireWritable(path);
            boolean mayAsOwner =
                    node.uid == caller() && newUid == node.uid && (newGid == node.gid || gids.contains(newGid));
            if (caller() != 0 && !mayAsOwner) {
                throw new ErrnoException(Errno.EPERM, path);
            }
            fileSystem.writeBack().setOwner(node, newUid, newGid, fileSystem.nowSeconds());
        }
    }

    /**
     * Renames, replacing an existing file: {@code rename(2)}.
     *
     * @param from the old name; a symbolic link is moved itself
     * @param to the new name; a symbolic link is replaced itself
     */
    public void rename(String from, String to) {
        synchronized (fileSystem) {
            Place source = walk(from, false);
            Place target = walk(to, false);
            Inode moved = existing(source, from);
            Inode replaced = target.node();
            requireChangeable(source, from);
            requireChangeable(target, to);
            if (moved == replaced) {
                return;
            }
            requireReplaceable(source, moved, target, to);
            if (replaced != null) {
                requireNotSticky(target, replaced, to);
            }
            requireNotSticky(source, moved, from);
            fileSystem
                    .writeBack()
                    .moveEntry(source.parent(), source.name(), target.parent(), target.name(), fileSystem.nowSeconds());
        }
    }

    /**
     * Renames, and fails with {@code EEXIST} where the new name exists: {@code link(2)} and {@code unlink(2)} in one.
     *
     * @param from the old name
     * @param to the new name
     */
    public void renameNew(String from, String to) {
        synchronized (fileSystem) {
            existing(walk(from, false), from);
            if (walk(to, false).node() != null) {
                throw new ErrnoException(Errno.EEXIST, to);
            }
            rename(from, to);
        }
    }

    /**
     * Removes a file or symbolic link: {@code unlink(2)}.
     *
     * @param path the file
     */
    public void remove(String path) {
        synchronized (fileSystem) {
            Place place = walk(path, false);
            Inode node = existing(place, path);
            requireChangeable(place, path);
            requireNotSticky(place, node, path);
            if (node.isDirectory()) {
                throw new ErrnoException(Errno.EISDIR, path);
            }
            fileSystem.writeBack().setEntry(place.parent(), place.name(), null, fileSystem.nowSeconds());
        }
    }

    /**
     * Removes an empty directory: {@code rmdir(2)}.
     *
     * @param path the directory
     */
    public void removeDirectory(String path) {
        synchronized (fileSystem) {
            Place place = walk(path, false);
            Inode node = existing(place, path);
            requireChangeable(place, path);
            requireNotSticky(place, node, path);
            if (!node.isDirectory()) {
                throw new ErrnoException(Errno.ENOTDIR, path);
            }
            if (!node.entries().isEmpty()) {
                throw new ErrnoException(Errno.ENOTEMPTY, path);
            }
            fileSystem.writeBack().setEntry(place.parent(), place.name(), null, fileSystem.nowSeconds());
        }
    }

    /**
     * Creates a directory.
     *
     * @param path the directory
     * @param mode permission bits, less the umask
     */
    public void makeDirectory(String path, int mode) {
        makeNew(path, Inode.of(Kind.DIRECTORY, mode & ~umask & 07777));
    }

    /**
     * Creates a symbolic link.
     *
     * @param target where it points, stored as given
     * @param path the link
     */
    public void makeSymlink(String target, String path) {
        makeNew(path, new Inode(Kind.SYMLINK, 0777, target));
    }

    /**
     * Creates a FIFO, which whoever opens it waits for.
     *
     * @param path the FIFO
     * @param mode permission bits, less the umask
     */
    public void makeFifo(String path, int mode) {
        makeNew(path, Inode.of(Kind.OTHER, mode & ~umask & 07777));
    }

    // --- for sshd's own checks, under the lock ---

    /** Resolves a path; the caller may look at the inodes, under the file system's lock. */
    Place walk(String path, boolean followLast) {
        String absolute = path.startsWith("/") ? path : workingDirectory() + "/" + path;
        return PathWalk.resolve(
                fileSystem.root(), absolute, followLast, directory -> require(directory, SEARCH, absolute));
    }

    PosixFileSystem fileSystem() {
        return fileSystem;
    }

    boolean mayRead(Inode node) {
        return allowed(node, READ);
    }

    // --- how ---

    private void makeNew(String path, Inode node) {
        synchronized (fileSystem) {
            Place place = walk(path, false);
            if (place.node() != null) {
                throw new ErrnoException(Errno.EEXIST, path);
            }
            create(place, node, path);
        }
    }

    private String workingDirectory() {
        Inode node;
        try {
            node = PathWalk.resolve(fileSystem.root(), directory, true, each -> require(each, SEARCH, directory))
                    .node();
        } catch (ErrnoException e) {
            node = null; // sshd then stays in the root directory
        }
        return node == null || !node.isDirectory() ? "/" : directory;
    }

    private Inode openForWriting(String path) {
        Place place = walk(path, true);
        Inode node = place.node();
        if (node == null) {
            return create(place, Inode.of(Kind.REGULAR, 0666 & ~umask), path);
        }
        fileSystem.requireWritable(path);
        require(node, WRITE, path);
        requireRegular(node, path);
        return node;
    }

    private Inode create(Place place, Inode node, String path) {
        requireChangeable(place, path);
        Inode parent = place.parent();
        node.uid = caller();
        node.gid = (parent.mode & SET_GROUP) != 0 ? parent.gid : gid;
        if (node.isDirectory()) {
            node.mode |= parent.mode & SET_GROUP;
        }
        node.label = parent.label;
        node.modifiedSeconds = fileSystem.nowSeconds();
        // Every machine has the same few names: one copy of each serves a fleet of any size.
        fileSystem.writeBack().setEntry(parent, place.name().intern(), node, node.modifiedSeconds);
        return node;
    }

    /** Writes what fits, behind what is kept, and then reports what did not. */
    private void put(Inode node, byte[] kept, byte[] more, String path) {
        fileSystem.writeBack().setContent(node, kept.clone(), fileSystem.nowSeconds());
        PosixFileSystem.Room room = fileSystem.room(node.uid);
        int fitting = (int) Math.min(more.length, room.bytes());
        byte[] content = Arrays.copyOf(kept, kept.length + fitting);
        System.arraycopy(more, 0, content, kept.length, fitting);
        fileSystem.writeBack().setContent(node, content, fileSystem.nowSeconds());
        if (fitting < more.length) {
            throw new ErrnoException(room.whenFull(), path);
        }
    }

    private Inode present(String path, boolean followLast) {
        return existing(walk(path, followLast), path);
    }

    private static Inode existing(Place place, String path) {
        Inode node = place.node();
        if (node == null) {
            throw new ErrnoException(Errno.ENOENT, path);
        }
        return node;
    }

    private int caller() {
        return fileSystem.effectiveUid(uid);
    }

    private boolean allowed(Inode node, int wanted) {
        int caller = caller();
        if (caller == 0) {
            return true;
        }
        int shift = node.uid == caller ? 6 : gids.contains(node.gid) ? 3 : 0;
        return (node.mode >> shift & wanted) == wanted;
    }

    private void require(Inode node, int wanted, String path) {
        if (!allowed(node, wanted)) {
            throw new ErrnoException(Errno.EACCES, path);
        }
    }

    private void requireOwner(Inode node, String path) {
        if (caller() != 0 && caller() != node.uid) {
            throw new ErrnoException(Errno.EPERM, path);
        }
    }

    private static void requireRegular(Inode node, String path) {
        if (node.isDirectory()) {
            throw new ErrnoException(Errno.EISDIR, path);
        }
        if (!node.isRegular()) {
            throw new ErrnoException(Errno.EAGAIN, path);
        }
    }

    /** Requires that the entry itself may be added, replaced or removed. */
    private void requireChangeable(Place place, String path) {
        if (place.name().isEmpty()) {
            throw new ErrnoException(Errno.EINVAL, path);
        }
        fileSystem.requireWritable(path);
        require(place.parent(), WRITE | SEARCH, path);
    }

    private void requireNotSticky(Place place, Inode node, String path) {
        int caller = caller();
        boolean sticky = (place.parent().mode & STICKY) != 0;
        if (sticky && caller != 0 && caller != node.uid && caller != place.parent().uid) {
            throw new ErrnoException(Errno.EPERM, path);
        }
    }

    private static void requireReplaceable(Place source, Inode moved, Place target, String to) {
        Inode replaced = target.node();
        boolean intoItself = moved.isDirectory() && (target.canonical() + "/").startsWith(source.canonical() + "/");
        @Nullable Errno problem = intoItself ? Errno.EINVAL : null;
        if (problem == null && replaced != null) {
            if (replaced.isDirectory() && !moved.isDirectory()) {
                problem = Errno.EISDIR;
            } else if (!replaced.isDirectory() && moved.isDirectory()) {
                problem = Errno.ENOTDIR;
            } else if (replaced.isDirectory() && !replaced.entries().isEmpty()) {
                problem = Errno.ENOTEMPTY;
            }
        }
        if (problem != null) {
            throw new ErrnoException(problem, to);
        }
    }

    /** Says whose view it is. */
    @Override
    public String toString() {
        return "UserFiles[uid " + uid + ", gids " + new TreeSet<>(gids) + ", in " + directory + "]";
    }
}
