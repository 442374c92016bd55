package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Edits over SFTP: resolve the path; refuse what is not a regular file of this account; lock; read; edit; replace; read
 * back; unlock. What replacing means is the {@link SftpReplacement}'s.
 *
 * <p>SFTP has no compare-and-rename: a foreign writer that ignores the lock can still lose its change in the one round trip
 * before the replacement; a change that it makes right after it is noticed by reading back.
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
    public RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        String place = files.resolve(path);
        // Nothing to do is by far the cheapest answer, and needs no lock.
        byte[] now = files.currentContent(place);
        String directory = FileEditor.parent(place);
        if (Arrays.equals(edit.apply(AuthorizedKeys.parse(now)).toBytes(), now)
                && !(owner.tidies() && sftp.lstat(directory).isPresent())) {
            return RemoteEdit.unchanged(place, method(), 0);
        }
        files.makeDirectories(directory);
        // A directory that was just made, or a link in it, may have changed what the path means.
        String real = files.resolve(path);
        try (RemoteLock lock = RemoteLock.take(sftp, real, owner, random, pause)) {
            if (lock.brokeAnother() || owner.tidies()) {
                clearLeftovers(FileEditor.parent(real), lock.taken());
            }
            for (int start = 0; start < MAX_STARTS; start++) {
                Optional<RemoteEdit> done = editOnce(real, edit, guard, lock, start);
                if (done.isPresent()) {
                    return done.get();
                }
            }
        }
        throw FileEditor.keepsChanging(real);
    }

    /** One round under the lock; empty when a foreign writer came between. */
    private Optional<RemoteEdit> editOnce(
            String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard, RemoteLock lock, int retries) {
        Optional<RemoteAttributes> original = files.regular(path);
        byte[] before = original.isPresent() ? files.content(path) : new byte[0];
        byte[] after = edit.apply(AuthorizedKeys.parse(before)).toBytes();
        if (Arrays.equals(before, after)) {
            return Optional.of(RemoteEdit.unchanged(path, method(), retries));
        }
        return replacement.replace(new SftpReplacement.Change(path, original, before, after, retries, () -> {
            lock.requireHeld();
            guard.run();
        }));
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
