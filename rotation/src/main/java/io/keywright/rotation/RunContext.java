package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.internal.Lanes;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import io.keywright.transport.HostKeyVerifier;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the phases of a run share: the journal and the state that follows from it, the keys, and the way to the devices. */
final class RunContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RotationRun.class);

    final EngineParts parts;
    final Credential credential;
    final CredentialStore.Lease lease;
    final RotationState state;
    final RunKeys keys;
    final KeptLogIns kept;
    private final RotationJournal.Log log;
    private final GroupCommit commit;
    private final Object aborting = new Object();
    private final Consumer<RotationEvent> progress;
    private final boolean resumed;
    /** Devices where an attempt failed, and may have left a lock or a temporary file. */
    private final Set<String> untidy = ConcurrentHashMap.newKeySet();

    private volatile boolean cancelled;
    private boolean promoting;

    RunContext(
            EngineParts parts,
            Credential credential,
            CredentialStore.Lease lease,
            RotationJournal.Log log,
            RotationState state,
            boolean resumed,
            Consumer<RotationEvent> progress) {
        this.parts = parts;
        this.credential = credential;
        this.lease = lease;
        this.log = log;
        this.progress = progress;
        this.state = state;
        // A process that was overtaken writes nothing more, here as on the devices and in the store.
        this.commit = new GroupCommit(log, lease::requireValid, this::believe);
        this.resumed = resumed;
        this.keys = new RunKeys(parts, credential, state);
        this.kept = KeptLogIns.of(state.members(), credential.policy(), parts.keptConnections());
    }

    boolean isResumed() {
        return resumed;
    }

    Instant now() {
        return parts.clock().instant();
    }

    void tell(RotationEvent event) {
        progress.accept(event);
    }

    // ---- the journal

    /** With the store's generation, so that a store that was restored from a backup is recognised. */
    void append(JournalEntry.Step step, Map<String, String> facts) {
        Map<String, String> dated = new HashMap<>(facts);
        dated.put("generation", Long.toString(keys.stored().generation()));
        append(List.of(new JournalEntry(now(), step, Optional.empty(), dated)));
    }

    void append(JournalEntry.Step step, DeviceState device, Map<String, String> facts) {
        append(List.of(new JournalEntry(now(), step, Optional.of(device.device.id()), facts)));
    }

    /** Durable first, then believed. Must not be called with the state's lock. */
    void append(List<JournalEntry> entries) {
        commit.append(entries);
    }

    private void believe(JournalEntry entry) {
        synchronized (state) {
            state.apply(entry);
        }
    }

    void appendFailure(DeviceState device, Phase phase, Attempts.StepFailedException e) {
        append(JournalEntry.Step.FAILED, device, RotationState.failureFacts(phase, e.failure(), e.attempts()));
    }

    /** From here on the rotation is taken back. */
    void abort(String reason) {
        synchronized (aborting) {
            if (!isAborted()) {
                append(JournalEntry.Step.ABORTING, Map.of("reason", reason));
                tell(new RotationEvent.Aborting(now(), reason));
            }
        }
    }

    private boolean isAborted() {
        synchronized (state) {
            return state.abortReason.isPresent();
        }
    }

    // ---- the devices

    /** Tells the store which versions devices may accept from now on. */
    void recordDevices(Map<String, Set<Integer>> mayAccept) {
        parts.store().recordDevices(lease, mayAccept);
        keys.reload();
    }

    /**
     * Visits devices in order: canaries alone and one at a time, then the others in waves, as many at once as the policy
     * says. Begins no further device after a cancellation or after too many failures, where these count.
     *
     * @return how many devices failed
     */
    int visit(Phase phase, Predicate<DeviceState> which, Predicate<DeviceState> work) {
        List<DeviceState> all = state.members().stream().filter(which).toList();
        if (all.isEmpty()) {
            return 0;
        }
        tell(new RotationEvent.PhaseBegun(now(), phase, all.size()));
        Tally tally = new Tally(phase, all.size());
        Predicate<DeviceState> counted = device -> {
            if (cancelled && phase == Phase.EXPAND && !state.promoted) {
                return false;
            }
            boolean goOn = work.test(device);
            return tally.count(device) && goOn;
        };
        RotationPolicy policy = credential.policy();
        List<DeviceState> canaries =
                all.stream().filter(device -> device.canary).toList();
        List<DeviceState> others = all.stream().filter(device -> !device.canary).toList();
        boolean goOn = Lanes.run(canaries, 1, null, counted);
        for (int from = 0; goOn && from < others.size(); ) {
            int to = from + Math.min(policy.waveSize(), others.size() - from);
            goOn = Lanes.run(others.subList(from, to), policy.parallelism(), parts.executor(), counted);
            from = to;
        }
        return tally.failed();
    }

    /** What became of the devices of one visit. */
    private final class Tally {
        private final Phase phase;
        private final int devices;
        private int done;
        private int failed;

        Tally(Phase phase, int devices) {
            this.phase = phase;
            this.devices = devices;
        }

        /** Returns whether further devices may be begun. */
        synchronized boolean count(DeviceState device) {
            if (succeeded(phase, device)) {
                tell(new RotationEvent.DeviceDone(now(), phase, device.device.id(), ++done, devices));
            } else {
                failed++;
            }
            boolean counts = phase == Phase.EXPAND || phase == Phase.CONTRACT;
            return !counts || failed <= credential.policy().maxFailures();
        }

        synchronized int failed() {
            return failed;
        }
    }

    // ---- cancellation

    /** Asks for the rotation to be taken back; refused once the new key is, or is just becoming, CURRENT. */
    boolean requestCancel() {
        synchronized (state) {
            if (state.promoted || promoting || state.closed) {
                return false;
            }
            cancelled = true;
            return true;
        }
    }

    void abortIfCancelled() {
        if (cancelled) {
            abort("it was cancelled");
        }
    }

    /** The last moment at which the rotation may be cancelled: unless it is taken back by now, it only goes forward. */
    void beginPromotion() {
        synchronized (state) {
            promoting = !cancelled && state.abortReason.isEmpty();
        }
        abortIfCancelled();
    }

    private static boolean succeeded(Phase phase, DeviceState device) {
        return switch (phase) {
            case EXPAND -> device.stage == Stage.EXPANDED;
            case STAMP -> device.isStampDecided();
            case CONTRACT -> device.stage == Stage.CONTRACTED;
            case ROLL_BACK -> device.stage == Stage.ROLLED_BACK;
            case CONFIRM -> device.confirmed;
        };
    }

    <T> Attempts.Result<T> attempts(DeviceState device, Phase phase, Supplier<T> step) {
        String id = device.device.id();
        long seed = (state.rotation + id).hashCode();
        return new Attempts(credential.policy().attempts(), parts.pause(), seed)
                .run(() -> withOtherAsItIsNow(step), (failure, attempt, retryIn) -> {
                    LOG.info("{} on {} failed, attempt {}: {}", phase, id, attempt, failure.kind());
                    mayBeUntidy(device);
                    tell(new RotationEvent.DeviceFailed(now(), phase, id, failure, attempt, retryIn));
                });
    }

    /** A credential that opens connections for others may have been changed by hand: it is asked for again then. */
    private <T> T withOtherAsItIsNow(Supplier<T> step) {
        try {
            return step.get();
        } catch (DeviceStepException e) {
            if (e.kind() != DeviceFailure.Kind.LOGIN_REFUSED || !keys.reloadOther()) {
                throw e;
            }
            return step.get();
        }
    }

    /** A connection ended in mid-edit. */
    void mayBeUntidy(DeviceState device) {
        untidy.add(device.device.id());
    }

    DeviceAccount account(DeviceState device) {
        return account(device.device, device.user, device.hostKey);
    }

    DeviceAccount account(Device device, String user, Optional<SshPublicKey> hostKey) {
        // A device that was not reached when the plan was made is judged by the engine's own record of host keys.
        HostKeyVerifier verifier =
                hostKey.map(key -> HostKeyVerifier.pinned(List.of(key))).orElse(parts.hostKeys());
        boolean tidies = resumed || untidy.contains(device.id());
        RemoteLock.Owner owner = new RemoteLock.Owner(credential.name() + "/" + state.rotation, lease.fence(), tidies);
        return parts.account(device, user, verifier, owner, lease::requireValid);
    }

    @Override
    public void close() {
        try {
            kept.close();
        } finally {
            keys.close();
            log.close();
        }
    }
}
