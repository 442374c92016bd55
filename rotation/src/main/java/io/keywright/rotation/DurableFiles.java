package io.keywright.rotation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that are ours alone, written so that a crash at any instant leaves the old content or the new one.
 *
 * <p>A file is replaced in four steps: write beside it, force to disk, rename over it, force the directory. Everything is
 * made with 0600 or 0700 from its first instant, and what others can reach is refused rather than repaired: somebody may
 * have read or changed it already. Symbolic links are not followed. Thread-safe; writers of one file exclude each other
 * with a {@link LockFile}.
 */
final class DurableFiles {
    /** The name under which a file is prepared; one that a crash left behind is overwritten by the next attempt. */
    static final String TEMPORARY = ".tmp";

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** What can be interrupted. */
    enum Step {
        /** A directory is about to be made. */
        CREATE_DIRECTORY,
        /** A file is about to be made, empty. */
        CREATE,
        /** Bytes are about to be written. */
        WRITE,
        /** A file is about to be cut to a length. */
        TRUNCATE,
        /** A file's bytes are about to be forced to disk. */
        SYNC,
        /** A file is about to take the place of another. */
        RENAME,
        /** A file or an empty directory is about to be removed. */
        DELETE,
        /** A directory's entries are about to be forced to disk. */
        SYNC_DIRECTORY,
        /** An operation is complete. */
        DONE
    }

    /** Sees each step before it is taken, so that a test can stop there. */
    @FunctionalInterface
    interface Hook {
        void before(Step step, Path path) throws IOException;
    }

    private final Hook hook;
    private volatile @Nullable UserPrincipal owner;

    DurableFiles(Hook hook) {
        this.hook = hook;
    }

    static DurableFiles plain() {
        return new DurableFiles((step, path) -> {});
    }

    /** Opens or makes the directory at the root of everything. Links on the way to it are resolved. */
    Path root(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            throw new FileSystemException(
                    directory.toString(), null, "needs a file system with POSIX permissions and owners");
        }
        Path absolute = directory.toAbsolutePath().normalize();
        createWithParents(absolute);
        Path real = absolute.toRealPath();
        requirePrivate(real, true);
        owner = whoWeAre(real);
        requirePrivate(real, true);
        return real;
    }

    private void createWithParents(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            createWithParents(parentOf(directory));
            createDirectory(directory);
        }
    }

    /** Makes a directory for the owner alone; one that exists is checked instead. */
    void createDirectory(Path directory) throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            requirePrivate(directory, true);
            return;
        }
        hook.before(Step.CREATE_DIRECTORY, directory);
        try {
            Files.createDirectory(directory, OWNER_ONLY_DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            requirePrivate(directory, true); // another process was faster
        }
        syncDirectory(parentOf(directory));
        hook.before(Step.DONE, directory);
    }

    /** Makes an empty file for the owner alone, durably, and opens it for writing. */
    FileChannel createFile(Path file) throws IOException {
        hook.before(Step.CREATE, file);
        FileChannel channel = openNew(file);
        try {
            syncDirectory(parentOf(file));
            hook.before(Step.DONE, file);
            return channel;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Opens an existing file for writing. */
    FileChannel openForWriting(Path file) throws IOException {
        requirePrivate(file, false);
        return FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Writes at a place, behind which nothing may be, and forces to disk. */
    void append(Path file, FileChannel channel, long position, ByteBuffer content) throws IOException {
        if (channel.size() != position) {
            hook.before(Step.TRUNCATE, file);
            channel.truncate(position);
        }
        channel.position(position);
        hook.before(Step.WRITE, file);
        writeAll(channel, content);
        hook.before(Step.SYNC, file);
        channel.force(true);
        hook.before(Step.DONE, file);
    }

    /** Gives a file a new content, or makes it. */
    void replace(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling(fileName(file) + TEMPORARY);
        hook.before(Step.CREATE, temporary);
        Files.deleteIfExists(temporary);
        try {
            try (FileChannel channel = openNew(temporary)) {
                hook.before(Step.WRITE, temporary);
                writeAll(channel, ByteBuffer.wrap(content));
                hook.before(Step.SYNC, temporary);
                channel.force(true);
            }
            hook.before(Step.RENAME, file);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(temporary); // a full disk is not left fuller
            throw e;
        }
        syncDirectory(parentOf(file));
        hook.before(Step.DONE, file);
    }

    /** Puts a file that is complete in the place of another in the same directory. */
    void rename(Path from, Path to) throws IOException {
        hook.before(Step.RENAME, to);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        syncDirectory(parentOf(to));
        hook.before(Step.DONE, to);
    }

    /** Removes a file or an empty directory; one that is not there is no error. */
    void delete(Path path) throws IOException {
        hook.before(Step.DELETE, path);
        if (Files.deleteIfExists(path)) {
            syncDirectory(parentOf(path));
        }
        hook.before(Step.DONE, path);
    }

    /** Removes a directory and what is in it. */
    void deleteTree(Path directory) throws IOException {
        for (Path path : list(directory)) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                deleteTree(path);
            } else {
                delete(path);
            }
        }
        delete(directory);
    }

    /** Reads a whole file of limited size. */
    byte[] read(Path file, int maxBytes) throws IOException {
        try (InputStream in = openForReading(file)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw refused(file, "is larger than " + maxBytes + " bytes");
            }
            return content;
        }
    }

    /** Opens a file for reading. */
    InputStream openForReading(Path file) throws IOException {
        requirePrivate(file, false);
        Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        return Channels.newInputStream(Files.newByteChannel(file, options));
    }

    /** Lists a directory, sorted; one that is not there is empty. */
    List<Path> list(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Refuses what is a link or of the wrong kind, what others may reach, and what is somebody else's. */
    void requirePrivate(Path path, boolean directory) throws IOException {
        PosixFileAttributes seen = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (directory ? !seen.isDirectory() : !seen.isRegularFile()) {
            throw refused(path, "is not a " + (directory ? "directory" : "regular file"));
        }
        if (seen.permissions().stream().anyMatch(OF_OTHERS::contains)) {
            throw refused(
                    path,
                    "is open to other users (" + PosixFilePermissions.toString(seen.permissions())
                            + "); if you trust what is in it: chmod " + (directory ? "0700 " : "0600 ") + path);
        }
        UserPrincipal us = owner;
        if (us != null && !seen.owner().equals(us)) {
            throw refused(
                    path,
                    "belongs to " + seen.owner().getName() + ", not to " + us.getName()
                            + "; run as its owner, or, if you trust what is in it: chown -R " + us.getName() + " "
                            + path);
        }
    }

    /** The user to whom what we make here belongs: on some network file systems that is not who we are elsewhere. */
    private static UserPrincipal whoWeAre(Path directory) throws IOException {
        Path probe = Files.createTempFile(directory, ".owner", TEMPORARY, OWNER_ONLY_FILE);
        try {
            return Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Says why an operation failed; our own refusals name the path already, as the JDK's do. */
    static String reason(IOException e) {
        String message = e.getMessage();
        if (e instanceof java.nio.file.AccessDeniedException) {
            return message + ": permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return message + ": no such file or directory";
        }
        if (e instanceof FileAlreadyExistsException) {
            return message + ": exists already";
        }
        return message == null ? e.getClass().getSimpleName() : message;
    }

    private static FileSystemException refused(Path path, String reason) {
        return new FileSystemException(path.toString(), null, reason);
    }

    private void syncDirectory(Path directory) throws IOException {
        hook.before(Step.SYNC_DIRECTORY, directory);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static FileChannel openNew(Path file) throws IOException {
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY_FILE);
    }

    private static void writeAll(FileChannel channel, ByteBuffer content) throws IOException {
        while (content.hasRemaining()) {
            channel.write(content);
        }
    }

    private static String fileName(Path file) {
        return String.valueOf(file.getFileName());
    }

    private static Path parentOf(Path path) throws IOException {
        Path parent = path.getParent();
        if (parent == null) {
            throw refused(path, "has no parent directory");
        }
        return parent;
    }
}
