package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    private final Settling settling;
    private final RollBack rollBack;

    RotationRun(
            EngineParts parts,
            Credential credential,
            CredentialStore.Lease lease,
            RotationJournal.Log log,
            Consumer<RotationEvent> progress) {
        this.run = new RunContext(parts, credential, lease, log, progress);
        this.state = run.state;
        this.expansion = new Expansion(run);
        this.contraction = new Contraction(run, expansion);
        this.settling = new Settling(run);
        this.rollBack = new RollBack(run);
    }

    RotationState state() {
        return state;
    }

    /** Writes the first entries of a new rotation: its devices are fixed from here on. */
    void begin(RotationPlan plan, String rotation) {
        List<JournalEntry> entries = new ArrayList<>();
        Map<String, String> begun = new HashMap<>();
        begun.put("rotation", rotation);
        begun.put("version", Integer.toString(plan.current().number()));
        begun.put("devices", Integer.toString(plan.devices().size()));
        begun.put("key", plan.current().publicKey().fingerprint().toString());
        entries.add(new JournalEntry(run.now(), JournalEntry.Step.BEGUN, Optional.empty(), begun));
        int canaries = run.credential.policy().canary();
        for (PlannedDevice device : plan.devices()) {
            // A device that cannot be worked on warns nobody.
            boolean canary = device.obstacle().isEmpty() && canaries-- > 0;
            entries.add(new JournalEntry(
                    run.now(),
                    JournalEntry.Step.PLANNED,
                    Optional.of(device.device().id()),
                    RotationState.plannedFacts(device, canary)));
        }
        run.append(entries);
    }

    /** Goes as far as it can. */
    void run() {
        if (state.closed) {
            return;
        }
        run.tell(new RotationEvent.Begun(
                run.now(), state.rotation, run.credential.name(), state.devices.size(), run.isResumed()));
        if (!state.promoted && state.abortReason.isEmpty()) {
            stage();
            expansion.expand(device -> !device.isQuarantined() && device.stage != Stage.EXPANDED);
        }
        if (state.abortReason.isPresent()) {
            rollBack.rollBack();
            return;
        }
        promote();
        if (run.isResumed()) {
            expansion.expand(DeviceState::isQuarantined);
        }
        if (state.settlesAt.isPresent()) {
            settling.confirm();
        }
        if (!state.closed) {
            contraction.contract();
        }
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
        for (DeviceState device : state.devices.values()) {
            Set<Integer> versions = run.keys.mayAccept(device);
            versions.add(run.keys.newVersion());
            mayAccept.put(device.device.id(), versions);
        }
        run.recordDevices(mayAccept);
    }

    /** PROMOTE: one step in the store, after which there is no way back. */
    private void promote() {
        if (!state.promoted) {
            run.parts.store().promote(run.lease, run.keys.newVersion());
            run.keys.reload();
            run.append(JournalEntry.Step.PROMOTED, Map.of());
            run.tell(new RotationEvent.Promoted(run.now(), run.keys.newVersion()));
        }
    }

    @Override
    public void close() {
        run.close();
    }
}
