package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import io.keywright.transport.HostKeyVerifier;
import java.time.Instant;
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
    private final RotationJournal.Log log;
    private final Consumer<RotationEvent> progress;
    private final boolean resumed;
    /** Devices where an attempt failed, and may have left a lock or a temporary file. */
    private final Set<String> untidy = ConcurrentHashMap.newKeySet();

    RunContext(
            EngineParts parts,
            Credential credential,
            CredentialStore.Lease lease,
            RotationJournal.Log log,
            Consumer<RotationEvent> progress) {
        this.parts = parts;
        this.credential = credential;
        this.lease = lease;
        this.log = log;
        this.progress = progress;
        this.state = RotationState.replay(log);
        this.resumed = state.isBegun();
        this.keys = new RunKeys(parts, credential, state);
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

    void append(JournalEntry.Step step, Map<String, String> facts) {
        append(List.of(new JournalEntry(now(), step, Optional.empty(), facts)));
    }

    void append(JournalEntry.Step step, DeviceState device, Map<String, String> facts) {
        append(List.of(new JournalEntry(now(), step, Optional.of(device.device.id()), facts)));
    }

    /** Durable first, then believed. */
    void append(List<JournalEntry> entries) {
        synchronized (state) {
            log.append(entries);
            entries.forEach(state::apply);
        }
    }

    void appendFailure(DeviceState device, Phase phase, Attempts.StepFailedException e) {
        append(JournalEntry.Step.FAILED, device, RotationState.failureFacts(phase, e.failure(), e.attempts()));
    }

    /** From here on the rotation is taken back. */
    void abort(String reason) {
        synchronized (state) {
            if (state.abortReason.isEmpty()) {
                append(JournalEntry.Step.ABORTING, Map.of("reason", reason));
                tell(new RotationEvent.Aborting(now(), reason));
            }
        }
    }

    // ---- the devices

    /** Tells the store which versions devices may accept from now on. */
    void recordDevices(Map<String, Set<Integer>> mayAccept) {
        parts.store().recordDevices(lease, mayAccept);
        keys.reload();
    }

    /** Visits devices in order: canaries alone and one at a time, then the others as many at once as the policy says. */
    void visit(Phase phase, Predicate<DeviceState> which, Predicate<DeviceState> work) {
        List<DeviceState> all = state.devices.values().stream().filter(which).toList();
        if (all.isEmpty()) {
            return;
        }
        tell(new RotationEvent.PhaseBegun(now(), phase, all.size()));
        int[] done = {0};
        Predicate<DeviceState> counted = device -> {
            boolean goOn = work.test(device);
            if (succeeded(phase, device)) {
                synchronized (done) {
                    tell(new RotationEvent.DeviceDone(now(), phase, device.device.id(), ++done[0], all.size()));
                }
            }
            return goOn;
        };
        List<DeviceState> canaries =
                all.stream().filter(device -> device.canary).toList();
        List<DeviceState> others = all.stream().filter(device -> !device.canary).toList();
        if (Lanes.run(canaries, 1, null, counted)) {
            Lanes.run(others, credential.policy().parallelism(), parts.executor(), counted);
        }
    }

    private static boolean succeeded(Phase phase, DeviceState device) {
        return switch (phase) {
            case EXPAND -> device.stage == Stage.EXPANDED;
            case CONTRACT -> device.stage == Stage.CONTRACTED;
            case ROLL_BACK -> device.stage == Stage.ROLLED_BACK;
            case CONFIRM -> device.confirmed;
        };
    }

    <T> Attempts.Result<T> attempts(DeviceState device, Phase phase, Supplier<T> step) {
        String id = device.device.id();
        long seed = (state.rotation + id).hashCode();
        return new Attempts(credential.policy().attempts(), parts.pause(), seed)
                .run(step, (failure, attempt, retryIn) -> {
                    LOG.info("{} on {} failed, attempt {}: {}", phase, id, attempt, failure.kind());
                    untidy.add(id);
                    tell(new RotationEvent.DeviceFailed(now(), phase, id, failure, attempt, retryIn));
                });
    }

    DeviceAccount account(DeviceState device) {
        SshPublicKey pinned = device.hostKey.orElse(null);
        // A device that was not reached when the plan was made is judged by the engine's own record of host keys.
        HostKeyVerifier verifier = pinned == null ? parts.hostKeys() : HostKeyVerifier.pinned(List.of(pinned));
        boolean tidies = resumed || untidy.contains(device.device.id());
        RemoteLock.Owner owner = new RemoteLock.Owner(credential.name() + "/" + state.rotation, lease.fence(), tidies);
        return parts.account(device.device, device.user, verifier, owner, lease::requireValid);
    }

    @Override
    public void close() {
        keys.close();
        log.close();
    }
}
