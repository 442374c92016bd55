package io.keywright.testkit.simulation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.StoredSecret;
import io.keywright.testkit.fleet.SimulatedProcess;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A store whose every change is a step of one process: the process may die before it and after it, sleep before it, and see it
 * fail. The step surrounds the store's own locks, so that others can work on the store while this process sleeps.
 */
final class SteppedStore implements CredentialStore {
    private final CredentialStore store;
    private final SimulatedProcess process;
    private final Invariants invariants;

    SteppedStore(CredentialStore store, SimulatedProcess process, Invariants invariants) {
        this.store = store;
        this.process = process;
        this.invariants = invariants;
    }

    @Override
    public List<String> list() {
        process.requireAlive();
        return store.list();
    }

    @Override
    public Optional<CredentialState> find(String name) {
        process.requireAlive();
        return store.find(name);
    }

    @Override
    public Lease lease(String name) {
        return process.step("store.lease", () -> {
            Lease lease = store.lease(name);
            invariants.leased(process.name(), lease);
            return new SteppedLease(lease);
        });
    }

    @Override
    public Hold hold(String name) {
        return process.step("store.hold", () -> store.hold(name));
    }

    @Override
    public KeyVersion importKey(Lease lease, SshKeyPair pair) {
        return change("importKey", lease, () -> store.importKey(unwrap(lease), pair));
    }

    @Override
    public KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
        return change("stage", lease, () -> store.stage(unwrap(lease), rotation, pair));
    }

    @Override
    public void promote(Lease lease, int version) {
        change("promote " + version, lease, () -> store.promote(unwrap(lease), version));
    }

    @Override
    public void discard(Lease lease, int version) {
        change("discard " + version, lease, () -> store.discard(unwrap(lease), version));
    }

    @Override
    public void destroy(Lease lease, int version) {
        change("destroy " + version, lease, () -> store.destroy(unwrap(lease), version));
    }

    @Override
    public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
        change("recordDevices " + mayAccept, lease, () -> store.recordDevices(unwrap(lease), mayAccept));
    }

    @Override
    public <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which) {
        process.requireAlive();
        return store.exposeSecret(name, which);
    }

    @Override
    public void putPassword(Lease lease, Passphrase password) {
        change("putPassword", lease, () -> store.putPassword(unwrap(lease), password));
    }

    /** The store outlives the engine. */
    @Override
    public void close() {}

    private void change(String what, Lease lease, Runnable effect) {
        this.<Boolean>change(what, lease, () -> {
            effect.run();
            return true;
        });
    }

    private <T> T change(String what, Lease lease, Supplier<T> effect) {
        return process.step("store." + what, () -> {
            T result = effect.get();
            invariants.storeChanged(process.name() + " store." + what, lease.fence());
            return result;
        });
    }

    private static Lease unwrap(Lease lease) {
        return lease instanceof SteppedLease stepped ? stepped.lease : lease;
    }

    private final class SteppedLease implements Lease {
        private final Lease lease;

        SteppedLease(Lease lease) {
            this.lease = lease;
        }

        @Override
        public String credential() {
            return lease.credential();
        }

        @Override
        public long fence() {
            return lease.fence();
        }

        @Override
        public void requireValid() {
            process.step("store.requireValid", lease::requireValid);
        }

        /** A dead process gives nothing back; its operating system does, see {@link Invariants#died}. */
        @Override
        public void close() {
            if (process.isAlive()) {
                process.step("store.release", lease::close);
            }
        }
    }
}
