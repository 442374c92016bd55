package io.keywright.rotation;

import io.keywright.LimitExceededException;
import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.DurableWrite;
import io.keywright.transport.PosixRename;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code authorized_keys} files of one account, edited over SFTP so that cooperating writers lose nothing and readers
 * see the old file or the new one.
 *
 * <p>The sequence is: resolve the path; refuse what is not a regular file of this account; lock; read; edit; write a
 * temporary file in the same directory, created with mode 0600 and forced to the disk where the server can; give it the
 * original's mode; read the original again and start over when it is not what was edited; check the lock and the caller's
 * guard; rename over the original in one step; read back; unlock. SFTP has no compare-and-rename: a foreign writer that
 * ignores the lock can still lose its change in the one round trip before the rename, and a change that it makes right
 * after it is noticed by reading back.
 *
 * <p>Belongs to one thread, as its connection does.
 */
public final class RemoteAuthorizedKeys implements AutoCloseable {
    /** The largest file that is edited, in bytes: some hundred thousand keys. */
    public static final int MAX_FILE_BYTES = 64 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    private static final Pattern LEFTOVER =
            Pattern.compile("(\\.keywright|.*\\.keywright-lock-(broken|clock))-[0-9a-f]{16}");
    private static final int MAX_STARTS = 10;
    private static final int NEW_DIRECTORY_MODE = 0700;
    private static final int NEW_FILE_MODE = 0600;
    private static final int GROUP_OR_WORLD_WRITE = 0022;

    private final SftpSession sftp;
    private final String home;
    private final String user;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;

    private RemoteAuthorizedKeys(
            SftpSession sftp, String user, RemoteLock.Owner owner, SecureRandom random, Pause pause) {
        this.sftp = sftp;
        this.home = sftp.realPath(".");
        this.user = user;
        this.owner = owner;
        this.random = random;
        this.pause = pause;
    }

    /**
     * Opens the files of the account that a connection is logged in to.
     *
     * @param connection stays the caller's
     * @param editor names this editor in the lock, so that others can tell who holds it; no blanks
     * @return the account's files; the caller closes them, which does not close the connection
     * @throws io.keywright.transport.ChannelRefusedException when the server, or the key logged in with, allows no SFTP
     * @throws IllegalArgumentException when the editor's name has blanks
     */
    public static RemoteAuthorizedKeys open(SshConnection connection, String editor) {
        if (!editor.matches("[!-~]{1,100}")) {
            throw new IllegalArgumentException("an editor's name has 1 to 100 printable characters and no blanks");
        }
        return open(connection, new RemoteLock.Owner(editor, 0, false), new SecureRandom(), Pause.sleeping());
    }

    static RemoteAuthorizedKeys open(
            SshConnection connection, RemoteLock.Owner owner, SecureRandom random, Pause pause) {
        SftpSession sftp = connection.openSftp();
        try {
            return new RemoteAuthorizedKeys(sftp, connection.target().user(), owner, random, pause);
        } catch (RuntimeException e) {
            sftp.close();
            throw e;
        }
    }

    /**
     * Reads a file.
     *
     * @param file as in sshd_config(5): {@code %h}, {@code %u}, {@code %%}, or relative to the home
     * @return what was found
     * @throws RemoteFileException when it is nothing that sshd would read
     */
    public RemoteFile read(String file) {
        String path = resolve(file);
        Optional<RemoteAttributes> attributes = regular(path);
        AuthorizedKeys keys = attributes.isPresent() ? AuthorizedKeys.parse(content(path)) : AuthorizedKeys.empty();
        return new RemoteFile(path, attributes.isPresent(), keys, strictModesTrouble(path));
    }

    /**
     * Edits a file. The edit may be called several times and must depend on its argument only. A file, and its directory,
     * that are missing are made when the edit adds something.
     *
     * @param file as in sshd_config(5)
     * @param edit makes the new content of the old
     * @return what became of it
     * @throws RemoteFileException when the file cannot be edited
     * @throws io.keywright.authorizedkeys.EditRefusedException when the edit itself refuses
     * @throws io.keywright.transport.TransportException when the server gives no answer; the file is then the old one or
     *     the new one, and the edit can be done again
     */
    public RemoteEdit edit(String file, UnaryOperator<AuthorizedKeys> edit) {
        return edit(file, edit, () -> {});
    }

    /** As {@link #edit(String, UnaryOperator)}, with a check that runs inside the lock, just before the rename. */
    RemoteEdit edit(String file, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        String path = resolve(file);
        // Nothing to do is by far the cheapest answer, and needs no lock.
        boolean exists = regular(path).isPresent();
        byte[] now = exists ? content(path) : new byte[0];
        if (Arrays.equals(edit.apply(AuthorizedKeys.parse(now)).toBytes(), now)
                && !(owner.tidies() && sftp.lstat(parent(path)).isPresent())) {
            return new RemoteEdit(path, false, true, true, 0, List.of());
        }
        makeDirectories(parent(path));
        // A directory that was just made, or a link in it, may have changed what the path means.
        String real = resolve(file);
        try (RemoteLock lock = RemoteLock.take(sftp, real, owner, random, pause)) {
            if (lock.brokeAnother() || owner.tidies()) {
                clearLeftovers(parent(real));
            }
            for (int start = 0; start < MAX_STARTS; start++) {
                Optional<RemoteEdit> done = editOnce(real, edit, guard, lock, start);
                if (done.isPresent()) {
                    return done.get();
                }
            }
        }
        throw new RemoteFileException(
                RemoteFileException.Reason.KEEPS_CHANGING,
                real,
                "another program changed the file " + MAX_STARTS + " times while it was being edited; try later",
                null);
    }

    /** One round under the lock; empty when a foreign writer came between. */
    private Optional<RemoteEdit> editOnce(
            String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard, RemoteLock lock, int retries) {
        Optional<RemoteAttributes> original = regular(path);
        byte[] before = original.isPresent() ? content(path) : new byte[0];
        byte[] after = edit.apply(AuthorizedKeys.parse(before)).toBytes();
        if (Arrays.equals(before, after)) {
            return Optional.of(new RemoteEdit(path, false, true, true, retries, List.of()));
        }
        List<String> warnings = new ArrayList<>();
        String temporary = parent(path) + "/.keywright-" + RemoteLock.nonce(random);
        boolean durable = writeTemporary(temporary, after);
        boolean renamed = false;
        try {
            original.ifPresent(attributes -> keepOwnerAndMode(path, temporary, attributes, warnings));
            if (!Arrays.equals(before, currentContent(path))) {
                return Optional.empty();
            }
            lock.requireHeld();
            guard.run();
            replace(temporary, path, original.isPresent());
            renamed = true;
        } finally {
            if (!renamed) {
                removeQuietly(temporary);
            }
        }
        if (!Arrays.equals(after, currentContent(path))) {
            return Optional.empty();
        }
        return Optional.of(new RemoteEdit(path, true, true, durable, retries, warnings));
    }

    /** Removes what a writer that died under the lock left behind: nobody else writes such files while we hold it. */
    private void clearLeftovers(String directory) {
        for (String name : sftp.list(directory)) {
            if (LEFTOVER.matcher(name).matches()) {
                removeQuietly(directory + "/" + name);
            }
        }
    }

    private boolean writeTemporary(String temporary, byte[] content) {
        try {
            Optional<DurableWrite> durable = sftp.durableWrite();
            if (durable.isPresent()) {
                durable.get().createExclusiveSynced(temporary, NEW_FILE_MODE, content);
                return true;
            }
            sftp.createExclusive(temporary, NEW_FILE_MODE, content);
            return false;
        } catch (SftpException e) {
            removeQuietly(temporary);
            throw notWritable(temporary, e);
        }
    }

    /** sshd wants the file to belong to the user or root, and the owner wants the mode that was there. */
    private void keepOwnerAndMode(String path, String temporary, RemoteAttributes original, List<String> warnings) {
        RemoteAttributes ours = sftp.lstat(temporary)
                .orElseThrow(() -> new RemoteFileException(
                        RemoteFileException.Reason.KEEPS_CHANGING, temporary, "the temporary file has vanished", null));
        if (original.uid().isPresent()
                && ours.uid().isPresent()
                && !original.uid().equals(ours.uid())) {
            try {
                sftp.setOwner(
                        temporary, original.uid().getAsInt(), original.gid().orElse(0));
            } catch (SftpException e) {
                throw new RemoteFileException(
                        RemoteFileException.Reason.FOREIGN_OWNER,
                        path,
                        "it belongs to uid " + original.uid().getAsInt()
                                + ", and only that user or root can replace it",
                        e);
            }
        } else if (original.gid().isPresent() && !original.gid().equals(ours.gid())) {
            try {
                sftp.setOwner(
                        temporary, original.uid().orElseThrow(), original.gid().getAsInt());
            } catch (SftpException e) {
                // The group of this file decides nothing unless the mode gives it something.
                warnings.add("the file's group could not be kept");
            }
        }
        int mode = original.permissions().orElse(NEW_FILE_MODE);
        if (ours.permissions().orElse(-1) != mode) {
            sftp.setPermissions(temporary, mode);
        }
    }

    private void replace(String temporary, String path, boolean exists) {
        try {
            Optional<PosixRename> posixRename = sftp.posixRename();
            if (posixRename.isPresent()) {
                posixRename.get().posixRename(temporary, path);
            } else if (!exists) {
                sftp.rename(temporary, path);
            } else {
                throw new RemoteFileException(
                        RemoteFileException.Reason.NO_ATOMIC_RENAME,
                        path,
                        "this server cannot replace a file in one step (no posix-rename@openssh.com)",
                        null);
            }
        } catch (SftpException e) {
            throw notWritable(path, e);
        }
    }

    private byte[] currentContent(String path) {
        return regular(path).isPresent() ? content(path) : new byte[0];
    }

    private byte[] content(String path) {
        try {
            return sftp.read(path, MAX_FILE_BYTES);
        } catch (LimitExceededException e) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.TOO_LARGE, path, "more than " + MAX_FILE_BYTES + " bytes", e);
        }
    }

    /** The attributes of a regular file, empty when nothing is there; everything else is refused. */
    private Optional<RemoteAttributes> regular(String path) {
        Optional<RemoteAttributes> attributes = sftp.lstat(path);
        if (attributes.isPresent() && attributes.get().kind() != RemoteAttributes.Kind.REGULAR) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_REGULAR,
                    path,
                    "it is no regular file but "
                            + attributes.get().kind().name().toLowerCase(Locale.ROOT),
                    null);
        }
        return attributes;
    }

    /** Expands the tokens of sshd_config(5) and follows symbolic links, which must stay inside the home. */
    private String resolve(String file) {
        StringBuilder expanded = new StringBuilder();
        for (int i = 0; i < file.length(); i++) {
            char c = file.charAt(i);
            char token = c == '%' && i + 1 < file.length() ? file.charAt(++i) : 0;
            switch (token) {
                case 0 -> expanded.append(c);
                case 'h' -> expanded.append(home);
                case 'u' -> expanded.append(user);
                case '%' -> expanded.append('%');
                default ->
                    throw new IllegalArgumentException(
                            "authorized_keys file " + file + ": only %h, %u and %% are known");
            }
        }
        String path = expanded.charAt(0) == '/' ? expanded.toString() : home + "/" + expanded;
        boolean atHome = path.startsWith(home + "/");
        String real = realPath(path);
        if (atHome && !real.startsWith(home.equals("/") ? "/" : home + "/")) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.OUTSIDE_HOME,
                    path,
                    "a symbolic link leads out of the home directory, to " + real,
                    null);
        }
        return real;
    }

    /** The real path of a file that may not be there yet, whose directory may not be there yet either. */
    private String realPath(String path) {
        Optional<RemoteAttributes> found = sftp.lstat(path);
        if (found.isPresent()) {
            if (found.get().kind() == RemoteAttributes.Kind.SYMLINK
                    && sftp.stat(path).isEmpty()) {
                throw new RemoteFileException(
                        RemoteFileException.Reason.NOT_REGULAR, path, "it is a symbolic link that leads nowhere", null);
            }
            return sftp.realPath(path);
        }
        String parent = parent(path);
        return (parent.isEmpty() || parent.equals("/") ? "" : realPath(parent)) + path.substring(path.lastIndexOf('/'));
    }

    private void makeDirectories(String directory) {
        if (directory.isEmpty() || sftp.lstat(directory).isPresent()) {
            return;
        }
        makeDirectories(parent(directory));
        try {
            sftp.makeDirectory(directory, NEW_DIRECTORY_MODE);
        } catch (SftpException e) {
            // Another editor may have made it at the same moment.
            if (sftp.lstat(directory).isEmpty()) {
                throw notWritable(directory, e);
            }
        }
    }

    /** What sshd(8) looks at under StrictModes: the file and every directory up to the home, or up to the root outside it. */
    private List<String> strictModesTrouble(String path) {
        List<String> trouble = new ArrayList<>();
        Optional<Integer> homeOwner = sftp.stat(home)
                .flatMap(a -> a.uid().isPresent() ? Optional.of(a.uid().getAsInt()) : Optional.empty());
        String place = path;
        while (!place.isEmpty()) {
            Optional<RemoteAttributes> attributes = sftp.stat(place);
            if (attributes.isPresent()) {
                inspectModes(place, attributes.get(), homeOwner, trouble);
            }
            if (place.equals(home)) {
                break;
            }
            place = parent(place);
        }
        return trouble;
    }

    private static void inspectModes(
            String place, RemoteAttributes attributes, Optional<Integer> homeOwner, List<String> trouble) {
        int mode = attributes.permissions().orElse(0);
        if ((mode & GROUP_OR_WORLD_WRITE) != 0) {
            trouble.add(String.format(
                    Locale.ROOT,
                    "%s has mode %04o: sshd ignores the file while group or others may write"
                            + " (some builds forgive the user's own group); run chmod go-w on it",
                    place,
                    mode));
        }
        boolean foreign = attributes.uid().isPresent()
                && attributes.uid().getAsInt() != 0
                && homeOwner.isPresent()
                && !Objects.equals(homeOwner.get(), attributes.uid().getAsInt());
        if (foreign) {
            trouble.add(place + " belongs to uid " + attributes.uid().getAsInt()
                    + ": sshd ignores the file unless the user or root owns it");
        }
    }

    private void removeQuietly(String temporary) {
        try {
            sftp.remove(temporary);
        } catch (TransportException e) {
            // It was never made, or what stands in the way is being reported already. Where the connection is gone the
            // lock
            // is left as well, and whoever breaks it clears the directory.
            LOG.debug("{} could not be removed: {}", temporary, e.getMessage());
        }
    }

    private static RemoteFileException notWritable(String path, SftpException e) {
        return new RemoteFileException(
                RemoteFileException.Reason.NOT_WRITABLE,
                path,
                "it cannot be written (" + e.status() + "): check permissions, free space and mount options",
                e);
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? (path.length() > 1 && slash == 0 ? "/" : "") : path.substring(0, slash);
    }

    /** Closes the SFTP session. */
    @Override
    public void close() {
        sftp.close();
    }
}
