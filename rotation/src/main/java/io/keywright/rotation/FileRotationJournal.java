package io.keywright.rotation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A rotation journal in a directory: one file for each rotation, one JSON line for each entry.
 *
 * <pre>
 * DIRECTORY/              0700
 *   CREDENTIAL/           0700
 *     ROTATION.jsonl      0600
 *     lock                0600, empty, held while one of the others is written
 * </pre>
 *
 * <p>A file appears under its name when it has its first lines, and all of them are on the disk. An append is forced to disk
 * before it returns. Lines are numbered and their checksums are chained; a last line that a
 * crash cut off was never acknowledged and is left out, anything else that is wrong is a {@link JournalException} with file
 * and line. What a crash leaves of one append is a beginning of it. Directories and files that others may reach, or that
 * somebody else owns, are refused. Needs a file system with POSIX permissions, and with locks where several machines use it.
 *
 * <p>Thread-safe. That a rotation has one writer is the business of the credential's {@link CredentialStore.Lease}; a second
 * one is refused when it writes at the same time, or behind lines that it has not read.
 */
public final class FileRotationJournal implements RotationJournal {
    /** A rotation's id is a file name and is sorted as text. */
    private static final String ROTATION = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";

    private static final String SUFFIX = ".jsonl";
    private static final String LOCK = "lock";

    private final Path root;
    private final DurableFiles files;

    private FileRotationJournal(Path root, DurableFiles files) {
        this.root = root;
        this.files = files;
    }

    /**
     * Opens the journals in a directory, which is made when it is missing.
     *
     * @param directory for nothing but journals
     * @return the journals
     * @throws JournalException when the directory cannot be made or read, is open to other users or belongs to one
     */
    public static FileRotationJournal open(Path directory) {
        return open(directory, DurableFiles.plain());
    }

    static FileRotationJournal open(Path directory, DurableFiles files) {
        try {
            return new FileRotationJournal(files.root(directory), files);
        } catch (IOException e) {
            throw failed("cannot open the journals in " + directory, e);
        }
    }

    @Override
    public Log begin(String credential, String rotation, List<JournalEntry> beginning) {
        Credential.requireName(credential);
        if (!rotation.matches(ROTATION)) {
            throw new IllegalArgumentException(
                    "a rotation's id has 1 to 128 letters, digits, '.', '_' or '-' and does not begin with '.' or '-'");
        }
        if (beginning.isEmpty()) {
            throw new IllegalArgumentException("a rotation begins with an entry");
        }
        Path directory = root.resolve(credential);
        Path file = directory.resolve(rotation + SUFFIX);
        try {
            files.createDirectory(directory);
            LockFile alone = writing(files, file);
            try {
                Optional<String> latest = latest(credential);
                if (latest.isPresent() && latest.get().compareTo(rotation) >= 0) {
                    throw new JournalException(
                            "rotation " + rotation + " of " + credential + " must come after " + latest.get(), null);
                }
                return JournalFile.begin(files, file, credential, rotation, beginning);
            } finally {
                alone.close();
            }
        } catch (IOException e) {
            throw failed("cannot begin the journal " + file, e);
        }
    }

    /**
     * Keeps everybody else from writing in the directory of a journal until it is closed. Nobody waits for it: who finds another
     * writer there is one of two that think the rotation theirs, and a writer that was stopped would be waited for for ever.
     */
    static LockFile writing(DurableFiles files, Path file) throws IOException {
        return LockFile.tryExclusive(files, file.resolveSibling(LOCK))
                .orElseThrow(() -> new JournalException(
                        "somebody else is writing beside " + file + " at this moment: nothing was written", null));
    }

    @Override
    public Optional<Log> openLatest(String credential) {
        Credential.requireName(credential);
        try {
            Optional<String> latest = latest(credential);
            if (latest.isEmpty()) {
                return Optional.empty();
            }
            Path file = root.resolve(credential).resolve(latest.get() + SUFFIX);
            return Optional.of(JournalFile.open(files, file, credential, latest.get()));
        } catch (IOException e) {
            throw failed("cannot read the journals of " + credential, e);
        }
    }

    private Optional<String> latest(String credential) throws IOException {
        Path directory = root.resolve(credential);
        List<Path> paths = files.list(directory);
        if (Files.exists(directory)) {
            files.requirePrivate(directory, true);
        }
        return paths.stream()
                .map(path -> String.valueOf(path.getFileName()))
                .filter(name -> name.endsWith(SUFFIX))
                .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                .filter(rotation -> rotation.matches(ROTATION))
                .max(Comparator.naturalOrder());
    }

    static JournalException failed(String what, IOException e) {
        return new JournalException(what + ": " + DurableFiles.reason(e), e);
    }

    /** Names the directory. */
    @Override
    public String toString() {
        return "FileRotationJournal[" + root + "]";
    }
}
