package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The way back: the new key is removed wherever it was or may have been added, and the old one has to log in. */
final class RollBack {
    private final RunContext run;

    RollBack(RunContext run) {
        this.run = run;
    }

    void rollBack() {
        RotationState state = run.state;
        run.visit(Phase.ROLL_BACK, device -> device.mayHoldNew, this::rollBackDevice);
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        for (DeviceState device : state.members()) {
            if (!device.mayHoldNew) {
                Set<Integer> versions = run.keys.mayAccept(device);
                state.newVersion.ifPresent(versions::remove);
                mayAccept.put(device.device.id(), versions);
            }
        }
        run.recordDevices(mayAccept);
        if (state.members().stream().anyMatch(device -> device.mayHoldNew)) {
            return;
        }
        if (state.newVersion.isPresent() && !state.discarded) {
            run.parts.store().discard(run.lease, run.keys.newVersion());
            run.append(JournalEntry.Step.DISCARDED, Map.of());
        }
        state.newVersion.ifPresent(version -> run.parts.store().destroy(run.lease, version));
        run.append(JournalEntry.Step.CLOSED, Map.of());
    }

    private boolean rollBackDevice(DeviceState device) {
        try {
            Attempts.Result<List<RemoteEdit>> result =
                    run.attempts(device, Phase.ROLL_BACK, () -> rollBackOnce(device));
            run.append(
                    JournalEntry.Step.ROLLED_BACK, device, RotationState.editFacts(result.value(), result.attempts()));
        } catch (Attempts.StepFailedException e) {
            run.appendFailure(device, Phase.ROLL_BACK, e);
        }
        return true;
    }

    private List<RemoteEdit> rollBackOnce(DeviceState device) {
        DeviceAccount account = run.account(device);
        SshPublicKey newKey = run.keys.newKey();
        List<KeyRing.Candidate> oldCandidates = run.keys.oldCandidates(device);
        DeviceAccount.Removal removal;
        // The old key first: it must log in before the new one goes, and after.
        try (DeviceAccount.Session old = account.logInWithAny(oldCandidates, List.of())) {
            SshPublicKey loggedIn = run.keys.publicKey(old.version().orElseThrow());
            removal = account.removeOver(old, loggedIn, run.keys.others(), List.of(newKey));
        }
        try (DeviceAccount.Session old = account.logInWithAny(oldCandidates, List.of(newKey))) {
            if (!removal.removed() || old.answers().contains(Answer.ACCEPTED)) {
                throw new DeviceStepException(
                        DeviceFailure.Kind.STILL_ACCEPTED, "the new key is still accepted after it was removed", null);
            }
        }
        return removal.edits();
    }
}
