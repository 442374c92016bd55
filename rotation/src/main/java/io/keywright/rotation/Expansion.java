package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.authorizedkeys.ExpiryTime;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** EXPAND: the new key is added beside the old one, and has to log in on a fresh connection. */
final class Expansion {
    private final RunContext run;

    Expansion(RunContext run) {
        this.run = run;
    }

    void expand(Predicate<DeviceState> which) {
        RotationState state = run.state;
        boolean abort = !state.promoted && run.credential.policy().onFailure() == RotationPolicy.OnFailure.ABORT;
        int failed = run.visit(Phase.EXPAND, which, device -> expandDevice(device, abort));
        if (!state.promoted && failed > run.credential.policy().maxFailures()) {
            run.abort(failed + " devices failed, more than the policy allows");
        }
        quarantineTogether();
        boolean nobody = state.members().stream().allMatch(DeviceState::isQuarantined);
        if (!state.promoted && nobody) {
            run.abort("no device accepts the new key");
        }
    }

    /** Devices that stand for one file lose its old key together, or not at all. */
    private void quarantineTogether() {
        SharedFiles shared = new SharedFiles(run.state);
        for (DeviceState device : run.state.members()) {
            Optional<DeviceState> held = shared.with(device).stream()
                    .filter(DeviceState::isQuarantined)
                    .findFirst();
            if (held.isPresent() && !device.isQuarantined() && device.stage == RotationState.Stage.EXPANDED) {
                DeviceFailure failure = new DeviceFailure(
                        DeviceFailure.Kind.SHARED_FILE,
                        true,
                        "it stands for the same file as " + held.get().device.id() + ", which is not ready");
                run.append(JournalEntry.Step.QUARANTINED, device, RotationState.failureFacts(Phase.EXPAND, failure, 0));
            }
        }
    }

    /** Returns false when the rotation is to stop here. */
    private boolean expandDevice(DeviceState device, boolean abort) {
        // An earlier life may have added the key already; whoever fails before that has not touched the device.
        boolean cutOff = device.stage == RotationState.Stage.EXPANDING && !device.isQuarantined();
        Visit visit = new Visit(device.mayHoldNew, device.mayHoldNew && !cutOff);
        run.append(JournalEntry.Step.EXPANDING, device, Map.of());
        try {
            Attempts.Result<Expanded> result = run.attempts(device, Phase.EXPAND, () -> expandOnce(device, visit));
            Map<String, String> facts = RotationState.editFacts(result.value().edits(), result.attempts());
            facts.putAll(result.value().facts());
            facts.putAll(RotationState.visitFacts(visit));
            run.append(JournalEntry.Step.EXPANDED, device, facts);
            return true;
        } catch (Attempts.StepFailedException e) {
            Map<String, String> facts = RotationState.failureFacts(Phase.EXPAND, e.failure(), e.attempts());
            facts.putAll(RotationState.visitFacts(visit));
            run.append(JournalEntry.Step.FAILED, device, facts);
            if (abort || (device.canary && !run.state.promoted)) {
                run.abort(device.device.id() + ": " + e.failure().message());
                return false;
            }
            run.append(JournalEntry.Step.QUARANTINED, device, RotationState.failureFacts(Phase.EXPAND, e.failure(), 0));
            return true;
        }
    }

    /** Which old versions the device accepted before anything was changed, and what was. */
    private record Expanded(Set<Integer> accepted, List<RemoteEdit> edits) {
        Map<String, String> facts() {
            Answer before = accepted.isEmpty() ? Answer.REFUSED : Answer.ACCEPTED;
            return Map.of("oldBefore", before.label(), "accepted", RotationState.versionsFact(accepted));
        }
    }

    private Expanded expandOnce(DeviceState device, Visit visit) {
        pin(device);
        DeviceAccount account = run.account(device);
        List<Integer> questions = run.keys.questions(device);
        List<SshPublicKey> oldKeys = run.keys.publicKeys(questions);
        Set<Integer> accepted;
        List<RemoteEdit> edits;
        try (DeviceAccount.Session session = account.logInToEdit(run.keys.candidates(device), oldKeys)) {
            accepted = run.keys.accepted(device, questions, session);
            edits = account.addLike(session, oldKeys, run.keys.newKey(), stamps(device), visit);
        }
        run.kept.keep(device, account.requireSession(run.keys.newPair(), List.of()));
        return new Expanded(accepted, edits);
    }

    /** The ends that the old lines may have been given by us, in this rotation or in earlier ones. */
    private Set<String> stamps(DeviceState device) {
        Set<String> stamps = new HashSet<>(device.stamps);
        run.state.oldKeyEndsAt.ifPresent(end -> stamps.add(ExpiryTime.of(end).toString()));
        return stamps;
    }

    /** A device that the plan did not reach is known from here on; no secret goes there before. */
    private void pin(DeviceState device) {
        if (device.hostKey.isEmpty()) {
            SshPublicKey hostKey = run.account(device).hostKey(run.keys.newKey());
            run.append(JournalEntry.Step.PINNED, device, RotationState.hostKeyFacts(hostKey));
        }
    }

    /** Adds the new key once more where something else has taken its line away since it was added. */
    void again(DeviceState device) {
        expandOnce(device, new Visit(true, true));
    }
}
