package io.keywright.rotation;

import io.keywright.SshKeyException;
import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way back: the new key is removed wherever it was or may have been added, and the old one has to log in. It settles as
 * the way forward does, for a machine's stop may bring the new key's line back as well as the old one's.
 */
final class RollBack {
    private static final Logger LOG = LoggerFactory.getLogger(RotationRun.class);

    private final RunContext run;
    private final Settling settling;

    RollBack(RunContext run, Settling settling) {
        this.run = run;
        this.settling = settling;
    }

    void rollBack() {
        if (run.state.settlesAt.isPresent()) {
            settling.confirmRollBack();
        }
        if (!run.state.closed) {
            takeBack();
        }
    }

    private void takeBack() {
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
            run.keys.reload();
            run.append(JournalEntry.Step.DISCARDED, Map.of());
        }
        if (state.settlesAt.isPresent()) {
            return;
        }
        if (settling.isOwedAfterRollBack()) {
            Instant until = run.now().plus(run.credential.policy().settle());
            run.append(JournalEntry.Step.SETTLING, Map.of("until", until.toString()));
            run.tell(new RotationEvent.Settling(run.now(), until));
        } else {
            settling.closeRollBack(); // the new key was never handed out
        }
    }

    private boolean rollBackDevice(DeviceState device) {
        run.append(JournalEntry.Step.ROLLING_BACK, device, Map.of());
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
        List<SshPublicKey> takenBack = run.keys.takenBackKeys();
        List<KeyRing.Candidate> wayBack = run.keys.wayBack(device);
        List<RemoteEdit> edits = new ArrayList<>();
        DeviceAccount.Removal removal;
        // The old key first: it must log in before the new one goes, and after.
        try (DeviceAccount.Session old = logInWithOld(device, wayBack, edits)) {
            DeviceAccount.Survivor loggedIn = DeviceAccount.Survivor.justNow(
                    run.keys.publicKey(old.version().orElseThrow()));
            removal = account.removeOver(old, loggedIn, run.keys.others(), takenBack);
        }
        edits.addAll(removal.edits());
        try (DeviceAccount.Session old = account.logInWithAny(wayBack, takenBack)) {
            if (!removal.removed() || old.answers().contains(Answer.ACCEPTED)) {
                throw new DeviceStepException(
                        DeviceFailure.Kind.STILL_ACCEPTED, "the new key is still accepted after it was removed", null);
            }
        }
        return edits;
    }

    /** Where something else has taken the old key away, the new one may be the only way in: it puts the old one back. */
    private DeviceAccount.Session logInWithOld(
            DeviceState device, List<KeyRing.Candidate> wayBack, List<RemoteEdit> edits) {
        DeviceAccount account = run.account(device);
        try {
            return account.logInWithAny(wayBack, List.of());
        } catch (DeviceStepException e) { // none of the keys is let in
            LOG.info("{} lets the old key in no more: putting it back with the new one", device.device.id());
            edits.addAll(putBack(account, e));
            return account.logInWithAny(wayBack, List.of());
        }
    }

    private List<RemoteEdit> putBack(DeviceAccount account, DeviceStepException refused) {
        DeviceAccount.Session session;
        try {
            session = account.logInWithAny(run.keys.takenBack(), List.of());
        } catch (DeviceStepException e) { // nor is the new one
            throw refused;
        }
        try (session) {
            return account.addLikeOver(
                    session, run.keys.others(), run.keys.takenBackKeys(), run.keys.publicKey(run.state.oldVersion));
        } catch (SshKeyException e) {
            DeviceFailure failure = DeviceFailure.of(e);
            if (failure.retryable()) {
                throw e;
            }
            throw new DeviceStepException(
                    failure.kind(),
                    "the old key is let in no more, and cannot be put back; the new one, which is, stays until then: "
                            + failure.message(),
                    e);
        }
    }
}
