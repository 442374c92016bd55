package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.Reconciliation.DeviceAnswer;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Brings a store that was restored from a backup back to what is true, by asking the devices: the store may have forgotten
 * that a version became CURRENT, and its journal knows steps that it does not.
 */
final class Reconciling {
    private final RunContext run;

    Reconciling(RunContext run) {
        this.run = run;
    }

    /**
     * Whether a store is older than its journal. It tells by its generation and, should it have been changed since, by the key
     * that became CURRENT: it lacks that one, or has not heard of it.
     */
    static boolean isRestored(CredentialState stored, RotationState state) {
        if (stored.generation() < state.generation) {
            return true;
        }
        if (!state.promoted || state.reconciled) {
            return false;
        }
        return stored.version(state.newVersion.orElseThrow())
                .filter(version -> version.label() != KeyVersion.Label.PENDING)
                .filter(version -> state.newKey.equals(
                        Optional.of(version.publicKey().fingerprint().toString())))
                .isEmpty();
    }

    /** A store that is older than its journal knows less than was done: nothing is built on that. */
    static void requireNotRestored(CredentialState stored, RotationState state) {
        restored(stored, state).ifPresent(why -> {
            throw new RotationException(why, null);
        });
    }

    /** Says that a store is older than its journal, and what to do; empty where it is not. */
    static Optional<String> restored(CredentialState stored, RotationState state) {
        return isRestored(stored, state)
                ? Optional.of("the store is older than the journal of " + stored.name()
                        + ", as after a restored backup: reconcile it first")
                : Optional.empty();
    }

    Reconciliation reconcile() {
        if (!isRestored(run.keys.stored(), run.state)) {
            // It would end a rotation that is to be resumed.
            throw new RotationException(
                    "the store is as new as the journal of " + run.credential.name() + ": nothing is to be reconciled",
                    null);
        }
        Map<String, Place> places = new HashMap<>();
        for (Device device : run.credential.devices()) {
            places.put(device.id(), new Place(device, run.credential.userOn(device), Optional.empty()));
        }
        // Somebody has said that these are not to be waited for.
        removed().forEach(places::remove);
        for (DeviceState device : run.state.members()) {
            places.put(device.device.id(), new Place(device.device, device.user, device.hostKey));
        }
        List<DeviceAnswer> answers = new ArrayList<>();
        places.values().stream()
                .sorted(java.util.Comparator.comparing(place -> place.device().id()))
                .forEach(place -> answers.add(ask(place)));
        boolean complete = answers.stream().allMatch(answer -> answer.failure().isEmpty());
        if (complete) {
            settle(answers);
        }
        return new Reconciliation(run.credential.name(), complete, answers);
    }

    private List<String> removed() {
        return run.state.devices.values().stream()
                .filter(device -> device.removed.isPresent())
                .map(device -> device.device.id())
                .toList();
    }

    private record Place(Device device, String user, Optional<SshPublicKey> hostKey) {}

    private DeviceAnswer ask(Place place) {
        DeviceAccount account = run.account(place.device(), place.user(), place.hostKey());
        Attempts attempts = new Attempts(
                run.credential.policy().attempts(),
                run.parts.pause(),
                place.device().id().hashCode());
        List<KeyVersion> versions = run.keys.stored().versions();
        try {
            List<Answer> answers = attempts.run(
                            () -> account.ask(
                                    versions.stream().map(KeyVersion::publicKey).toList()),
                            (failure, attempt, retryIn) -> {})
                    .value();
            Set<Integer> accepted = new TreeSet<>();
            for (int i = 0; i < versions.size(); i++) {
                if (answers.get(i) == Answer.ACCEPTED) {
                    accepted.add(versions.get(i).number());
                }
            }
            return new DeviceAnswer(place.device().id(), accepted, Optional.empty());
        } catch (Attempts.StepFailedException e) {
            return new DeviceAnswer(place.device().id(), Set.of(), Optional.of(e.failure()));
        }
    }

    /** A PENDING version that some device needs becomes CURRENT again; whatever is accepted somewhere is kept. */
    private void settle(List<DeviceAnswer> answers) {
        CredentialState stored = run.keys.stored();
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        answers.stream()
                .filter(answer -> !answer.accepted().isEmpty())
                .forEach(answer -> mayAccept.put(answer.device(), answer.accepted()));
        removed().forEach(device -> mayAccept.put(device, Set.of()));
        run.recordDevices(mayAccept);
        if (stored.pending().isPresent()) {
            int pending = stored.pending().get().number();
            int current = stored.current().map(KeyVersion::number).orElse(0);
            boolean needed = answers.stream()
                    .anyMatch(answer -> answer.accepted().contains(pending)
                            && !answer.accepted().contains(current));
            if (needed) {
                run.parts.store().promote(run.lease, pending);
            } else {
                run.parts.store().discard(run.lease, pending);
            }
            run.keys.reload();
        }
        run.append(JournalEntry.Step.RECONCILED, Map.of());
    }
}
