package io.keywright.cli;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An {@code authorized_keys} file on this machine. It is replaced whole: whoever opens it, sshd above all, sees the old
 * content or the new one. Mode, owner and group stay what they were.
 */
final class AuthorizedKeysFile {
    private final Path path;
    /** What was read, or null when there was no file. */
    private final byte @Nullable [] before;

    private AuthorizedKeysFile(Path path, byte @Nullable [] before) {
        this.path = path;
        this.before = before;
    }

    /** Reads a file that is there. A link is followed, so that the file itself is edited and not the link replaced. */
    static AuthorizedKeysFile read(Path path) throws IOException {
        Path real = path.toRealPath();
        return new AuthorizedKeysFile(real, bytes(real));
    }

    /** Reads a file, which is empty when it is not there. */
    static AuthorizedKeysFile readOrEmpty(Path path) throws IOException {
        try {
            return read(path);
        } catch (NoSuchFileException e) {
            if (Files.isSymbolicLink(path)) {
                throw new CommandException(path + " is a link to a file that is not there: make that file, or name it");
            }
            Path folder = path.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new NoSuchFileException(String.valueOf(folder));
            }
            return new AuthorizedKeysFile(folder.toRealPath().resolve(path.getFileName()), null);
        }
    }

    private static byte[] bytes(Path real) throws IOException {
        if (!Files.isRegularFile(real)) {
            throw new CommandException(real + " is no regular file: sshd would not read it");
        }
        try (InputStream in = Files.newInputStream(real)) {
            return in.readNBytes(AuthorizedKeys.DEFAULT_MAX_BYTES + 1);
        }
    }

    /** Parses what was read. */
    AuthorizedKeys parse() {
        return before == null ? AuthorizedKeys.empty() : AuthorizedKeys.parse(before);
    }

    /** Puts a new content in the place of the one that was read, unless somebody else has done so meanwhile. */
    void write(AuthorizedKeys after) throws IOException {
        byte[] suffix = new byte[8];
        new SecureRandom().nextBytes(suffix);
        Path fresh = path.resolveSibling(
                "." + path.getFileName() + "." + HexFormat.of().formatHex(suffix) + ".new");
        boolean moved = false;
        try {
            create(fresh, after.toBytes());
            requireUnchanged();
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
            moved = true;
        } finally {
            if (!moved) {
                Files.deleteIfExists(fresh);
            }
        }
        Path folder = path.getParent();
        if (folder != null) {
            forceFolder(folder);
        }
    }

    private void create(Path fresh, byte[] content) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            if (before != null) {
                copyOwnership(fresh);
            }
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    /** sshd refuses a file of a foreign owner, so the file must not change hands when root edits it. */
    private void copyOwnership(Path fresh) throws IOException {
        PosixFileAttributes old = Files.readAttributes(path, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
        PosixFileAttributes made = view.readAttributes();
        try {
            if (!made.owner().equals(old.owner())) {
                view.setOwner(old.owner());
            }
            if (!made.group().equals(old.group())) {
                view.setGroup(old.group());
            }
        } catch (IOException e) {
            throw new CommandException(path + " belongs to " + old.owner().getName() + ":"
                    + old.group().getName() + ", and only that account or root can keep it so: edit it as one of them");
        }
        view.setPermissions(old.permissions());
    }

    private void requireUnchanged() throws IOException {
        byte[] now = Files.exists(path) ? bytes(path) : null;
        if (!Arrays.equals(before, now)) {
            throw new CommandException(
                    path + " was changed by somebody else meanwhile: nothing was written, try again");
        }
    }

    /** Makes the new name durable. */
    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
