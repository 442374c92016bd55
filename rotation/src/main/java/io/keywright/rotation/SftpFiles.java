package io.keywright.rotation;

import io.keywright.LimitExceededException;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.HeldFile;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.TransportException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of the account that an SFTP session is logged in to, as far as editing keys needs them. */
final class SftpFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    private static final int NEW_DIRECTORY_MODE = 0700;

    private final SftpSession sftp;
    private final Supplier<String> askedHome;
    private final Map<String, Asked> askedAhead = new HashMap<>();
    /** What was to be removed, and is there still. */
    private final Set<String> left = new LinkedHashSet<>();

    private @Nullable String home;

    /**
     * Begins.
     *
     * @param soon files that are looked at next, relative to the home: they are asked about together with the home
     */
    SftpFiles(SftpSession sftp, List<String> soon) {
        this.sftp = sftp;
        this.askedHome = sftp.sendRealPath(".");
        soon.forEach(file -> askedAhead.put(file, ask(file)));
    }

    SftpSession session() {
        return sftp;
    }

    String home() {
        if (home == null) {
            home = askedHome.get();
        }
        return home;
    }

    /** Questions about a path and its directory, which matters where nothing has the path. */
    private record Asked(
            Supplier<Optional<SftpSession.Located>> file, Supplier<Optional<SftpSession.Located>> parent) {}

    private Asked ask(String path) {
        String parent = FileEditor.parent(path);
        return new Asked(sftp.sendLocate(path), sftp.sendLocate(parent.isEmpty() ? "." : parent));
    }

    /**
     * What a path was found to mean.
     *
     * @param path without symbolic links
     * @param attributes of the regular file that is there, or empty
     * @param hasDirectory whether its directory is there
     */
    record Found(String path, Optional<RemoteAttributes> attributes, boolean hasDirectory) {}

    /** Follows symbolic links, which must stay inside the home, to a regular file or to nothing. */
    Found find(String path) {
        String inHome = home() + "/";
        Asked asked = path.startsWith(inHome) ? askedAhead.remove(path.substring(inHome.length())) : null;
        if (asked == null) {
            asked = ask(path);
        }
        Optional<SftpSession.Located> file = asked.file().get();
        if (file.isEmpty()) {
            String directory = FileEditor.parent(path);
            Optional<SftpSession.Located> parent = asked.parent().get();
            String real = parent.map(found -> directory(directory, found)).orElseGet(() -> directory(directory))
                    + path.substring(path.lastIndexOf('/'));
            FileEditor.requireInside(home(), path, real);
            return new Found(real, Optional.empty(), parent.isPresent());
        }
        String real = realPath(path, file.get());
        FileEditor.requireInside(home(), path, real);
        if (file.get().attributes().kind() == RemoteAttributes.Kind.SYMLINK) {
            return new Found(real, regular(real), true);
        }
        requireRegular(real, file.get().attributes());
        return new Found(real, Optional.of(file.get().attributes()), true);
    }

    /** The real path of a directory that may not be there yet; empty for the root. */
    private String directory(String path) {
        if (path.isEmpty() || path.equals("/")) {
            return "";
        }
        return sftp.sendLocate(path)
                .get()
                .map(found -> directory(path, found))
                .orElseGet(() -> directory(FileEditor.parent(path)) + path.substring(path.lastIndexOf('/')));
    }

    private String directory(String path, SftpSession.Located found) {
        String real = realPath(path, found);
        return real.equals("/") ? "" : real;
    }

    private String realPath(String path, SftpSession.Located found) {
        if (found.attributes().kind() == RemoteAttributes.Kind.SYMLINK
                && sftp.stat(path).isEmpty()) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_REGULAR, path, "it is a symbolic link that leads nowhere", null);
        }
        return found.realPath().get();
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
        return content(held.sendRead(FileEditor.MAX_FILE_BYTES), path);
    }

    static byte[] content(Supplier<byte[]> reading, String path) {
        try {
            return reading.get();
        } catch (LimitExceededException e) {
            throw tooLarge(path, e);
        }
    }

    /** The content of a regular file; none when it is missing. */
    byte[] currentContent(String path) {
        return regular(path).isPresent() ? content(path) : new byte[0];
    }

    /** The content of what was found. */
    byte[] content(Found found) {
        return found.attributes().isPresent() ? content(found.path()) : new byte[0];
    }

    /** What is at a path just then. */
    @SuppressWarnings("ArrayRecordComponent") // lives for one comparison
    record Sight(Optional<RemoteAttributes> attributes, byte[] content) {}

    /** Sends the questions that {@link #currentContent} asks; the answer is asked for once. */
    Supplier<Sight> sendLook(String path) {
        Supplier<Optional<SftpSession.Look>> look = sftp.sendLook(path, FileEditor.MAX_FILE_BYTES);
        return () -> {
            try {
                Optional<SftpSession.Look> seen = look.get();
                seen.ifPresent(found -> requireRegular(path, found.attributes()));
                return new Sight(
                        seen.map(SftpSession.Look::attributes),
                        seen.flatMap(SftpSession.Look::content).orElse(new byte[0]));
            } catch (LimitExceededException e) {
                throw tooLarge(path, e);
            }
        };
    }

    /**
     * Begins a file that nobody else can read: it is there, and its content on its way.
     *
     * @param written waits until it is written
     * @param durable whether it is on the disk then
     */
    record Begun(Runnable written, boolean durable) {}

    /** Creates a file that nobody else can read, and waits for no more than that. */
    Begun begin(String path, byte[] content) {
        try {
            Optional<DurableWrite> durable = sftp.durableWrite();
            return durable.isPresent()
                    ? new Begun(durable.get().begin(path, FileEditor.NEW_FILE_MODE, content), true)
                    : new Begun(sftp.beginExclusive(path, FileEditor.NEW_FILE_MODE, content), false);
        } catch (SftpException e) {
            removeQuietly(path);
            throw notWritable(path, e);
        }
    }

    /** Creates a file that nobody else can read, and writes it. */
    void create(String path, byte[] content) {
        Begun begun = begin(path, content);
        try {
            begun.written().run();
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
        Supplier<Optional<RemoteAttributes>> ofHome = sftp.sendStat(home());
        Map<String, Supplier<Optional<RemoteAttributes>>> onTheWay = new LinkedHashMap<>();
        String place = path;
        while (!place.isEmpty()) {
            onTheWay.put(place, sftp.sendStat(place));
            place = place.equals(home()) ? "" : FileEditor.parent(place);
        }
        StrictModes modes = new StrictModes(ofHome.get().map(SftpFiles::owner).orElse(null));
        onTheWay.forEach((here, answer) -> answer.get()
                .ifPresent(
                        attributes -> modes.look(here, attributes.permissions().orElse(0), owner(attributes))));
        return modes.trouble();
    }

    private static @Nullable Integer owner(RemoteAttributes attributes) {
        return attributes.uid().isPresent() ? Integer.valueOf(attributes.uid().getAsInt()) : null;
    }

    /** Removes a file whose staying there is no reason to fail: {@link #removeLeft} tries again. */
    void removeQuietly(String path) {
        left.remove(path);
        try {
            sftp.remove(path);
        } catch (TransportException e) {
            LOG.debug("{} could not be removed: {}", path, e.getMessage());
            // Where the connection is gone the lock is left as well, and whoever breaks it clears the directory.
            if (e instanceof SftpException refused && refused.status() != SftpException.Status.NO_SUCH_FILE) {
                left.add(path);
            }
        }
    }

    /** Tries once more to remove what stayed, and says in a sentence what stays all the same, if anything does. */
    Optional<String> removeLeft() {
        List.copyOf(left).forEach(this::removeQuietly);
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of((left.size() == 1 ? "a temporary file" : left.size() + " temporary files")
                        + " could not be removed, which may be done by hand: " + Names.list(left));
    }

    static RemoteFileException notWritable(String path, SftpException e) {
        return new RemoteFileException(
                RemoteFileException.Reason.NOT_WRITABLE,
                path,
                "it cannot be written (" + e.status() + "): check permissions, free space and mount options",
                e);
    }
}
