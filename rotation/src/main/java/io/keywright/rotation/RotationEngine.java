package io.keywright.rotation;

import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.SshTransport;
import io.keywright.transport.TransportTimeouts;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rotates keys: plans, rotates, resumes, reports.
 *
 * <p>A rotation adds the new key on every device and logs in with it, then makes it CURRENT in the store in one step, then
 * removes the old key everywhere and proves that it is refused. At every instant the store has a key that logs in to every
 * device; a process that dies can be followed by {@link #resume} in another. Thread-safe; one rotation of a credential at a
 * time. The engine has no threads of its own.
 */
public final class RotationEngine implements AutoCloseable {
    private final EngineParts parts;

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
     * @throws RotationException when the store has no current key for the credential
     * @throws StoreException when the store cannot be read
     */
    public RotationPlan plan(Credential credential) {
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
        try (CredentialStore.Lease lease = parts.store().lease(credential.name())) {
            KeyVersion current = parts.requireCurrent(parts.require(credential.name()));
            if (current.number() != plan.current().number()) {
                throw new RotationException("the key has changed since the plan was made: plan again", null);
            }
            String rotation = nextRotation(credential);
            try (RotationRun run = new RotationRun(
                    parts, credential, lease, parts.journal().create(credential.name(), rotation), progress)) {
                run.begin(plan, rotation);
                run.run();
                return Reports.of(credential.name(), run.state(), parts.clock().instant());
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
        try (CredentialStore.Lease lease = parts.store().lease(credential.name())) {
            Optional<RotationJournal.Log> log = parts.journal().openLatest(credential.name());
            if (log.isEmpty()) {
                return Optional.empty();
            }
            try (RotationRun run = new RotationRun(parts, credential, lease, log.get(), progress)) {
                if (!run.state().isBegun()) {
                    return Optional.empty();
                }
                run.run();
                return Optional.of(
                        Reports.of(credential.name(), run.state(), parts.clock().instant()));
            }
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
        Optional<RotationState> latest = latest(credential);
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

    /** Ids count up, so that the latest is the greatest, whatever the clock says. */
    private String nextRotation(Credential credential) {
        Optional<RotationJournal.Log> latest = parts.journal().openLatest(credential.name());
        int number = 1;
        if (latest.isPresent()) {
            try (RotationJournal.Log log = latest.get()) {
                RotationState before = RotationState.replay(log);
                if (before.isBegun() && !before.closed && before.settlesAt.isEmpty()) {
                    throw new RotationException(
                            "the rotation " + before.rotation + " of " + credential.name()
                                    + " is not finished: resume it first",
                            null);
                }
                number = Integer.parseInt(
                                log.rotation().substring(0, log.rotation().indexOf('-')))
                        + 1;
            }
        }
        Instant second = parts.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        return String.format(Locale.ROOT, "%06d-%s", number, second.toString().replace(":", ""));
    }

    private Optional<RotationState> latest(String credential) {
        Optional<RotationJournal.Log> log = parts.journal().openLatest(credential);
        if (log.isEmpty()) {
            return Optional.empty();
        }
        try (RotationJournal.Log open = log.get()) {
            RotationState state = RotationState.replay(open);
            return state.isBegun() ? Optional.of(state) : Optional.empty();
        }
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
         * Sets what runs devices in parallel, for policies that want more than one at once.
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
                    transport, store, journal, hostKeys, timeouts, clock, pause, random, executor, credentials));
        }
    }
}
