package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.HeldFile;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Edits over SFTP: resolve the path; refuse what is not a regular file of this account; lock; read; edit; replace; read
 * back; unlock. What replacing means is the {@link SftpReplacement}'s.
 *
 * <p>SFTP has no compare-and-rename. A foreign writer that ignores the lock and writes into the file in the one round trip
 * between the comparison and the rename is found out afterwards, since the original is kept open: what it wrote is brought
 * back, and the edit says so. One that renames a file of its own over the original in that round trip goes unnoticed. What
 * is written after the rename is noticed by reading back.
 */
final class SftpEditor implements FileEditor {
    private static final Pattern LEFTOVER =
            Pattern.compile("(\\.keywright(?<waits>-wait)?|.*\\.keywright-lock-(broken|clock))-[0-9a-f]{16}");
    // A shell's file waits for its lock, which nobody waits for as long.
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final SftpFiles files;
    private final SftpSession sftp;
    private final SftpReplacement replacement;
    private final List<String> standardFiles;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;

    SftpEditor(
            SftpFiles files,
            SftpReplacement replacement,
            List<String> standardFiles,
            RemoteLock.Owner owner,
            SecureRandom random,
            Pause pause) {
        this.files = files;
        this.sftp = files.session();
        this.replacement = replacement;
        this.standardFiles = List.copyOf(standardFiles);
        this.owner = owner;
        this.random = random;
        this.pause = pause;
    }

    @Override
    public EditMethod method() {
        return replacement.method();
    }

    @Override
    public String home() {
        return files.home();
    }

    @Override
    public List<String> standardFiles() {
        return standardFiles;
    }

    @Override
    public RemoteFile read(String path) {
        String real = files.resolve(path);
        Optional<RemoteAttributes> attributes = files.regular(real);
        AuthorizedKeys keys =
                attributes.isPresent() ? AuthorizedKeys.parse(files.content(real)) : AuthorizedKeys.empty();
        return new RemoteFile(real, attributes.isPresent(), keys, files.strictModesTrouble(real));
    }

    @Override
    public AuthorizedKeys keys(String path) {
        return AuthorizedKeys.parse(files.currentContent(files.resolve(path)));
    }

    @Override
    public RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        String place = files.resolve(path);
        // Nothing to do is by far the cheapest answer, and needs no lock.
        byte[] now = files.currentContent(place);
        String directory = FileEditor.parent(place);
        boolean nothingToDo =
                Arrays.equals(edit.apply(AuthorizedKeys.parse(now)).toBytes(), now);
        if (nothingToDo && !(owner.tidies() && sftp.lstat(directory).isPresent())) {
            List<String> leftovers = files.regular(place).isPresent() ? replacement.leftovers(place) : List.of();
            return new RemoteEdit(place, method(), false, true, true, 0, leftovers);
        }
        // A directory that was just made, or a link in it, may have changed what the path means.
        String real = files.makeDirectories(directory) ? files.resolve(path) : place;
        try (RemoteLock lock = RemoteLock.take(sftp, real, owner, random, pause)) {
            if (lock.brokeAnother() || owner.tidies()) {
                clearLeftovers(FileEditor.parent(real), lock.taken());
            }
            return new Rounds(real, edit, () -> {
                        lock.requireHeld();
                        guard.run();
                    })
                    .run();
        } catch (RemoteFileException e) {
            if (nothingToDo && e.reason() == RemoteFileException.Reason.NOT_WRITABLE) {
                return RemoteEdit.unchanged(real, method(), 0); // and what cannot be locked cannot be tidied
            }
            throw e;
        }
    }

    /** The rounds of one edit under the lock, as many as foreign writers make it need. */
    private final class Rounds {
        private final String path;
        private final UnaryOperator<AuthorizedKeys> edit;
        private final Runnable mayWrite;
        private final List<String> warnings = new ArrayList<>();
        private boolean wrote;
        private byte @Nullable [] overtaken;

        Rounds(String path, UnaryOperator<AuthorizedKeys> edit, Runnable mayWrite) {
            this.path = path;
            this.edit = edit;
            this.mayWrite = mayWrite;
        }

        RemoteEdit run() {
            for (int start = 0; start < MAX_STARTS; start++) {
                Optional<RemoteEdit> done = once(start);
                if (done.isPresent()) {
                    return done.get();
                }
            }
            throw FileEditor.keepsChanging(path);
        }

        private Optional<RemoteEdit> once(int retries) {
            Optional<RemoteAttributes> original = files.regular(path);
            Optional<HeldFile> held = original.isPresent() ? sftp.hold(path) : Optional.empty();
            try {
                byte[] before = held.isPresent() ? files.content(held.get(), path) : files.currentContent(path);
                byte[] base = overtaken == null ? before : overtaken;
                byte[] after = edit.apply(AuthorizedKeys.parse(base)).toBytes();
                if (Arrays.equals(before, after)) {
                    return Optional.of(new RemoteEdit(path, method(), wrote, true, !wrote, retries, warnings));
                }
                return next(
                        replacement.replace(new SftpReplacement.Change(path, original, held, before, after, mayWrite)),
                        retries);
            } finally {
                held.ifPresent(HeldFile::close);
            }
        }

        private Optional<RemoteEdit> next(SftpReplacement.Result result, int retries) {
            if (result instanceof SftpReplacement.Result.Done done) {
                warnings.addAll(done.warnings());
                return Optional.of(
                        new RemoteEdit(path, method(), true, done.atomic(), done.durable(), retries, warnings));
            } else if (result instanceof SftpReplacement.Result.Overtaken other) {
                wrote = true;
                overtaken = other.overtaken();
                warnings.add(
                        "another program, which takes no lock, wrote to the file in the moment in which it was replaced;"
                                + " what it wrote was brought back");
            } else if (result instanceof SftpReplacement.Result.Again again) {
                wrote |= again.wrote();
                // Whoever wrote since has seen what is there: it is the base from now on.
                overtaken = null;
            }
            return Optional.empty();
        }
    }

    /** Removes what a writer that died under the lock left behind: nobody else writes such files while we hold it. */
    private void clearLeftovers(String directory, Optional<Instant> now) {
        for (String name : sftp.list(directory)) {
            Matcher leftover = LEFTOVER.matcher(name);
            String path = directory + "/" + name;
            if (leftover.matches() && (leftover.group("waits") == null || isAbandoned(path, now))) {
                bury(path);
            }
        }
    }

    private boolean isAbandoned(String path, Optional<Instant> now) {
        Optional<Instant> written = sftp.lstat(path).flatMap(RemoteAttributes::modified);
        return now.isPresent()
                && written.isPresent()
                && Duration.between(written.get(), now.get()).compareTo(ABANDONED) > 0;
    }

    private void bury(String path) {
        try {
            RemoteLock.bury(sftp, path);
        } catch (SftpException e) {
            // It is in nobody's way, and whoever tidies next finds it again.
            files.removeQuietly(path);
        }
    }

    @Override
    public void close() {
        sftp.close();
    }
}
