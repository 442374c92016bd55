package io.keywright.testkit.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialBusyException;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.LeaseLostException;
import io.keywright.rotation.StoreException;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.rotation.MutationHook.Moment;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A credential store in memory. It plays the durable part of the world: a simulated crash leaves it alone, {@link
 * #releaseLeases()} does what the operating system does for the locks of the dead, and the same object is what the next
 * process opens. Keys are copied in and out. Thread-safe.
 */
public final class InMemoryCredentialStore implements CredentialStore {
    private final Clock clock;
    private final Map<String, Entry> entries = new TreeMap<>();
    private MutationHook hook = (moment, mutation) -> {};
    private boolean closed;

    /** A credential, or a name that was leased. */
    private static final class Entry {
        private CredentialState state;
        private final Map<Integer, SshKeyPair> keys = new HashMap<>();
        private @Nullable Passphrase password;
        private long fence;
        private @Nullable MemoryLease holder;
        private final Set<MemoryHold> holds = Collections.newSetFromMap(new IdentityHashMap<>());

        Entry(String name) {
            state = new CredentialState(name, 0, List.of(), Map.of(), false);
        }
    }

    /**
     * Creates an empty store.
     *
     * @param clock what dates versions
     */
    public InMemoryCredentialStore(Clock clock) {
        this.clock = clock;
    }

    /**
     * Sets what sees every change from now on. A call that changes nothing, since it was made before, is not told.
     *
     * @param newHook is told {@code lease} and the names of the store's methods
     */
    public synchronized void onMutation(MutationHook newHook) {
        hook = newHook;
    }

    /**
     * Frees every credential, as the death of all processes does. Whoever still has a lease may use it until another is
     * taken, as a process may that lost its lock without knowing.
     */
    public synchronized void releaseLeases() {
        entries.values().forEach(entry -> {
            entry.holder = null;
            entry.holds.clear();
        });
    }

    @Override
    public synchronized List<String> list() {
        requireOpen();
        return entries.values().stream()
                .map(entry -> entry.state)
                .filter(state -> state.generation() > 0)
                .map(CredentialState::name)
                .toList();
    }

    @Override
    public synchronized Optional<CredentialState> find(String name) {
        requireOpen();
        return Optional.of(entry(name).state).filter(state -> state.generation() > 0);
    }

    @Override
    public synchronized Lease lease(String name) {
        requireOpen();
        Entry entry = entry(name);
        if (entry.holder != null || !entry.holds.isEmpty()) {
            throw new CredentialBusyException(name + " is being changed or used by somebody else", null);
        }
        hook.at(Moment.BEFORE, "lease " + name);
        entry.fence++;
        hook.at(Moment.AFTER, "lease " + name);
        MemoryLease lease = new MemoryLease(name, entry.fence);
        entry.holder = lease;
        return lease;
    }

    @Override
    public synchronized Hold hold(String name) {
        requireOpen();
        Entry entry = entry(name);
        if (entry.state.generation() == 0) {
            throw new StoreException("there is no credential " + name, null);
        } else if (entry.holder != null) {
            throw new CredentialBusyException(name + " is being changed by somebody else", null);
        }
        MemoryHold hold = new MemoryHold(name);
        entry.holds.add(hold);
        return hold;
    }

    @Override
    public synchronized KeyVersion importKey(Lease lease, SshKeyPair pair) {
        Entry entry = leased(lease);
        Optional<KeyVersion> same = find(entry, pair);
        if (same.isPresent() && same.get().label() == Label.CURRENT) {
            return same.get();
        }
        if (entry.state.pending().isPresent()) {
            throw new StoreException("a rotation of " + lease.credential() + " is under way", null);
        }
        return add(entry, "importKey", pair, Label.CURRENT, Optional.empty());
    }

    @Override
    public synchronized KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
        if (rotation.isEmpty()) {
            throw new IllegalArgumentException("a rotation's id is not empty");
        }
        Entry entry = leased(lease);
        Optional<KeyVersion> staged = entry.state.versions().stream()
                .filter(version -> version.rotation().equals(Optional.of(rotation)))
                .findFirst();
        if (staged.isPresent()) {
            return staged.get();
        }
        if (entry.state.pending().isPresent()) {
            throw new StoreException("another rotation of " + lease.credential() + " is under way", null);
        }
        return add(entry, "stage", pair, Label.PENDING, Optional.of(rotation));
    }

    private KeyVersion add(Entry entry, String mutation, SshKeyPair pair, Label label, Optional<String> rotation) {
        if (find(entry, pair).isPresent()) {
            throw new StoreException(entry.state.name() + " has this key already", null);
        }
        Instant now = clock.instant();
        List<KeyVersion> versions = new ArrayList<>(entry.state.versions());
        int number = versions.isEmpty() ? 1 : versions.get(versions.size() - 1).number() + 1;
        if (label == Label.CURRENT) {
            versions.replaceAll(old -> old.label() == Label.CURRENT ? relabelled(old, Label.PREVIOUS, now) : old);
        }
        KeyVersion version = new KeyVersion(number, label, pair.publicKey(), now, now, rotation);
        versions.add(version);
        SshKeyPair copy = pair.copy();
        mutate(entry, mutation, versions, () -> entry.keys.put(number, copy));
        return version;
    }

    @Override
    public synchronized void promote(Lease lease, int version) {
        Entry entry = leased(lease);
        if (requireLabel(entry, version, Label.PENDING, Label.CURRENT) == Label.PENDING) {
            Instant now = clock.instant();
            relabel(
                    entry,
                    "promote",
                    old -> old.number() == version
                            ? relabelled(old, Label.CURRENT, now)
                            : old.label() == Label.CURRENT ? relabelled(old, Label.PREVIOUS, now) : old);
        }
    }

    @Override
    public synchronized void discard(Lease lease, int version) {
        Entry entry = leased(lease);
        if (requireLabel(entry, version, Label.PENDING, Label.ROLLED_BACK) == Label.PENDING) {
            Instant now = clock.instant();
            relabel(entry, "discard", old -> old.number() == version ? relabelled(old, Label.ROLLED_BACK, now) : old);
        }
    }

    @Override
    public synchronized void destroy(Lease lease, int version) {
        Entry entry = leased(lease);
        if (requireLabel(entry, version, Label.PREVIOUS, Label.ROLLED_BACK, Label.DESTROYED) == Label.DESTROYED) {
            return;
        }
        if (entry.state.mayAccept().values().stream().anyMatch(numbers -> numbers.contains(version))) {
            throw new StoreException("a device may still accept version " + version, null);
        }
        Instant now = clock.instant();
        List<KeyVersion> versions = new ArrayList<>(entry.state.versions());
        versions.replaceAll(old -> old.number() == version ? relabelled(old, Label.DESTROYED, now) : old);
        mutate(entry, "destroy", versions, () -> {
            SshKeyPair gone = entry.keys.remove(version);
            if (gone != null) {
                gone.close();
            }
        });
    }

    @Override
    public synchronized void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
        Entry entry = leased(lease);
        mayAccept.values().forEach(numbers -> numbers.forEach(n -> requireLabel(entry, n, Label.values())));
        Map<String, Set<Integer>> next = new TreeMap<>(entry.state.mayAccept());
        next.putAll(mayAccept);
        next.values().removeIf(Set::isEmpty);
        if (!next.equals(entry.state.mayAccept())) {
            CredentialState s = entry.state;
            mutate(
                    entry,
                    "recordDevices",
                    new CredentialState(s.name(), s.generation() + 1, s.versions(), next, s.hasPassword()),
                    () -> {});
        }
    }

    @Override
    public synchronized <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which) {
        requireOpen();
        return which.openWith(version -> openKey(name, version), () -> openPassword(name));
    }

    private SshKeyPair openKey(String name, int version) {
        Entry entry = entry(name);
        requireLabel(entry, version, Label.PENDING, Label.CURRENT, Label.PREVIOUS, Label.ROLLED_BACK);
        SshKeyPair pair = entry.keys.get(version);
        if (pair == null) {
            throw new IllegalStateException("version " + version + " of " + name + " has lost its private half");
        }
        return pair.copy();
    }

    @Override
    public synchronized void putPassword(Lease lease, Passphrase password) {
        Entry entry = leased(lease);
        CredentialState s = entry.state;
        Passphrase copy = password.copy();
        mutate(
                entry,
                "putPassword",
                new CredentialState(s.name(), s.generation() + 1, s.versions(), s.mayAccept(), true),
                () -> {
                    Passphrase old = entry.password;
                    entry.password = copy;
                    if (old != null) {
                        old.close();
                    }
                });
    }

    private Passphrase openPassword(String name) {
        Passphrase password = entry(name).password;
        if (password == null) {
            throw new StoreException("there is no password of " + name, null);
        }
        return password.copy();
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Entry entry : entries.values()) {
            entry.keys.values().forEach(SshKeyPair::close);
            if (entry.password != null) {
                entry.password.close();
            }
        }
    }

    private Entry entry(String name) {
        Credential.requireName(name);
        return entries.computeIfAbsent(name, Entry::new);
    }

    private Entry leased(Lease lease) {
        requireOpen();
        if (!(lease instanceof MemoryLease held) || held.store() != this) {
            throw new IllegalArgumentException("this lease is another store's");
        }
        held.requireValid();
        return entry(held.name);
    }

    private static Label requireLabel(Entry entry, int version, Label... allowed) {
        Label label = entry.state
                .version(version)
                .orElseThrow(() -> new StoreException(entry.state.name() + " has no version " + version, null))
                .label();
        if (!Set.of(allowed).contains(label)) {
            throw new StoreException(
                    "version " + version + " of " + entry.state.name() + " is " + label + ", not one of "
                            + List.of(allowed),
                    null);
        }
        return label;
    }

    private static Optional<KeyVersion> find(Entry entry, SshKeyPair pair) {
        return entry.state.versions().stream()
                .filter(version -> version.publicKey().equals(pair.publicKey()))
                .findFirst();
    }

    private static KeyVersion relabelled(KeyVersion old, Label label, Instant now) {
        return new KeyVersion(old.number(), label, old.publicKey(), old.created(), now, old.rotation());
    }

    private void relabel(Entry entry, String mutation, UnaryOperator<KeyVersion> change) {
        mutate(entry, mutation, entry.state.versions().stream().map(change).toList(), () -> {});
    }

    private void mutate(Entry entry, String mutation, List<KeyVersion> versions, Runnable secrets) {
        CredentialState s = entry.state;
        mutate(
                entry,
                mutation,
                new CredentialState(s.name(), s.generation() + 1, versions, s.mayAccept(), s.hasPassword()),
                secrets);
    }

    private void mutate(Entry entry, String mutation, CredentialState next, Runnable secrets) {
        hook.at(Moment.BEFORE, mutation + " " + next.name());
        entry.state = next;
        secrets.run();
        hook.at(Moment.AFTER, mutation + " " + next.name());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    private final class MemoryHold implements Hold {
        private final String name;

        MemoryHold(String name) {
            this.name = name;
        }

        @Override
        public String credential() {
            return name;
        }

        @Override
        public void close() {
            synchronized (InMemoryCredentialStore.this) {
                entry(name).holds.remove(this);
            }
        }
    }

    private final class MemoryLease implements Lease {
        private final String name;
        private final long fence;
        private boolean given;

        MemoryLease(String name, long fence) {
            this.name = name;
            this.fence = fence;
        }

        InMemoryCredentialStore store() {
            return InMemoryCredentialStore.this;
        }

        @Override
        public String credential() {
            return name;
        }

        @Override
        public long fence() {
            return fence;
        }

        @Override
        public void requireValid() {
            synchronized (InMemoryCredentialStore.this) {
                requireOpen();
                if (given) {
                    throw new LeaseLostException("the lease on " + name + " was given back", null);
                }
                long latest = entry(name).fence;
                if (latest != fence) {
                    throw new LeaseLostException(
                            "the lease " + fence + " on " + name + " was overtaken by " + latest, null);
                }
            }
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a lease is equal to itself only
        public void close() {
            synchronized (InMemoryCredentialStore.this) {
                given = true;
                Entry entry = entry(name);
                if (entry.holder == this) {
                    entry.holder = null;
                }
            }
        }

        @Override
        public String toString() {
            return "lease " + fence + " on " + name;
        }
    }
}
