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
        SftpFiles.Found found = files.find(path);
        return new RemoteFile(
                found.path(),
                found.attributes().isPresent(),
                AuthorizedKeys.parse(files.content(found)),
                files.strictModesTrouble(found.path()));
    }

    @Override
    public AuthorizedKeys keys(String path) {
        return AuthorizedKeys.parse(files.content(files.find(path)));
    }

    @Override
    public RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        SftpFiles.Found found = files.find(path);
        try (Reading before = Reading.of(files, found.path(), found.attributes())) {
            // Nothing to do is by far the cheapest answer, and needs no lock.
            boolean nothingToDo = Arrays.equals(before.edited(edit), before.content());
            if (nothingToDo && !(owner.tidies() && found.hasDirectory())) {
                List<String> leftovers =
                        found.attributes().isPresent() ? replacement.leftovers(found.path()) : List.of();
                return new RemoteEdit(found.path(), method(), false, true, true, 0, leftovers);
            }
            // A directory that was just made, or a link in it, may have changed what the path means.
            boolean made = !found.hasDirectory() && files.makeDirectories(FileEditor.parent(found.path()));
            String real = made ? files.find(path).path() : found.path();
            return editLocked(real, edit, guard, made ? Optional.empty() : Optional.of(before), nothingToDo);
        }
    }

    private RemoteEdit editLocked(
            String real,
            UnaryOperator<AuthorizedKeys> edit,
            Runnable guard,
            Optional<Reading> before,
            boolean nothingToDo) {
        try (RemoteLock lock = RemoteLock.take(sftp, real, owner, random, pause)) {
            if (lock.brokeAnother() || owner.tidies()) {
                clearLeftovers(FileEditor.parent(real), lock.taken());
            }
            // What was read before the lock is compared before anything is written. Where others held the lock in
            // between, it is hardly what is there now.
            return new Rounds(real, edit, lock, guard).run(before.filter(reading -> lock.takenAtOnce()));
        } catch (RemoteFileException e) {
            if (nothingToDo && e.reason() == RemoteFileException.Reason.NOT_WRITABLE) {
                return RemoteEdit.unchanged(real, method(), 0); // and what cannot be locked cannot be tidied
            }
            throw e;
        }
    }

    /** A file as it was read, kept open where that is possible. */
    @SuppressWarnings("ArrayRecordComponent") // lives for one round
    private record Reading(Optional<RemoteAttributes> attributes, Optional<HeldFile> held, byte[] content)
            implements AutoCloseable {
        static Reading of(SftpFiles files, String path, Optional<RemoteAttributes> attributes) {
            Optional<HeldFile> held =
                    attributes.flatMap(there -> files.session().hold(path));
            boolean read = false;
            try {
                byte[] content = held.isPresent()
                        ? files.content(held.get(), path)
                        : attributes.isPresent() ? files.content(path) : new byte[0];
                read = true;
                return new Reading(attributes, held, content);
            } finally {
                if (!read) {
                    held.ifPresent(HeldFile::close);
                }
            }
        }

        byte[] edited(UnaryOperator<AuthorizedKeys> edit) {
            return edit.apply(AuthorizedKeys.parse(content)).toBytes();
        }

        @Override
        public void close() {
            held.ifPresent(HeldFile::close);
        }
    }

    /** The rounds of one edit under the lock, as many as foreign writers make it need. */
    private final class Rounds {
        private final String path;
        private final UnaryOperator<AuthorizedKeys> edit;
        private final RemoteLock lock;
        private final Runnable guard;
        private final List<String> warnings = new ArrayList<>();
        private boolean wrote;
        private byte @Nullable [] overtaken;

        Rounds(String path, UnaryOperator<AuthorizedKeys> edit, RemoteLock lock, Runnable guard) {
            this.path = path;
            this.edit = edit;
            this.lock = lock;
            this.guard = guard;
        }

        /**
         * Goes through them.
         *
         * @param before what was read just before the lock was taken, for the first round
         */
        RemoteEdit run(Optional<Reading> before) {
            Optional<RemoteEdit> done = before.isPresent() ? once(before.get(), 0) : again(0);
            for (int start = 1; done.isEmpty() && start < MAX_STARTS; start++) {
                done = again(start);
            }
            return done.orElseThrow(() -> FileEditor.keepsChanging(path));
        }

        private Optional<RemoteEdit> again(int retries) {
            try (Reading before = Reading.of(files, path, files.regular(path))) {
                return once(before, retries);
            }
        }

        private Optional<RemoteEdit> once(Reading reading, int retries) {
            byte[] before = reading.content();
            byte[] base = overtaken == null ? before : overtaken;
            byte[] after = edit.apply(AuthorizedKeys.parse(base)).toBytes();
            if (Arrays.equals(before, after)) {
                return Optional.of(done(wrote, true, !wrote, retries));
            }
            return next(
                    replacement.replace(new SftpReplacement.Change(
                            path,
                            reading.attributes(),
                            reading.held(),
                            before,
                            after,
                            this::sendMayWrite,
                            lock::prepareRelease)),
                    retries);
        }

        private Runnable sendMayWrite() {
            Runnable held = lock.sendRequireHeld();
            return () -> {
                held.run();
                guard.run();
            };
        }

        private Optional<RemoteEdit> next(SftpReplacement.Result result, int retries) {
            if (result instanceof SftpReplacement.Result.Done done) {
                warnings.addAll(done.warnings());
                return Optional.of(done(true, done.atomic(), done.durable(), retries));
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

        private RemoteEdit done(boolean changed, boolean atomic, boolean durable, int retries) {
            files.removeLeft().ifPresent(warnings::add);
            return new RemoteEdit(path, method(), changed, atomic, durable, retries, warnings);
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
