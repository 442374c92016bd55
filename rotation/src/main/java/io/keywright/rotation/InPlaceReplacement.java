package io.keywright.rotation;

import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Writing into the file itself, for servers that cannot rename over a file. Nothing about it is atomic.
 *
 * <p>What only adds is appended. Everything else is done while the old content lies beside the file and a second session is
 * open, which puts it back when writing fails. The new content is first appended to the old, then written over it from the
 * beginning, and the file cut to its length: wherever that ends early, every line of the new content is in the file.
 *
 * <p>Where it does end early, with the connection, the old content stays beside the file. The next edit removes it when the
 * file still holds the same, for then nothing had been written. Otherwise it only tells: what has become of the file since,
 * and by whom, nobody knows, and no key is missing from it.
 */
final class InPlaceReplacement implements SftpReplacement {
    private static final String BACKUP = ".keywright-backup-";

    private final SftpFiles files;
    private final EditMethod method;
    private final SecureRandom random;
    private final SshConnection connection;
    private final Supplier<SshConnection> second;
    private final Consumer<String> created;

    /**
     * Makes a replacement.
     *
     * @param connection the one that the session is on
     * @param second opens a second connection, or gives the first again where there is no other
     * @param created hears of a file that was made, before it holds anything
     */
    InPlaceReplacement(
            SftpFiles files,
            EditMethod method,
            SecureRandom random,
            SshConnection connection,
            Supplier<SshConnection> second,
            Consumer<String> created) {
        this.files = files;
        this.method = method;
        this.random = random;
        this.connection = connection;
        this.second = second;
        this.created = created;
    }

    @Override
    public EditMethod method() {
        return method;
    }

    @Override
    public Result replace(Change change) {
        String path = change.path();
        try {
            if (change.original().isEmpty()) {
                make(path);
            }
            if (!Arrays.equals(change.before(), files.currentContent(path))) {
                return new Result.Again(false);
            }
            removeUselessBackups(change);
            Optional<byte[]> addition = Addition.of(change.before(), change.after());
            if (addition.isPresent()) {
                return append(change, addition.get());
            }
            return overwrite(change);
        } catch (SftpException e) {
            throw SftpFiles.notWritable(path, e);
        }
    }

    private void make(String path) {
        files.create(path, new byte[0]);
        try {
            created.accept(path);
        } catch (RemoteFileException e) {
            files.removeQuietly(path);
            throw e;
        }
    }

    private Result append(Change change, byte[] addition) {
        change.mayWrite().get().run();
        files.session().append(change.path(), addition);
        byte[] expected = Arrays.copyOf(change.before(), change.before().length + addition.length);
        System.arraycopy(addition, 0, expected, change.before().length, addition.length);
        if (!Arrays.equals(expected, files.currentContent(change.path()))) {
            return new Result.Again(true);
        }
        return new Result.Done(false, false, leftovers(change.path()));
    }

    private Result overwrite(Change change) {
        String path = change.path();
        String backup = path + BACKUP + RemoteLock.nonce(random);
        files.create(backup, change.before());
        boolean writing = false;
        try (Spare spare = Spare.open(second, connection)) {
            change.mayWrite().get().run();
            writing = true;
            try {
                write(files.session(), path, change);
            } catch (TransportException e) {
                restore(spare.sftp(), change, backup, e);
                throw e;
            }
            byte[] now = files.currentContent(path);
            files.session().remove(backup);
            return Arrays.equals(now, change.after())
                    ? new Result.Done(false, false, leftovers(path))
                    : new Result.Again(true);
        } finally {
            if (!writing) {
                files.removeQuietly(backup);
            }
        }
    }

    private static void write(SftpSession sftp, String path, Change change) {
        byte[] before = change.before();
        ByteArrayOutputStream addition = new ByteArrayOutputStream();
        if (before.length > 0 && before[before.length - 1] != '\n') {
            addition.write('\n');
        }
        addition.writeBytes(change.after());
        sftp.append(path, addition.toByteArray());
        sftp.overwrite(path, change.after());
    }

    /** Puts the old content back by the second session, unless the new one has arrived all the same. */
    private static void restore(SftpSession spare, Change change, String backup, TransportException failure) {
        try {
            if (!Arrays.equals(spare.read(change.path(), FileEditor.MAX_FILE_BYTES), change.after())) {
                spare.overwrite(change.path(), change.before());
            }
            spare.remove(backup);
        } catch (TransportException e) {
            failure.addSuppressed(e);
            throw new RemoteFileException(
                    RemoteFileException.Reason.NOT_RESTORED,
                    change.path(),
                    "writing it failed, and so did putting the old content back, which is in " + backup,
                    failure);
        }
    }

    /** Under the lock: whoever made them is gone. */
    private void removeUselessBackups(Change change) {
        for (String backup : backups(change.path())) {
            if (Arrays.equals(files.content(backup), change.before())) {
                files.removeQuietly(backup);
            }
        }
    }

    /** Tells of backups that edits have left which were cut off. */
    @Override
    public List<String> leftovers(String path) {
        return backups(path).stream()
                .map(backup -> "an edit that was cut off has left the content before it in " + backup
                        + ": no key is missing from the file, but some of its lines may be there twice, or in part;"
                        + " compare the two, then remove the backup")
                .toList();
    }

    private List<String> backups(String path) {
        String directory = FileEditor.parent(path);
        return files.session().list(directory).stream()
                .map(name -> directory + "/" + name)
                .filter(found -> found.startsWith(path + BACKUP))
                .sorted()
                .toList();
    }

    /** A second session that stands ready, on a connection of its own where one could be had. */
    private record Spare(SftpSession sftp, Runnable hangUp) implements AutoCloseable {
        static Spare open(Supplier<SshConnection> second, SshConnection first) {
            SshConnection other = second.get();
            boolean shared = other == first;
            try {
                return new Spare(other.openSftp(), shared ? () -> {} : other::close);
            } catch (RuntimeException e) {
                if (!shared) {
                    other.close();
                }
                throw e;
            }
        }

        @Override
        public void close() {
            sftp.close();
            hangUp.run();
        }
    }
}
