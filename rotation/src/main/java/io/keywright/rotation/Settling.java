package io.keywright.rotation;

import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.LogIn;
import java.util.Map;
import java.util.Optional;

/** FINISH: the second proof, once it is due; then the previous private keys are destroyed, unless a proof is missing. */
final class Settling {
    private final RunContext run;

    Settling(RunContext run) {
        this.run = run;
    }

    void confirm() {
        RotationState state = run.state;
        if (run.now().isBefore(state.settlesAt.orElseThrow())) {
            return;
        }
        run.visit(Phase.CONFIRM, device -> device.isContracted() && !device.confirmed, this::confirmDevice);
        if (!state.members().stream().allMatch(device -> device.confirmed)) {
            return;
        }
        Optional<DeviceState> managed = state.members().stream()
                .filter(device -> device.managedBy.isPresent())
                .findFirst();
        if (managed.isEmpty()) {
            destroyUnaccepted();
            run.append(JournalEntry.Step.CLOSED, Map.of());
        } else {
            run.append(
                    JournalEntry.Step.CLOSED,
                    Map.of(
                            "kept",
                            managed.get().device.id() + " has a file that is managed by "
                                    + managed.get().managedBy.orElseThrow()));
        }
    }

    private boolean confirmDevice(DeviceState device) {
        try {
            Attempts.Result<Boolean> result = run.attempts(device, Phase.CONFIRM, () -> isBack(device));
            if (result.value()) {
                // Remove it again, and let it settle again.
                run.append(JournalEntry.Step.CONTRACTING, device, Map.of());
            } else {
                run.append(JournalEntry.Step.CONFIRMED, device, Map.of());
            }
        } catch (Attempts.StepFailedException e) {
            run.appendFailure(device, Phase.CONFIRM, e);
            if (e.failure().kind() == DeviceFailure.Kind.NEW_KEY_REFUSED) {
                // Something else has taken it away, maybe by an older file: what was proved is true no more.
                run.append(JournalEntry.Step.CONTRACTING, device, Map.of());
            }
        }
        return true;
    }

    /**
     * Whether an old key is accepted again, or stands in a file again. A line can be back and be refused, if only from here;
     * and one that is accepted can be in a file that is not ours to read.
     */
    private boolean isBack(DeviceState device) {
        DeviceAccount account = run.account(device);
        try (DeviceAccount.Session session =
                account.logIn(LogIn.withKey(run.keys.newPair()), run.keys.questionsBeforeTheEnd(device))) {
            return session.answers().contains(Answer.ACCEPTED)
                    || account.holdsAny(session, run.keys.others(), run.keys.doomed());
        } catch (AuthenticationRefusedException e) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.NEW_KEY_REFUSED, "the new key is let in no more: " + e.getMessage(), e);
        }
    }

    /** Destroys each private key that is neither CURRENT nor PENDING, and that no device may accept. */
    private void destroyUnaccepted() {
        CredentialState stored = run.keys.stored();
        for (KeyVersion version : stored.versions()) {
            boolean old =
                    version.label() == KeyVersion.Label.PREVIOUS || version.label() == KeyVersion.Label.ROLLED_BACK;
            boolean accepted = stored.mayAccept().values().stream().anyMatch(set -> set.contains(version.number()));
            if (old && !accepted) {
                run.parts.store().destroy(run.lease, version.number());
                run.append(JournalEntry.Step.DESTROYED, Map.of("version", Integer.toString(version.number())));
                run.tell(new RotationEvent.Destroyed(run.now(), version.number()));
            }
        }
    }
}
