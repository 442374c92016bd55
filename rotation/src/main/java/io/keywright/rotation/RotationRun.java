package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * One rotation, from wherever its journal says it stands to as far as it can go now.
 *
 * <p>Every step is written to the journal: what is about to touch a device before it does, what is proved after it was. What
 * to do next is read from the state alone, so that a fresh rotation and one that is resumed take the same way.
 */
final class RotationRun implements AutoCloseable {
    private final RunContext run;
    private final RotationState state;
    private final Expansion expansion;
    private final Contraction contraction;
    private final DeadMansSwitch deadMansSwitch;
    private final Settling settling;
    private final RollBack rollBack;

    private RotationRun(RunContext run) {
        this.run = run;
        this.state = run.state;
        this.expansion = new Expansion(run);
        this.contraction = new Contraction(run, expansion);
        this.deadMansSwitch = new DeadMansSwitch(run);
        this.settling = new Settling(run);
        this.rollBack = new RollBack(run, settling);
    }

    RotationState state() {
        return state;
    }

    /** Begins a new rotation: its devices are fixed from here on. */
    static RotationRun begin(
            EngineParts parts,
            RotationPlan plan,
            CredentialStore.Lease lease,
            String rotation,
            RotationState before,
            Consumer<RotationEvent> progress) {
        Credential credential = plan.credential();
        List<JournalEntry> beginning = beginning(
                plan,
                rotation,
                before,
                parts.require(credential.name()),
                parts.clock().instant());
        RotationState state = new RotationState();
        beginning.forEach(state::apply);
        lease.requireValid(); // whoever was overtaken begins nothing
        RotationJournal.Log log = parts.journal().begin(credential.name(), rotation, beginning);
        return new RotationRun(new RunContext(parts, credential, lease, log, state, false, progress));
    }

    /** Goes on with a rotation that has begun. The log is this run's from here on, and closed when it cannot be gone on with. */
    static RotationRun resume(
            EngineParts parts,
            Credential credential,
            CredentialStore.Lease lease,
            RotationJournal.Log log,
            Consumer<RotationEvent> progress) {
        try {
            return new RotationRun(
                    new RunContext(parts, credential, lease, log, RotationState.replay(log), true, progress));
        } catch (RuntimeException | Error e) {
            log.close();
            throw e;
        }
    }

    private static List<JournalEntry> beginning(
            RotationPlan plan, String rotation, RotationState before, CredentialState stored, Instant now) {
        List<JournalEntry> entries = new ArrayList<>();
        Map<String, String> begun = new HashMap<>();
        begun.put("rotation", rotation);
        begun.put("version", Integer.toString(plan.current().number()));
        begun.put("devices", Integer.toString(plan.devices().size()));
        plan.credential().authenticateWith().ifPresent(other -> begun.put("authenticateWith", other));
        begun.put("key", plan.current().publicKey().fingerprint().toString());
        entries.add(new JournalEntry(now, JournalEntry.Step.BEGUN, Optional.empty(), begun));
        int canaries = plan.credential().policy().canary();
        for (PlannedDevice device : plan.devices()) {
            // A device that cannot be worked on warns nobody.
            boolean canary = device.obstacle().isEmpty() && canaries-- > 0;
            entries.add(new JournalEntry(
                    now,
                    JournalEntry.Step.PLANNED,
                    Optional.of(device.device().id()),
                    RotationState.plannedFacts(
                            device, canary, inherited(before, device.device().id(), stored))));
        }
        return entries;
    }

    /**
     * What the device may accept and was never seen to accept: of a device that is new to the journal, all that the store
     * holds against it. A version that has logged in once is proved dead when it is refused.
     */
    private static RotationState.Inherited inherited(RotationState before, String device, CredentialState stored) {
        Set<Integer> unproved = new TreeSet<>(stored.mayAccept()
                .getOrDefault(
                        device,
                        stored.current().map(KeyVersion::number).map(Set::of).orElse(Set.of())));
        DeviceState known = before.devices.get(device);
        if (known == null) {
            return new RotationState.Inherited(Set.of(), unproved);
        }
        Set<Integer> possible = new TreeSet<>(known.unproved);
        if (known.stage == Stage.EXPANDING) { // it may hold that one, which has never logged in
            before.newVersion.ifPresent(possible::add);
        }
        unproved.retainAll(possible);
        return new RotationState.Inherited(known.stamps, unproved);
    }

    /** Goes as far as it can. */
    void run() {
        if (state.closed) {
            return;
        }
        run.tell(new RotationEvent.Begun(
                run.now(), state.rotation, run.credential.name(), state.devices.size(), run.isResumed()));
        if (!state.promoted && isCurrentInStore()) {
            // A process died between the store's step and its entry here.
            notePromotion();
        }
        run.abortIfCancelled();
        if (!state.promoted && state.abortReason.isEmpty()) {
            stage();
            expansion.expand(device -> !device.isQuarantined() && device.stage != Stage.EXPANDED);
            run.beginPromotion();
        }
        if (state.abortReason.isPresent()) {
            takeBack();
            return;
        }
        promote();
        if (run.isResumed()) {
            join();
            expansion.expand(DeviceState::isQuarantined);
        }
        deadMansSwitch.stamp();
        if (state.contractsAt.isPresent() && run.now().isBefore(state.contractsAt.get())) {
            run.tell(new RotationEvent.Overlapping(run.now(), state.contractsAt.get()));
            return;
        }
        if (state.settlesAt.isPresent()) {
            settling.confirm();
        }
        if (!state.closed && isBackedUp()) {
            contraction.contract();
        }
    }

    private void takeBack() {
        run.kept.close(); // nobody is to be logged in with the key that goes
        rollBack.rollBack();
    }

    /** STAGE: the new private key is durable before any device hears of it. */
    private void stage() {
        if (state.newVersion.isEmpty()) {
            try (SshKeyPair pair = run.credential
                    .key()
                    .generator()
                    .withRandom(run.parts.random())
                    .generate()) {
                KeyVersion staged = run.parts.store().stage(run.lease, state.rotation, pair);
                run.keys.reload();
                String fingerprint = staged.publicKey().fingerprint().toString();
                run.append(
                        JournalEntry.Step.STAGED,
                        Map.of("version", Integer.toString(staged.number()), "key", fingerprint));
                run.tell(new RotationEvent.Staged(run.now(), staged.number(), fingerprint));
            }
        }
        // Before any device hears of the new key, the store knows that each of them may accept it.
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        for (DeviceState device : state.members()) {
            Set<Integer> versions = run.keys.mayAccept(device);
            versions.add(run.keys.newVersion());
            mayAccept.put(device.device.id(), versions);
        }
        run.recordDevices(mayAccept);
    }

    /** Devices that came to the credential since the plan may accept the old key as well: they catch up like the others. */
    private void join() {
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        for (Device device : run.credential.devices()) {
            if (!state.devices.containsKey(device.id())) {
                DeviceFailure failure = new DeviceFailure(
                        DeviceFailure.Kind.JOINED, true, "it came to the credential after the plan was made");
                PlannedDevice joined = PlannedDevice.unseen(device, run.credential.userOn(device), failure);
                run.append(List.of(new JournalEntry(
                        run.now(),
                        JournalEntry.Step.JOINED,
                        Optional.of(device.id()),
                        RotationState.plannedFacts(joined, false, inherited(state, device.id(), run.keys.stored())))));
                Set<Integer> versions = run.keys.mayAccept(state.require(device.id()));
                versions.add(run.keys.newVersion());
                mayAccept.put(device.id(), versions);
            }
        }
        if (!mayAccept.isEmpty()) {
            run.recordDevices(mayAccept);
        }
    }

    /** PROMOTE: one step in the store, after which there is no way back. */
    private void promote() {
        if (!state.promoted) {
            run.parts.store().promote(run.lease, run.keys.newVersion());
            run.keys.reload();
            notePromotion();
        }
    }

    private void notePromotion() {
        RotationPolicy policy = run.credential.policy();
        Instant overlapEnds = run.now().plus(policy.overlap());
        Map<String, String> facts = new HashMap<>();
        if (!policy.overlap().isZero()) {
            facts.put("contractAfter", overlapEnds.toString());
        }
        policy.deadMan().ifPresent(time -> {
            Instant end = overlapEnds.plus(time).truncatedTo(ChronoUnit.SECONDS);
            facts.put("oldKeyEnds", end.toString());
        });
        run.append(JournalEntry.Step.PROMOTED, facts);
        run.tell(new RotationEvent.Promoted(run.now(), run.keys.newVersion()));
    }

    /** Once an old key is gone from a device, the new one must not be lost any more. */
    private boolean isBackedUp() {
        boolean nothingToRemove = state.members().stream()
                .allMatch(
                        device -> device.isQuarantined() || device.isContracted() || device.stage == Stage.CONTRACTING);
        long generation = run.keys.stored().generation();
        if (nothingToRemove || run.parts.backup().holds(run.credential.name(), generation)) {
            return true;
        }
        run.append(JournalEntry.Step.AWAITING_BACKUP, Map.of());
        return false;
    }

    /** Asks the devices what a restored store has forgotten. */
    Reconciliation reconcile() {
        return new Reconciling(run).reconcile();
    }

    private boolean isCurrentInStore() {
        return state.newVersion
                .flatMap(version -> run.keys.stored().version(version))
                .filter(version -> version.label() == KeyVersion.Label.CURRENT)
                .isPresent();
    }

    /** Asks for the rotation to be taken back, from whatever thread; false when it can only go forward. */
    boolean requestCancel() {
        synchronized (state) {
            return !isCurrentInStore() && run.requestCancel();
        }
    }

    @Override
    public void close() {
        run.close();
    }
}
