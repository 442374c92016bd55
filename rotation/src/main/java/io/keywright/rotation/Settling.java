package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
        if (!state.devices.values().stream().allMatch(device -> device.confirmed)) {
            return;
        }
        destroyUnaccepted();
        run.append(JournalEntry.Step.CLOSED, Map.of());
    }

    private boolean confirmDevice(DeviceState device) {
        try {
            Attempts.Result<Answer> result = run.attempts(device, Phase.CONFIRM, () -> secondProof(device));
            if (result.value() == Answer.ACCEPTED) {
                // It is back: remove it again, and let it settle again.
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

    /** Asks about every key in question, as many on a connection as a server lets anybody ask; the new key logs in on each. */
    private Answer secondProof(DeviceState device) {
        DeviceAccount account = run.account(device);
        List<SshPublicKey> questions = run.keys.doomedQuestions(device);
        List<Answer> answers = new ArrayList<>();
        for (int from = 0; from == 0 || from < questions.size(); from += DeviceAccount.MAX_PROBES) {
            int to = Math.min(questions.size(), from + DeviceAccount.MAX_PROBES);
            answers.addAll(account.requireLogIn(run.keys.newPair(), questions.subList(from, to)));
        }
        return Answer.any(answers);
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
