package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.CredentialLabels.Stored;
import io.keywright.rotation.KeyVersion.Label;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A credential store in a directory, of files that outlive this library: every private key is a standard
 * {@code openssh-key-v1} file, encrypted with AES-256 under the store's secret, that {@code ssh-keygen -y -f FILE} opens.
 *
 * <pre>
 * DIRECTORY/                    0700
 *   store.json                  how keys come from the secret, and which directory is in use
 *   store.lock
 *   credentials-1/CREDENTIAL/   0700
 *     v0001                     0600, a version's private key
 *     v0001.pub                 its public half, kept for ever
 *     labels.jsonl              what is known, authenticated under the secret; its replacement is the one atomic step
 *     password-0001             AES-256-GCM
 *     fence.json                the number of the latest lease, authenticated too
 *     lock
 * </pre>
 *
 * <p>Whatever happens, also a crash of the machine at any instant: a change has happened, or it has not. Files are written
 * beside, forced to disk, renamed, and their directory is forced. Files and directories that others may reach, or that
 * belong to somebody else, are refused. A wrong secret is told apart from a damaged file ({@link StoreSecretException},
 * {@link StoreDamagedException}). Needs a file system with POSIX permissions.
 *
 * <p>A credential's lease is a lock of the operating system, which ends with the process, and a number that every change
 * checks. Several processes may have the store open; while one changes its secret, no other may.
 *
 * <p>To destroy a private key is to remove its file. It is not overwritten: file systems that journal or copy on write, and
 * flash storage, keep the old blocks anyway. What is left there is encrypted under the store's secret, as are backups: after
 * a leak of the secret, rotate.
 *
 * <p>Thread-safe.
 */
public final class DirectoryCredentialStore implements CredentialStore {
    /** Labels may change between their reading and that of a file they name; more often in a row is no coincidence. */
    private static final int READ_ATTEMPTS = 5;

    private final DurableFiles files;
    private final StoreDirectory directory;
    private final DirectoryStoreSettings settings;

    /** Held for reading by whoever uses the keys, for writing by whoever replaces or closes them. */
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

    private StoreDirectory.@Nullable Unlocked unlocked;
    private final Leases leases = new Leases();

    private DirectoryCredentialStore(
            DurableFiles files,
            StoreDirectory directory,
            DirectoryStoreSettings settings,
            StoreDirectory.Unlocked unlocked) {
        this.files = files;
        this.directory = directory;
        this.settings = settings;
        this.unlocked = unlocked;
    }

    /**
     * Opens a store with the default settings; makes an empty one where the directory is missing or empty.
     *
     * @param directory for nothing but the store
     * @param secret the store's secret, which stays the caller's
     * @return the store; the caller closes it
     * @throws StoreSecretException when the secret is not the store's
     * @throws StoreDamagedException when a file is damaged
     * @throws CredentialBusyException when another process is changing the secret
     * @throws StoreException when the directory is something else, is open to other users or belongs to one, or cannot be
     *     read or written
     */
    public static DirectoryCredentialStore open(Path directory, Passphrase secret) {
        return open(directory, secret, DirectoryStoreSettings.defaults());
    }

    /**
     * Opens a store; makes an empty one where the directory is missing or empty.
     *
     * @param directory for nothing but the store
     * @param secret the store's secret, which stays the caller's
     * @param settings costs, clock and random source
     * @return the store; the caller closes it
     * @throws StoreException see {@link #open(Path, Passphrase)}
     */
    public static DirectoryCredentialStore open(Path directory, Passphrase secret, DirectoryStoreSettings settings) {
        return open(directory, secret, settings, DurableFiles.plain());
    }

    static DirectoryCredentialStore open(
            Path directory, Passphrase secret, DirectoryStoreSettings settings, DurableFiles files) {
        try {
            StoreDirectory store = new StoreDirectory(files, files.root(directory), settings);
            return new DirectoryCredentialStore(files, store, settings, store.open(secret));
        } catch (IOException e) {
            throw failed("cannot open the store in " + directory, e);
        }
    }

    // --- reading ---

    @Override
    public List<String> list() {
        return using("cannot list the credentials", open -> {
            Set<String> names = new TreeSet<>();
            for (String name : directory.credentials(open)) {
                if (isKnown(credential(open, name))) {
                    names.add(name);
                }
            }
            return List.copyOf(names);
        });
    }

    /** A damaged credential is listed: {@link #find} says what is wrong with it. */
    private static boolean isKnown(CredentialDirectory credential) throws IOException {
        try {
            return credential.labels().generation() > 0;
        } catch (StoreDamagedException e) {
            return true;
        }
    }

    @Override
    public Optional<CredentialState> find(String name) {
        return using(
                "cannot read " + name,
                open -> Optional.of(credential(open, name).labels())
                        .filter(labels -> labels.generation() > 0)
                        .map(CredentialLabels::state));
    }

    @Override
    public <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which) {
        return which.openWith(version -> openKey(name, version), () -> openPassword(name));
    }

    private SshKeyPair openKey(String name, int version) {
        return using("cannot open version " + version + " of " + name, open -> {
            CredentialDirectory credential = credential(open, name);
            return reading(credential, labels -> {
                Optional<StoreException> gone = CredentialDirectory.goneOrUnknown(name, version, labels);
                if (gone.isPresent()) {
                    throw gone.get();
                }
                return credential.readKey(labels.find(version).orElseThrow());
            });
        });
    }

    private Passphrase openPassword(String name) {
        return using("cannot open the password of " + name, open -> {
            CredentialDirectory credential = credential(open, name);
            return reading(credential, labels -> {
                if (labels.password() == 0) {
                    throw new StoreException("there is no password of " + name, null);
                }
                return credential.readPassword(labels.password());
            });
        });
    }

    /** Reads a file that labels name. Where it is missing, it may have been replaced since the labels were read. */
    private static <T> T reading(CredentialDirectory credential, Reading<T> reading) throws IOException {
        for (int attempt = 1; ; attempt++) {
            CredentialLabels labels = credential.labels();
            try {
                return reading.from(labels);
            } catch (NoSuchFileException e) {
                if (attempt == READ_ATTEMPTS || credential.labels().equals(labels)) {
                    throw new StoreDamagedException(
                            "the file " + e.getFile() + " of the store is missing; restore it from a backup", e);
                }
            }
        }
    }

    // --- the lease ---

    @Override
    public Lease lease(String name) {
        return using("cannot lease " + name, open -> {
            CredentialDirectory credential = credential(open, name);
            credential.create();
            LockFile lock = LockFile.tryExclusive(files, credential.lockFile())
                    .orElseThrow(() -> new CredentialBusyException(
                            name + " is being changed by somebody else; try again when that is done", null));
            try {
                CredentialLabels labels = credential.labels();
                // the labels know it too, should the other file be lost
                long fence = Math.max(credential.fence(), labels.fence()) + 1;
                credential.writeFence(fence);
                credential.tidy(labels);
                DirectoryLease lease = new DirectoryLease(this, name, fence, lock);
                leases.add(lease);
                return lease;
            } catch (IOException | RuntimeException | Error e) {
                lock.close();
                throw e;
            }
        });
    }

    @Override
    public Hold hold(String name) {
        return using("cannot hold " + name, open -> {
            CredentialDirectory credential = credential(open, name);
            if (credential.labels().generation() == 0) {
                throw new StoreException("the store has no credential " + name, null);
            }
            LockFile lock = LockFile.tryShared(files, credential.lockFile())
                    .orElseThrow(() -> new CredentialBusyException(
                            name + " is being changed by somebody else; try again when that is done", null));
            return new DirectoryHold(name, lock);
        });
    }

    /** A lock that others share. */
    private record DirectoryHold(String credential, LockFile lock) implements Hold {
        @Override
        public void close() {
            lock.close();
        }
    }

    /** The leases that this object has given out and not got back. */
    private static final class Leases {
        private final Set<DirectoryLease> open = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());

        synchronized void add(DirectoryLease lease) {
            open.add(lease);
        }

        synchronized void remove(DirectoryLease lease) {
            open.remove(lease);
        }

        synchronized void requireNone() {
            if (!open.isEmpty()) {
                throw new CredentialBusyException(
                        "the secret cannot be changed while "
                                + open.stream().map(DirectoryLease::credential).toList() + " are being changed",
                        null);
            }
        }
    }

    /** A lock, and the number that it was taken under. */
    static final class DirectoryLease implements Lease {
        private final DirectoryCredentialStore store;
        private final String credential;
        private final long fence;
        private final LockFile lock;
        private boolean closed;

        DirectoryLease(DirectoryCredentialStore store, String credential, long fence, LockFile lock) {
            this.store = store;
            this.credential = credential;
            this.fence = fence;
            this.lock = lock;
        }

        @Override
        public String credential() {
            return credential;
        }

        @Override
        public long fence() {
            return fence;
        }

        @Override
        public synchronized void requireValid() {
            store.using("cannot check the lease on " + credential, open -> {
                requireLatest(store.credential(open, credential).fence());
                return this;
            });
        }

        private void requireLatest(long latest) {
            if (closed) {
                throw new LeaseLostException("the lease on " + credential + " was given back", null);
            }
            if (latest != fence) {
                throw new LeaseLostException(
                        "the lease " + fence + " on " + credential + " was overtaken by " + latest
                                + ": somebody else works on it now",
                        null);
            }
        }

        /** Loses the lock without knowing it, as a process does that sleeps through the end of its lock: for tests. */
        void abandon() {
            lock.close();
        }

        @Override
        public synchronized void close() {
            closed = true;
            lock.close();
            store.leases.remove(this);
        }

        @Override
        public String toString() {
            return "lease " + fence + " on " + credential;
        }
    }

    // --- changing ---

    @Override
    public KeyVersion importKey(Lease lease, SshKeyPair pair) {
        return changing(lease, "cannot import a key for ", (credential, labels) -> {
            Optional<KeyVersion> same = labels.find(pair.publicKey());
            if (same.isPresent() && same.get().label() == Label.CURRENT) {
                return same.get();
            }
            if (labels.state().pending().isPresent()) {
                throw new StoreException(
                        "a rotation of " + labels.credential() + " is under way: finish it or take it back first",
                        null);
            }
            return add(credential, labels, pair, Label.CURRENT, Optional.empty());
        });
    }

    @Override
    public KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
        if (rotation.isEmpty()) {
            throw new IllegalArgumentException("a rotation's id is not empty");
        }
        return changing(lease, "cannot stage a key for ", (credential, labels) -> {
            for (Stored stored : labels.versions()) {
                if (stored.version().rotation().equals(Optional.of(rotation))) {
                    return stored.version();
                }
            }
            Optional<KeyVersion> pending = labels.state().pending();
            if (pending.isPresent()) {
                throw new StoreException(
                        "version " + pending.get().number() + " of " + labels.credential()
                                + " is still PENDING: finish or take back the rotation "
                                + pending.get().rotation().orElse("") + " first",
                        null);
            }
            return add(credential, labels, pair, Label.PENDING, Optional.of(rotation));
        });
    }

    private KeyVersion add(
            CredentialDirectory credential,
            CredentialLabels labels,
            SshKeyPair pair,
            Label label,
            Optional<String> rotation)
            throws IOException {
        Optional<KeyVersion> same = labels.find(pair.publicKey());
        if (same.isPresent()) {
            throw new StoreException(
                    "this key is version " + same.get().number() + " of " + labels.credential() + " already, "
                            + same.get().label(),
                    null);
        }
        int number = credential.nextNumber(labels);
        String sha256 = credential.writeKey(number, pair);
        Instant now = settings.clock().instant();
        KeyVersion version = new KeyVersion(number, label, pair.publicKey(), now, now, rotation);
        credential.write(labels.withNew(new Stored(version, sha256)));
        return version;
    }

    @Override
    public void promote(Lease lease, int version) {
        changing(lease, "cannot promote a key of ", (credential, labels) -> {
            Label label = requireLabel(labels, version, Label.PENDING, Label.CURRENT);
            if (label == Label.PENDING) {
                credential.write(labels.withPromoted(version, settings.clock().instant()));
            }
            return label;
        });
    }

    @Override
    public void discard(Lease lease, int version) {
        changing(lease, "cannot roll back a key of ", (credential, labels) -> {
            Label label = requireLabel(labels, version, Label.PENDING, Label.ROLLED_BACK);
            if (label == Label.PENDING) {
                credential.write(labels.withLabel(
                        version, Label.ROLLED_BACK, settings.clock().instant()));
            }
            return label;
        });
    }

    @Override
    public void destroy(Lease lease, int version) {
        changing(lease, "cannot destroy a key of ", (credential, labels) -> {
            Label label = requireLabel(labels, version, Label.PREVIOUS, Label.ROLLED_BACK, Label.DESTROYED);
            if (label != Label.DESTROYED) {
                requireNowhereAccepted(labels, version);
                credential.write(labels.withLabel(
                        version, Label.DESTROYED, settings.clock().instant()));
            }
            credential.deleteKey(version); // an earlier attempt may have ended before this
            return label;
        });
    }

    private static void requireNowhereAccepted(CredentialLabels labels, int version) {
        List<String> devices = labels.state().devicesAccepting(version);
        if (!devices.isEmpty()) {
            throw new StoreException(
                    "version " + version + " of " + labels.credential() + " is kept: " + devices.size()
                            + " device(s) may still accept it, among them " + devices.get(0),
                    null);
        }
    }

    @Override
    public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
        changing(lease, "cannot record the devices of ", (credential, labels) -> {
            for (Set<Integer> numbers : mayAccept.values()) {
                for (int number : numbers) {
                    requireLabel(labels, number, Label.values());
                }
            }
            CredentialLabels next = labels.withDevices(mayAccept);
            if (next.generation() != labels.generation()) {
                credential.write(next);
            }
            return next;
        });
    }

    @Override
    public void putPassword(Lease lease, Passphrase password) {
        changing(lease, "cannot store the password of ", (credential, labels) -> {
            int number = credential.nextPassword(labels);
            credential.writePassword(number, password);
            credential.write(labels.withPassword(number));
            if (labels.password() != 0) {
                credential.deletePassword(labels.password());
            }
            return number;
        });
    }

    private static Label requireLabel(CredentialLabels labels, int version, Label... allowed) {
        Label label = labels.find(version)
                .orElseThrow(() -> new StoreException(labels.credential() + " has no version " + version, null))
                .version()
                .label();
        if (!Set.of(allowed).contains(label)) {
            throw new StoreException(
                    "version " + version + " of " + labels.credential() + " is " + label + ", not one of "
                            + List.of(allowed),
                    null);
        }
        return label;
    }

    /**
     * Replaces the store's secret: everything is encrypted anew, at the costs of this store's settings, and the old files
     * are removed. When this is interrupted, the old secret stays the store's, and the same call goes on where it was; once
     * the new secret is the store's, the rest of the old files is removed when it is next opened. Nobody else may have the
     * store open.
     *
     * @param newSecret the new secret, which stays the caller's; the old one again, to change only the costs
     * @throws CredentialBusyException when somebody else has the store open, or this store's leases are not all closed
     * @throws StoreDamagedException when a file is damaged: nothing is changed then
     * @throws StoreException when files cannot be read or written
     */
    public void changeSecret(Passphrase newSecret) {
        inUse.writeLock().lock();
        try {
            leases.requireNone();
            requireOpen().releaseLock();
            try {
                changeSecretAlone(newSecret);
            } catch (IOException | RuntimeException | Error e) {
                shareAgainAfter(e);
                throw e;
            }
            shareAgain();
        } catch (IOException e) {
            throw failed("cannot change the store's secret", e);
        } finally {
            inUse.writeLock().unlock();
        }
    }

    private void changeSecretAlone(Passphrase newSecret) throws IOException {
        LockFile alone = directory.exclusive("given another secret");
        try {
            StoreDirectory.Unlocked old = requireOpen();
            unlocked = directory.reencrypt(old, newSecret);
            old.close();
            directory.removeOldEpochs();
        } finally {
            alone.close();
        }
    }

    /** Where the failure came after the new secret had become the store's, this object is closed by this. */
    private void shareAgainAfter(Throwable failure) {
        try {
            shareAgain();
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void shareAgain() throws IOException {
        StoreDirectory.Unlocked open = requireOpen();
        try {
            directory.shareAgain(open);
        } catch (IOException | RuntimeException e) {
            unlocked = null; // somebody else's now
            open.close();
            throw e;
        }
    }

    /** Wipes the store's secrets from memory. Leases stay, and are to be closed. */
    @Override
    public void close() {
        inUse.writeLock().lock();
        try {
            StoreDirectory.Unlocked open = unlocked;
            unlocked = null;
            if (open != null) {
                open.close();
            }
        } finally {
            inUse.writeLock().unlock();
        }
    }

    /** Names the directory. */
    @Override
    public String toString() {
        return "DirectoryCredentialStore[" + directory.root() + "]";
    }

    // --- what all have in common ---

    @FunctionalInterface
    private interface Use<T> {
        T with(StoreDirectory.Unlocked open) throws IOException;
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(CredentialLabels labels) throws IOException;
    }

    @FunctionalInterface
    private interface Change<T> {
        T make(CredentialDirectory credential, CredentialLabels labels) throws IOException;
    }

    private <T> T using(String failure, Use<T> use) {
        inUse.readLock().lock();
        try {
            return use.with(requireOpen());
        } catch (IOException e) {
            throw failed(failure, e);
        } finally {
            inUse.readLock().unlock();
        }
    }

    private <T> T changing(Lease lease, String failure, Change<T> change) {
        if (!(lease instanceof DirectoryLease held) || held.store != this) {
            throw new IllegalArgumentException("this lease is another store's");
        }
        synchronized (held) {
            return using(failure + held.credential(), open -> {
                CredentialDirectory credential = credential(open, held.credential());
                held.requireLatest(credential.fence());
                return change.make(credential, credential.labels().withFence(held.fence()));
            });
        }
    }

    private CredentialDirectory credential(StoreDirectory.Unlocked open, String name) {
        Credential.requireName(name);
        return directory.credential(open, name);
    }

    private StoreDirectory.Unlocked requireOpen() {
        StoreDirectory.Unlocked open = unlocked;
        if (open == null) {
            throw new IllegalStateException("the store in " + directory.root() + " is closed");
        }
        return open;
    }

    static StoreException failed(String what, IOException e) {
        return new StoreException(what + ": " + DurableFiles.reason(e), e);
    }
}
