package io.keywright.testkit.simulation;

import io.keywright.rotation.CredentialStore;

/** A store that believes every lease, however old. */
final class UnfencedStore extends DelegatingStore {
    private final CredentialStore store;
    private final Runnable lapse;

    UnfencedStore(CredentialStore store, Runnable lapse) {
        super(store);
        this.store = store;
        this.lapse = lapse;
    }

    @Override
    public Lease lease(String name) {
        return new OldLease(store.lease(name));
    }

    /** A younger one in the place of an old one. */
    @Override
    Lease lease(Lease lease) {
        OldLease old = (OldLease) lease;
        try {
            old.lease.requireValid();
        } catch (io.keywright.rotation.LeaseLostException overtaken) {
            lapse.run();
            old.lease = store.lease(old.credential());
        }
        return old.lease;
    }

    private static final class OldLease implements Lease {
        private final String credential;
        private final long fence;
        private Lease lease;

        OldLease(Lease lease) {
            this.credential = lease.credential();
            this.fence = lease.fence();
            this.lease = lease;
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
        public void requireValid() {
            // believed
        }

        @Override
        public void close() {
            lease.close();
        }
    }
}
