package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.KeyVersion.Label;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.LogIn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * FINISH: the second proof, once it is due; then the private keys that went are destroyed, unless a proof is missing. Those
 * are the old ones on the way forward, and the new one on the way back.
 */
final class Settling {
    private final RunContext run;

    Settling(RunContext run) {
        this.run = run;
    }

    /** The second proof that the old keys are dead. */
    void confirm() {
        boolean all = confirm(DeviceState::isContracted, this::isOldBack, JournalEntry.Step.CONTRACTING);
        if (all && run.state.members().stream().allMatch(device -> device.confirmed)) {
            close(Set.of(Label.PREVIOUS, Label.ROLLED_BACK));
        }
    }

    /** The second proof that what was taken back is dead. */
    void confirmRollBack() {
        if (confirm(this::mayHaveHeld, this::isNewBack, JournalEntry.Step.ROLLING_BACK)) {
            closeRollBack();
        }
    }

    /** Whether some device may ever have accepted what was taken back, in this rotation or an earlier one. */
    boolean isOwedAfterRollBack() {
        return run.state.members().stream().anyMatch(this::mayHaveHeld);
    }

    /** What an earlier rotation has left to settle may be on any device. */
    private boolean mayHaveHeld(DeviceState device) {
        return device.stage == Stage.ROLLED_BACK || run.keys.hasUnsettled();
    }

    void closeRollBack() {
        close(Set.of(Label.ROLLED_BACK));
    }

    /**
     * Asks each device that is not confirmed yet, when the time has come.
     *
     * @param again the step that a device goes back to where a key is back
     * @return whether all are confirmed
     */
    private boolean confirm(Predicate<DeviceState> which, Predicate<DeviceState> isBack, JournalEntry.Step again) {
        if (run.now().isBefore(run.state.settlesAt.orElseThrow())) {
            return false;
        }
        run.visit(
                Phase.CONFIRM,
                device -> which.test(device) && !device.confirmed,
                device -> confirmDevice(device, isBack, again));
        return run.state.members().stream().filter(which).allMatch(device -> device.confirmed)
                && run.state.settlesAt.isPresent();
    }

    private void close(Set<Label> labels) {
        Optional<DeviceState> managed = run.state.members().stream()
                .filter(device -> device.managedBy.isPresent())
                .findFirst();
        boolean held = run.state.promoted || isOwedAfterRollBack();
        Optional<String> kept = managed.isEmpty() || !held
                ? destroyUnaccepted(labels)
                : Optional.of("destroy the previous private keys when nothing can bring their lines back: "
                        + managed.get().device.id() + " has a file that is managed by "
                        + managed.get().managedBy.orElseThrow());
        run.append(
                JournalEntry.Step.CLOSED, kept.map(why -> Map.of("kept", why)).orElse(Map.of()));
    }

    private boolean confirmDevice(DeviceState device, Predicate<DeviceState> isBack, JournalEntry.Step again) {
        try {
            boolean back = run.attempts(device, Phase.CONFIRM, () -> isBack.test(device))
                    .value();
            // Where it is back it is removed again, and has to settle again.
            run.append(back ? again : JournalEntry.Step.CONFIRMED, device, Map.of());
        } catch (Attempts.StepFailedException e) {
            run.appendFailure(device, Phase.CONFIRM, e);
            DeviceFailure.Kind kind = e.failure().kind();
            if (kind == DeviceFailure.Kind.NEW_KEY_REFUSED || kind == DeviceFailure.Kind.LOGIN_REFUSED) {
                // Something else has taken it away, maybe by an older file: what was proved is true no more.
                run.append(again, device, Map.of());
            }
        }
        return true;
    }

    /**
     * Whether an old key is accepted again, or stands in a file again. A line can be back and be refused, if only from here;
     * and one that is accepted can be in a file that is not ours to read.
     */
    private boolean isOldBack(DeviceState device) {
        DeviceAccount account = run.account(device);
        try (DeviceAccount.Session session =
                account.logIn(LogIn.withKey(run.keys.newPair()), run.keys.oldKeys(device))) {
            return isBack(account, session, run.keys.doomed());
        } catch (AuthenticationRefusedException e) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.NEW_KEY_REFUSED, "the new key is let in no more: " + e.getMessage(), e);
        }
    }

    private boolean isNewBack(DeviceState device) {
        DeviceAccount account = run.account(device);
        List<SshPublicKey> takenBack = run.keys.takenBackKeys();
        try (DeviceAccount.Session session = account.logInWithAny(run.keys.wayBack(device), takenBack)) {
            return isBack(account, session, takenBack);
        }
    }

    private boolean isBack(DeviceAccount account, DeviceAccount.Session session, List<SshPublicKey> dead) {
        return session.answers().contains(Answer.ACCEPTED) || account.holdsAny(session, run.keys.others(), dead);
    }

    /**
     * Destroys each private key with one of the labels that no device may accept.
     *
     * @return what is to be done about those that are kept, or empty when there are none
     */
    private Optional<String> destroyUnaccepted(Set<Label> labels) {
        CredentialState stored = run.keys.stored();
        Set<String> holding = new TreeSet<>();
        for (KeyVersion version : stored.versions()) {
            if (!labels.contains(version.label())) {
                continue;
            }
            List<String> accepting = stored.devicesAccepting(version.number());
            holding.addAll(accepting);
            if (accepting.isEmpty()) {
                run.parts.store().destroy(run.lease, version.number());
                run.append(JournalEntry.Step.DESTROYED, Map.of("version", Integer.toString(version.number())));
                run.tell(new RotationEvent.Destroyed(run.now(), version.number()));
            }
        }
        Set<String> members = run.state.members().stream()
                .map(device -> device.device.id())
                .filter(holding::contains)
                .collect(Collectors.toCollection(TreeSet::new));
        holding.removeAll(members);
        List<String> left = Stream.of(unproved(members), Unlisted.describe(holding))
                .flatMap(Optional::stream)
                .toList();
        return left.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", left));
    }

    private static Optional<String> unproved(Set<String> devices) {
        return devices.isEmpty()
                ? Optional.empty()
                : Optional.of("an old key is kept that " + Names.list(devices)
                        + " refused before its lines were removed, which proves nothing: make sure that no file that is"
                        + " read there has it, then remove the device from the credential and list it again");
    }
}
