package io.keywright.rotation;

import io.keywright.SshKeyException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rotates keys: plans, rotates, resumes, reports.
 *
 * <p>A rotation adds the new key on every device and logs in with it, then makes it CURRENT in the store in one step, then
 * removes the old key everywhere and proves that it is refused. At every instant the store has a key that logs in to every
 * device; a process that dies can be followed by {@link #resume} in another. Thread-safe; one rotation of a credential at a
 * time. The engine has no threads of its own.
 */
public final class RotationEngine implements AutoCloseable {
    /**
     * So many connections stay open between the phases of a rotation unless set otherwise: they take 5 MB of memory with Apache
     * MINA SSHD, 30 MB and as many threads with sshj, and a fleet of that size is through long before a server or a firewall
     * thinks them idle.
     */
    public static final int DEFAULT_KEPT_CONNECTIONS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(RotationEngine.class);

    private final EngineParts parts;
    private final Map<String, RotationRun> running = new ConcurrentHashMap<>();

    private RotationEngine(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * Begins to put an engine together. Transport, store, journal and host keys are needed, the rest has defaults.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Looks at every device without changing anything on it.
     *
     * @param credential the credential
     * @return what a rotation would meet
     * @throws RotationException when the store has no current key for the credential, or it authenticates with another one
     *     that in the end authenticates with it
     * @throws StoreException when the store cannot be read
     */
    public RotationPlan plan(Credential credential) {
        new AuthenticationChain(parts).requireNoCircle(credential);
        return new Planner(parts, credential).plan();
    }

    /**
     * Rotates a credential's key on the devices of a plan.
     *
     * @param plan a plan, made by {@link #plan} and recent
     * @param progress hears of everything that happens, on the thread that does it
     * @return how the rotation stands; what single devices did is in it, not in an exception
     * @throws RotationException when it cannot start: something is in the way under the policy ABORT, on every device, or an
     *     earlier rotation is to be resumed first
     * @throws CredentialBusyException when another rotation of the credential is under way
     * @throws LeaseLostException when another process took the rotation over
     */
    public RotationReport rotate(RotationPlan plan, Consumer<RotationEvent> progress) {
        Credential credential = plan.credential();
        requireUsable(plan);
        new AuthenticationChain(parts).requireNoCircle(credential);
        try (CredentialStore.Lease lease = parts.store().lease(credential.name());
                CredentialStore.Hold other = holdOther(credential)) {
            LOG.debug("{} is leased, {} is held", lease.credential(), other.credential());
            KeyVersion current = parts.requireCurrent(parts.require(credential.name()));
            if (current.number() != plan.current().number()) {
                throw new RotationException("the key has changed since the plan was made: plan again", null);
            }
            RotationState before = parts.latest(credential.name()).orElseGet(RotationState::new);
            Reconciling.requireNotRestored(parts.require(credential.name()), before);
            try (RotationRun run = RotationRun.begin(parts, plan, lease, nextRotation(credential), before, progress)) {
                return go(run, credential.name());
            }
        }
    }

    /**
     * Goes on with a credential's latest rotation: finishes what a process that died left, takes a rotation back to its end,
     * lets quarantined devices catch up, and gives the second proof when its time has come. Does nothing when nothing is
     * left to do.
     *
     * @param credential the credential; its devices are those of the rotation's plan, whatever it says now
     * @param progress hears of everything that happens, on the thread that does it
     * @return how the rotation stands, or empty when there never was one
     * @throws CredentialBusyException when the rotation is under way elsewhere
     * @throws LeaseLostException when another process took the rotation over
     */
    public Optional<RotationReport> resume(Credential credential, Consumer<RotationEvent> progress) {
        try (CredentialStore.Lease lease = parts.store().lease(credential.name());
                CredentialStore.Hold other = holdOther(credential)) {
            LOG.debug("{} is leased, {} is held", lease.credential(), other.credential());
            Optional<RotationJournal.Log> log = parts.journal().openLatest(credential.name());
            if (log.isEmpty()) {
                return Optional.empty();
            }
            try (RotationRun run = RotationRun.resume(parts, credential, lease, log.get(), progress)) {
                Reconciling.requireNotRestored(parts.require(credential.name()), run.state());
                return Optional.of(go(run, credential.name()));
            }
        }
    }

    /** The credential that opens the connections must not be changed meanwhile; one's own is leased already. */
    private CredentialStore.Hold holdOther(Credential credential) {
        return credential.authenticateWith().isPresent()
                ? parts.store().hold(credential.authenticateWith().get())
                : new NoHold(credential.name());
    }

    private record NoHold(String credential) implements CredentialStore.Hold {
        @Override
        public void close() {
            // nothing is held
        }
    }

    /** Goes as far as it can, and can be cancelled meanwhile. */
    private RotationReport go(RotationRun run, String credential) {
        running.put(credential, run);
        try {
            run.run();
        } finally {
            running.remove(credential, run);
        }
        return Reports.of(credential, run.state(), parts.clock().instant());
    }

    /**
     * Resumes every credential that this engine was told of, one after the other in order of their names. That one of them
     * cannot be resumed does not keep the others from it.
     *
     * @param progress hears of everything that happens, on the thread that does it
     * @return what became of each
     * @throws RotationException when the thread is interrupted
     */
    public List<Resumption> resumeAll(Consumer<RotationEvent> progress) {
        List<Credential> credentials = parts.credentials().get().stream()
                .sorted(Comparator.comparing(Credential::name))
                .toList();
        List<Resumption> all = new ArrayList<>();
        for (Credential credential : credentials) {
            Optional<RotationReport> report = Optional.empty();
            Optional<String> failure = Optional.empty();
            try {
                report = resume(credential, progress);
            } catch (SshKeyException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                failure = Optional.of(String.valueOf(e.getMessage()));
            }
            all.add(new Resumption(credential.name(), report, failure));
        }
        return List.copyOf(all);
    }

    /**
     * Takes a credential's rotation back, if the new key is not CURRENT yet. A rotation that runs in this engine is asked to
     * do so by itself and goes on in its own thread; one whose process died is taken back here.
     *
     * @param credential the credential
     * @param progress hears of everything that happens here, on this thread
     * @return what became of it
     * @throws CredentialBusyException when the rotation is under way in another process: interrupt that one first
     * @throws LeaseLostException when another process took the rotation over
     */
    public Cancellation cancel(Credential credential, Consumer<RotationEvent> progress) {
        RotationRun here = running.get(credential.name());
        if (here != null) {
            return here.requestCancel() ? new Cancellation.Requested() : new Cancellation.TooLate();
        }
        try (CredentialStore.Lease lease = parts.store().lease(credential.name());
                CredentialStore.Hold other = holdOther(credential)) {
            LOG.debug("{} is leased, {} is held", lease.credential(), other.credential());
            Optional<RotationJournal.Log> log = parts.journal().openLatest(credential.name());
            if (log.isEmpty()) {
                return new Cancellation.NothingToCancel();
            }
            try (RotationRun run = RotationRun.resume(parts, credential, lease, log.get(), progress)) {
                if (run.state().closed || run.state().isTakenBack()) {
                    return new Cancellation.NothingToCancel();
                }
                Reconciling.requireNotRestored(parts.require(credential.name()), run.state());
                return run.requestCancel()
                        ? new Cancellation.TakenBack(go(run, credential.name()))
                        : new Cancellation.TooLate();
            }
        }
    }

    /**
     * Removes a device from a credential for good: nothing is done there any more, and nothing waits for it, so that keys may be
     * destroyed that it still accepts. Whoever calls this answers for that. It is written to the journal of the latest rotation;
     * a store that was restored from a backup hears of it when it is reconciled.
     *
     * @param credential the credential's name
     * @param device the device's id
     * @param reason why, and who says so: for whoever reads the journal or a report later
     * @throws RotationException when neither the store nor the latest rotation knows the device
     * @throws CredentialBusyException when a rotation of the credential is under way
     */
    public void removeDevice(String credential, String device, String reason) {
        try (CredentialStore.Lease lease = parts.store().lease(credential)) {
            CredentialState stored = parts.require(credential);
            boolean known = stored.mayAccept().containsKey(device);
            boolean restored = false;
            Optional<RotationJournal.Log> latest = parts.journal().openLatest(credential);
            if (latest.isPresent()) {
                try (RotationJournal.Log log = latest.get()) {
                    RotationState state = RotationState.replay(log);
                    known |= state.devices.containsKey(device);
                    restored = Reconciling.isRestored(stored, state);
                    if (known) {
                        lease.requireValid();
                        log.append(List.of(new JournalEntry(
                                parts.clock().instant(),
                                JournalEntry.Step.REMOVED,
                                Optional.of(device),
                                Map.of("reason", reason))));
                    }
                }
            }
            if (!known) {
                throw new RotationException(credential + " has no device " + device, null);
            }
            if (!restored) { // else a change would make it look younger than it is
                parts.store().recordDevices(lease, Map.of(device, Set.of()));
            }
        }
    }

    /**
     * Asks every device which of the stored versions it accepts, after the store was restored from a backup, and brings the
     * store back to what is true: until then it is only read. A version that had become CURRENT, and is PENDING in the backup,
     * becomes CURRENT again where a device needs it; whatever a device accepts is kept. The latest rotation ends with that; a
     * new one tidies up. When a device cannot be asked nothing is changed: ask again, or remove the device.
     *
     * @param credential the credential
     * @return what the devices answered
     * @throws RotationException when the credential was never rotated, or the store is not older than its journal, so that there
     *     is nothing to reconcile
     * @throws CredentialBusyException when a rotation of the credential is under way
     */
    public Reconciliation reconcile(Credential credential) {
        try (CredentialStore.Lease lease = parts.store().lease(credential.name())) {
            RotationJournal.Log log = parts.journal()
                    .openLatest(credential.name())
                    .orElseThrow(() -> new RotationException(credential.name() + " was never rotated", null));
            try (RotationRun run = RotationRun.resume(parts, credential, lease, log, event -> {})) {
                return run.reconcile();
            }
        }
    }

    /**
     * Destroys a private key that a rotation kept although it was proved dead, since something else writes a device's file
     * and might have brought its line back. Whoever calls this has made sure that it will not.
     *
     * @param credential the credential's name
     * @param version the version's number
     * @throws StoreException when it is CURRENT or PENDING, or a device may still accept it
     * @throws RotationException when the latest rotation is not finished, so that the second proof may be missing, or when
     *     the store is older than its journal
     * @throws CredentialBusyException when a rotation of the credential is under way
     */
    public void destroy(String credential, int version) {
        try (CredentialStore.Lease lease = parts.store().lease(credential)) {
            parts.latest(credential).ifPresent(state -> requireOver(parts.require(credential), state));
            parts.store().destroy(lease, version);
        }
    }

    private static void requireOver(CredentialState stored, RotationState latest) {
        Reconciling.requireNotRestored(stored, latest);
        if (!latest.closed) {
            throw new RotationException(
                    "rotation " + latest.rotation + " of " + stored.name() + " is not finished: resume it", null);
        }
    }

    /**
     * Says what is known about a credential, without asking any device.
     *
     * @param credential the credential's name
     * @return versions and the latest rotation
     * @throws RotationException when the store has never heard of it
     */
    public CredentialStatus status(String credential) {
        CredentialState state = parts.require(credential);
        Optional<RotationState> latest = parts.latest(credential);
        return new CredentialStatus(
                credential,
                state.versions(),
                latest.map(rotation -> !rotation.closed).orElse(false),
                latest.map(rotation ->
                        Reports.of(credential, rotation, parts.clock().instant())));
    }

    /**
     * Returns the installer of keys on single devices, which shares this engine's parts.
     *
     * @return the installer
     */
    public KeyInstaller installer() {
        return new KeyInstaller(parts);
    }

    /**
     * Makes a reader of the files that a credential's accounts have, which shares this engine's parts.
     *
     * @param credential the credential
     * @return the reader; the caller closes it
     */
    public AccountReader reader(Credential credential) {
        return new AccountReader(parts, credential);
    }

    private void requireUsable(RotationPlan plan) {
        RotationPolicy policy = plan.credential().policy();
        if (plan.devices().isEmpty()) {
            throw new RotationException("credential " + plan.credential().name() + " has no devices", null);
        }
        boolean nobody =
                plan.devices().stream().noneMatch(device -> device.obstacle().isEmpty());
        if (nobody || (!plan.isClear() && policy.onFailure() == RotationPolicy.OnFailure.ABORT)) {
            StringBuilder message = new StringBuilder("nothing was changed; in the way:");
            plan.devices()
                    .forEach(device -> device.obstacle()
                            .ifPresent(obstacle -> message.append(' ')
                                    .append(device.device().id())
                                    .append(": ")
                                    .append(obstacle.message())
                                    .append(';')));
            throw new RotationException(message.substring(0, message.length() - 1), null);
        }
        if (policy.parallelism() > 1 && parts.executor() == null) {
            throw new RotationException(
                    "the policy wants " + policy.parallelism() + " devices at once: give the engine an executor", null);
        }
    }

    /**
     * Ids count up, so that the latest is the greatest, whatever the clock says. They are nothing but numbers, so that one who
     * was overtaken before it began its journal finds the number taken.
     */
    private String nextRotation(Credential credential) {
        Optional<RotationJournal.Log> latest = parts.journal().openLatest(credential.name());
        int number = 1;
        if (latest.isPresent()) {
            try (RotationJournal.Log log = latest.get()) {
                RotationState before = RotationState.replay(log);
                if (!before.mayBeFollowed()) {
                    throw new RotationException(
                            "the rotation " + before.rotation + " of " + credential.name()
                                    + " is not finished: resume it first",
                            null);
                }
                number = Integer.parseInt(log.rotation()) + 1;
            }
        }
        return String.format(Locale.ROOT, "%06d", number);
    }

    /** Closes the transport and the store. */
    @Override
    public void close() {
        parts.transport().close();
        parts.store().close();
    }

    /** Puts an engine together. Not thread-safe. */
    public static final class Builder {
        private @Nullable SshTransport transport;
        private @Nullable CredentialStore store;
        private @Nullable RotationJournal journal;
        private @Nullable HostKeyVerifier hostKeys;
        private TransportTimeouts timeouts = TransportTimeouts.DEFAULT;
        private Clock clock = Clock.systemUTC();
        private Pause pause = Pause.sleeping();
        private SecureRandom random = new SecureRandom();
        private @Nullable Executor executor;
        private Supplier<? extends Collection<Credential>> credentials = List::of;
        private Backup backup = (credential, generation) -> true;
        private int keptConnections = DEFAULT_KEPT_CONNECTIONS;

        private Builder() {}

        /**
         * Sets the transport.
         *
         * @param value closed with the engine
         * @return this builder
         */
        public Builder transport(SshTransport value) {
            transport = value;
            return this;
        }

        /**
         * Sets the store.
         *
         * @param value closed with the engine
         * @return this builder
         */
        public Builder store(CredentialStore value) {
            store = value;
            return this;
        }

        /**
         * Sets the journal.
         *
         * @param value where rotations are written down
         * @return this builder
         */
        public Builder journal(RotationJournal value) {
            journal = value;
            return this;
        }

        /**
         * Sets how hosts are recognised when a plan is made; a rotation is then pinned to the keys that were seen.
         *
         * @param value decides whether a host key is the right one
         * @return this builder
         */
        public Builder hostKeys(HostKeyVerifier value) {
            hostKeys = value;
            return this;
        }

        /**
         * Sets the bounds on remote calls.
         *
         * @param value the timeouts
         * @return this builder
         */
        public Builder timeouts(TransportTimeouts value) {
            timeouts = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets the clock.
         *
         * @param value the system's, in UTC, unless set
         * @return this builder
         */
        public Builder clock(Clock value) {
            clock = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets how to wait between attempts.
         *
         * @param value sleeping unless set
         * @return this builder
         */
        public Builder pause(Pause value) {
            pause = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets the random source of keys and nonces.
         *
         * @param value the platform's unless set
         * @return this builder
         */
        public Builder random(SecureRandom value) {
            random = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets what runs devices in parallel, for policies that want more than one at once. The thread that calls the engine
         * works as well, so that one with no thread to spare delays a rotation and does not stop it. Virtual threads will do.
         *
         * @param value stays the caller's
         * @return this builder
         */
        public Builder executor(Executor value) {
            executor = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets where the definitions of all credentials are found, so that what one of them does heeds the others: keys that
         * two of them share on an account, and chains of who authenticates with whom. What the engine is not told it takes
         * from the journals, and where these know nothing either it stays on the safe side.
         *
         * @param value asked anew in each operation; none are known unless set
         * @return this builder
         */
        public Builder credentials(Supplier<? extends Collection<Credential>> value) {
            credentials = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets who has to confirm that the new private key is safe elsewhere before any old key is removed.
         *
         * @param value asked once a run; nobody unless set
         * @return this builder
         */
        public Builder backup(Backup value) {
            backup = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Sets how many connections may stay open between the phases of a rotation. Where the whole fleet is one wave and has no
         * more devices than this, the log-in that proves the new key is kept until the old one is removed over it: three
         * connections a device instead of four. A device that ends it meanwhile is connected to anew.
         *
         * @param value {@link RotationEngine#DEFAULT_KEPT_CONNECTIONS} unless set; 0 to keep none
         * @return this builder
         * @throws IllegalArgumentException when it is negative
         */
        public Builder keptConnections(int value) {
            if (value < 0) {
                throw new IllegalArgumentException("cannot keep " + value + " connections");
            }
            keptConnections = value;
            return this;
        }

        /**
         * Builds the engine.
         *
         * @return the engine; the caller closes it
         * @throws IllegalStateException when transport, store, journal or host keys are missing
         */
        public RotationEngine build() {
            if (transport == null || store == null || journal == null || hostKeys == null) {
                throw new IllegalStateException("an engine needs a transport, a store, a journal and host keys");
            }
            return new RotationEngine(new EngineParts(
                    transport,
                    store,
                    journal,
                    hostKeys,
                    timeouts,
                    clock,
                    pause,
                    random,
                    executor,
                    credentials,
                    backup,
                    keptConnections));
        }
    }
}
