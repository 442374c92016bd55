package io.keywright.testkit.simulation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import io.keywright.rotation.StoredSecret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A store that asks another. */
abstract class DelegatingStore implements CredentialStore {
    private final CredentialStore store;

    DelegatingStore(CredentialStore store) {
        this.store = store;
    }

    /** The other store's lease. */
    Lease lease(Lease lease) {
        return lease;
    }

    @Override
    public List<String> list() {
        return store.list();
    }

    @Override
    public Optional<CredentialState> find(String name) {
        return store.find(name);
    }

    @Override
    public Hold hold(String name) {
        return store.hold(name);
    }

    @Override
    public Lease lease(String name) {
        return store.lease(name);
    }

    @Override
    public KeyVersion importKey(Lease lease, SshKeyPair pair) {
        return store.importKey(lease(lease), pair);
    }

    @Override
    public KeyVersion stage(Lease lease, String rotation, SshKeyPair pair) {
        return store.stage(lease(lease), rotation, pair);
    }

    @Override
    public void promote(Lease lease, int version) {
        store.promote(lease(lease), version);
    }

    @Override
    public void discard(Lease lease, int version) {
        store.discard(lease(lease), version);
    }

    @Override
    public void destroy(Lease lease, int version) {
        store.destroy(lease(lease), version);
    }

    @Override
    public void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept) {
        store.recordDevices(lease(lease), mayAccept);
    }

    @Override
    public <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which) {
        return store.exposeSecret(name, which);
    }

    @Override
    public void putPassword(Lease lease, Passphrase password) {
        store.putPassword(lease(lease), password);
    }

    @Override
    public void close() {
        store.close();
    }
}
