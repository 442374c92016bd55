package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.rotation.JsonFields.DamagedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The root of a directory store: the header, the lock of the whole, and a directory of credentials for each epoch.
 *
 * <p>An epoch is the time of one secret. A change of the secret builds the next epoch's directory beside the one in use, its
 * future header as {@code store.next.json}, and then renames that to {@code store.json}: one step. A lower epoch's directory is a rest to be removed; a higher
 * one is a change that was interrupted. Whoever has the store open holds the lock shared, and alone to change the secret.
 * Thread-safe but for {@link #reencrypt}.
 */
final class StoreDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDirectory.class);
    /** As {@link Credential#requireName} has it. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private static final Pattern EPOCH = Pattern.compile("credentials-([0-9]{1,9})");

    private final DurableFiles files;
    private final Path root;
    private final DirectoryStoreSettings settings;

    StoreDirectory(DurableFiles files, Path root, DirectoryStoreSettings settings) {
        this.files = files;
        this.root = root;
        this.settings = settings;
    }

    /** The keys of an epoch, and the right to use them. */
    static final class Unlocked implements AutoCloseable {
        private final int epoch;
        private final StoreKeys keys;
        private @Nullable LockFile shared;

        Unlocked(int epoch, StoreKeys keys) {
            this.epoch = epoch;
            this.keys = keys;
        }

        void releaseLock() {
            LockFile held = shared;
            shared = null;
            if (held != null) {
                held.close();
            }
        }

        @Override
        public void close() {
            keys.close();
            releaseLock();
        }
    }

    Path root() {
        return root;
    }

    CredentialDirectory credential(Unlocked open, String name) {
        return new CredentialDirectory(files, epoch(open.epoch).resolve(name), name, open.keys, settings);
    }

    /** The names of all that has a directory, known or only leased once. */
    List<String> credentials(Unlocked open) throws IOException {
        List<String> names = new ArrayList<>();
        for (Path path : files.list(epoch(open.epoch))) {
            if (isCredential(path)) {
                names.add(String.valueOf(path.getFileName()));
            }
        }
        return names;
    }

    private static boolean isCredential(Path path) {
        return NAME.matcher(String.valueOf(path.getFileName())).matches()
                && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    // --- opening ---

    Unlocked open(Passphrase secret) throws IOException {
        if (!Files.exists(headerFile(), LinkOption.NOFOLLOW_LINKS)) {
            LockFile alone = exclusive("made");
            try {
                create(secret);
            } finally {
                alone.close();
            }
        }
        removeOldEpochsUnlessInUse();
        LockFile shared = shared();
        try {
            StoreHeader header = header();
            files.requirePrivate(epoch(header.epoch()), true);
            Unlocked open = new Unlocked(header.epoch(), header.unlock(secret, wrongSecret()));
            open.shared = shared;
            return open;
        } catch (IOException | RuntimeException | Error e) {
            shared.close();
            throw e;
        }
    }

    /** Makes an empty store, unless another process was faster. */
    private void create(Passphrase secret) throws IOException {
        if (Files.exists(headerFile(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (Path path : files.list(root)) {
            String name = String.valueOf(path.getFileName());
            boolean epoch = EPOCH.matcher(name).matches();
            if (path.equals(nextHeaderFile()) || (epoch && !files.list(path).isEmpty())) {
                throw new StoreDamagedException(
                        "the file " + headerFile() + " of the store is missing; restore it from a backup", null);
            }
            if (!epoch && !path.equals(lockFile()) && !name.endsWith(DurableFiles.TEMPORARY)) {
                throw new StoreException(
                        root + " is no store, and not empty either: it holds " + name
                                + "; name a directory that is missing or empty",
                        null);
            }
        }
        files.createDirectory(epoch(1));
        writeHeader(headerFile(), 1, secret).close();
    }

    private String wrongSecret() {
        String refusal = "the secret is not that of the store in " + root;
        return Files.exists(nextHeaderFile(), LinkOption.NOFOLLOW_LINKS)
                ? refusal + "; a change of the secret was begun and not finished: open the store with the old secret"
                        + " and change it again"
                : refusal;
    }

    // --- the lock ---

    /** Takes the lock for the caller alone. */
    LockFile exclusive(String what) throws IOException {
        return LockFile.tryExclusive(files, lockFile())
                .orElseThrow(() -> new CredentialBusyException(
                        "the store in " + root + " cannot be " + what + " while somebody else has it open", null));
    }

    private LockFile shared() throws IOException {
        return LockFile.tryShared(files, lockFile())
                .orElseThrow(() -> new CredentialBusyException(
                        "somebody else is changing the secret of the store in " + root + "; try again later", null));
    }

    /** Shares the lock again after it was given up; the store may be another's meanwhile. */
    void shareAgain(Unlocked open) throws IOException {
        open.shared = shared();
        requireSameEpoch(open);
    }

    private void requireSameEpoch(Unlocked open) throws IOException {
        if (header().epoch() != open.epoch) {
            throw new StoreSecretException("the secret of the store in " + root + " was changed: open it again", null);
        }
    }

    // --- changing the secret ---

    /** Encrypts everything anew and makes the new secret the store's. The caller holds the lock alone. */
    Unlocked reencrypt(Unlocked old, Passphrase newSecret) throws IOException {
        requireSameEpoch(old);
        requireNothingForeign(epoch(old.epoch));
        int next = old.epoch + 1;
        StoreKeys keys = resume(next, newSecret);
        if (keys == null) {
            files.delete(nextHeaderFile());
            files.deleteTree(epoch(next));
            files.createDirectory(epoch(next));
            keys = writeHeader(nextHeaderFile(), next, newSecret);
        }
        Unlocked fresh = new Unlocked(next, keys);
        try {
            for (String name : credentials(old)) {
                credential(old, name).copyTo(credential(fresh, name));
            }
            files.rename(nextHeaderFile(), headerFile());
            return fresh;
        } catch (IOException | RuntimeException | Error e) {
            fresh.close();
            throw e;
        }
    }

    /** The keys of an interrupted change to the same secret, or null when there is none. */
    private @Nullable StoreKeys resume(int next, Passphrase newSecret) throws IOException {
        if (!Files.exists(nextHeaderFile(), LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try {
            StoreHeader begun = header(nextHeaderFile());
            return begun.epoch() == next ? begun.unlock(newSecret, "another secret was begun with") : null;
        } catch (StoreSecretException | StoreDamagedException e) {
            LOG.info("a change of the secret of the store in {} is begun anew: {}", root, e.getMessage());
            return null;
        }
    }

    /** What is not ours would go with the old epoch. */
    private void requireNothingForeign(Path epoch) throws IOException {
        for (Path path : files.list(epoch)) {
            if (!isCredential(path)) {
                throw new StoreException("move " + path + " elsewhere: it does not belong to the store", null);
            }
        }
    }

    /** Removes the files of earlier secrets. The caller holds the lock alone. */
    void removeOldEpochs() throws IOException {
        int current = header().epoch();
        for (Path path : files.list(root)) {
            Matcher epoch = EPOCH.matcher(String.valueOf(path.getFileName()));
            if (epoch.matches() && Integer.parseInt(epoch.group(1)) < current) {
                files.deleteTree(path);
            }
        }
    }

    private void removeOldEpochsUnlessInUse() throws IOException {
        int current = header().epoch();
        boolean rests = files.list(root).stream()
                .map(path -> EPOCH.matcher(String.valueOf(path.getFileName())))
                .anyMatch(epoch -> epoch.matches() && Integer.parseInt(epoch.group(1)) < current);
        Optional<LockFile> alone = rests ? LockFile.tryExclusive(files, lockFile()) : Optional.empty();
        if (alone.isPresent()) {
            try {
                removeOldEpochs();
            } finally {
                alone.get().close();
            }
        }
    }

    // --- files ---

    private StoreHeader header() throws IOException {
        return header(headerFile());
    }

    private StoreHeader header(Path file) throws IOException {
        try {
            return StoreHeader.decode(files.read(file, StoreHeader.MAX_BYTES));
        } catch (DamagedException e) {
            throw new StoreDamagedException(
                    "the file " + file + " of the store is damaged: " + e.getMessage() + "; restore it from a backup",
                    null);
        }
    }

    private StoreKeys writeHeader(Path file, int epoch, Passphrase secret) throws IOException {
        byte[] salt = new byte[StoreHeader.SALT_BYTES];
        settings.random().nextBytes(salt);
        StoreKeys keys = StoreKeys.derive(secret, settings.scryptCost(), salt);
        try {
            files.replace(file, new StoreHeader(epoch, settings.scryptCost(), salt, keys.check()).encode());
            return keys;
        } catch (IOException | RuntimeException | Error e) {
            keys.close();
            throw e;
        }
    }

    private Path headerFile() {
        return root.resolve("store.json");
    }

    private Path nextHeaderFile() {
        return root.resolve("store.next.json");
    }

    private Path lockFile() {
        return root.resolve("store.lock");
    }

    private Path epoch(int number) {
        return root.resolve("credentials-" + number);
    }
}
