package io.keywright.rotation;

import io.keywright.LimitExceededException;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.HeldFile;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.TransportException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of the account that an SFTP session is logged in to, as far as editing keys needs them. */
final class SftpFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    private static final int NEW_DIRECTORY_MODE = 0700;

    private final SftpSession sftp;
    private final String home;

    SftpFiles(SftpSession sftp) {
        this.sftp = sftp;
        this.home = sftp.realPath(".");
    }

    SftpSession session() {
        return sftp;
    }

    String home() {
        return home;
    }

    /** Follows symbolic links, which must stay inside the home. */
    String resolve(String path) {
        String real = realPath(path);
        FileEditor.requireInside(home, path, real);
        return real;
    }

    /** The real path of a file that may not be there yet, whose directory may not be there yet either. */
    private String realPath(String path) {
        Optional<SftpSession.Located> found = sftp.locate(path);
        if (found.isPresent()) {
            if (found.get().attributes().kind() == RemoteAttributes.Kind.SYMLINK
                    && sftp.stat(path).isEmpty()) {
                throw new RemoteFileException(
                        RemoteFileException.Reason.NOT_REGULAR, path, "it is a symbolic link that leads nowhere", null);
            }
            return found.get().realPath().get();
        }
        String parent = FileEditor.parent(path);
        return (parent.isEmpty() || parent.equals("/") ? "" : realPath(parent)) + path.substring(path.lastIndexOf('/'));
    }

    /** The attributes of a regular file, empty when nothing is there; everything else is refused. */
    Optional<RemoteAttributes> regular(String path) {
        Optional<RemoteAttributes> attributes = sftp.lstat(path);
        attributes.ifPresent(found -> requireRegular(path, found));
        return attributes;
    }

    private static void requireRegular(String path, RemoteAttributes attributes) {
        if (attributes.kind() != RemoteAttributes.Kind.REGULAR) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_REGULAR,
                    path,
                    "it is no regular file but " + attributes.kind().name().toLowerCase(Locale.ROOT),
                    null);
        }
    }

    byte[] content(String path) {
        try {
            return sftp.read(path, FileEditor.MAX_FILE_BYTES);
        } catch (LimitExceededException e) {
            throw tooLarge(path, e);
        }
    }

    private static RemoteFileException tooLarge(String path, LimitExceededException e) {
        return new RemoteFileException(
                RemoteFileException.Reason.TOO_LARGE, path, "more than " + FileEditor.MAX_FILE_BYTES + " bytes", e);
    }

    byte[] content(HeldFile held, String path) {
        try {
            return held.read(FileEditor.MAX_FILE_BYTES);
        } catch (LimitExceededException e) {
            throw tooLarge(path, e);
        }
    }

    /** The content of a regular file; none when it is missing. */
    byte[] currentContent(String path) {
        return regular(path).isPresent() ? content(path) : new byte[0];
    }

    /** Does what {@link #currentContent} does, for a file that has been seen before: a round trip less. */
    byte[] contentAgain(String path) {
        try {
            Optional<SftpSession.Look> look = sftp.lookAgain(path, FileEditor.MAX_FILE_BYTES);
            look.ifPresent(found -> requireRegular(path, found.attributes()));
            return look.flatMap(SftpSession.Look::content).orElse(new byte[0]);
        } catch (LimitExceededException e) {
            throw tooLarge(path, e);
        }
    }

    /**
     * Creates a file that nobody else can read.
     *
     * @return whether it was forced to the disk
     */
    boolean create(String path, byte[] content) {
        try {
            Optional<DurableWrite> durable = sftp.durableWrite();
            if (durable.isPresent()) {
                durable.get().createExclusiveSynced(path, FileEditor.NEW_FILE_MODE, content);
                return true;
            }
            sftp.createExclusive(path, FileEditor.NEW_FILE_MODE, content);
            return false;
        } catch (SftpException e) {
            removeQuietly(path);
            throw notWritable(path, e);
        }
    }

    /** Makes a directory and those above it; false when it is there already. */
    boolean makeDirectories(String directory) {
        if (directory.isEmpty() || sftp.lstat(directory).isPresent()) {
            return false;
        }
        makeDirectories(FileEditor.parent(directory));
        try {
            sftp.makeDirectory(directory, NEW_DIRECTORY_MODE);
        } catch (SftpException e) {
            // Another editor may have made it at the same moment.
            if (sftp.lstat(directory).isEmpty()) {
                throw notWritable(directory, e);
            }
        }
        return true;
    }

    /** What sshd(8) looks at under StrictModes: the file and every directory up to the home, or up to the root outside it. */
    List<String> strictModesTrouble(String path) {
        StrictModes modes =
                new StrictModes(sftp.stat(home).map(SftpFiles::owner).orElse(null));
        String place = path;
        while (!place.isEmpty()) {
            String here = place;
            sftp.stat(place)
                    .ifPresent(attributes ->
                            modes.look(here, attributes.permissions().orElse(0), owner(attributes)));
            if (place.equals(home)) {
                break;
            }
            place = FileEditor.parent(place);
        }
        return modes.trouble();
    }

    private static @Nullable Integer owner(RemoteAttributes attributes) {
        return attributes.uid().isPresent() ? Integer.valueOf(attributes.uid().getAsInt()) : null;
    }

    void removeQuietly(String path) {
        try {
            sftp.remove(path);
        } catch (TransportException e) {
            // It was never made, or what stands in the way is being reported already. Where the connection is gone the
            // lock is left as well, and whoever breaks it clears the directory.
            LOG.debug("{} could not be removed: {}", path, e.getMessage());
        }
    }

    static RemoteFileException notWritable(String path, SftpException e) {
        return new RemoteFileException(
                RemoteFileException.Reason.NOT_WRITABLE,
                path,
                "it cannot be written (" + e.status() + "): check permissions, free space and mount options",
                e);
    }
}
