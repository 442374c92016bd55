package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.ConnectionLostException;
import io.keywright.transport.LogIn;
import io.keywright.transport.TransportTimeoutException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** CONTRACT: every older key is removed over a session of the new one, and has to be refused afterwards. */
final class Contraction {
    private static final Logger LOG = LoggerFactory.getLogger(RotationRun.class);

    private final RunContext run;
    private final Expansion expansion;
    /** Devices that were seen to accept the new key in this phase, for the sake of others that share their file. */
    private final Set<DeviceState> ready = ConcurrentHashMap.newKeySet();

    private @Nullable Neighbours neighbours;
    private @Nullable SharedFiles sharedFiles;

    Contraction(RunContext run, Expansion expansion) {
        this.run = run;
        this.expansion = expansion;
    }

    void contract() {
        RotationState state = run.state;
        neighbours = new Neighbours(run.parts, run.keys.stored());
        sharedFiles = new SharedFiles(state);
        run.visit(Phase.CONTRACT, device -> !device.isQuarantined() && !device.isContracted(), this::contractDevice);
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        for (DeviceState device : state.members()) {
            if (device.isContracted() && device.proof.isComplete()) {
                Set<Integer> versions = new TreeSet<>(device.unproved);
                versions.add(run.keys.newVersion());
                mayAccept.put(device.device.id(), versions);
            }
        }
        run.recordDevices(mayAccept);
        boolean all = state.members().stream().allMatch(DeviceState::isContracted);
        if (all && state.settlesAt.isEmpty()) {
            Instant until = run.now().plus(run.credential.policy().settle());
            run.append(JournalEntry.Step.SETTLING, Map.of("until", until.toString()));
            run.tell(new RotationEvent.Settling(run.now(), until));
        }
    }

    private boolean contractDevice(DeviceState device) {
        run.append(JournalEntry.Step.CONTRACTING, device, Map.of());
        try {
            Attempts.Result<Contracted> result = run.attempts(device, Phase.CONTRACT, () -> contractOnce(device));
            Contracted contracted = result.value();
            Map<String, String> facts =
                    RotationState.editFacts(contracted.removal().edits(), result.attempts());
            facts.put("oldAfter", contracted.oldAfter().label());
            facts.put("newAfter", Answer.ACCEPTED.label());
            contracted.removal().manager().ifPresent(manager -> facts.put("managedBy", manager));
            facts.put("removed", Boolean.toString(contracted.removal().removed()));
            facts.put("unproved", RotationState.versionsFact(unproved(device, contracted)));
            run.append(JournalEntry.Step.CONTRACTED, device, facts);
        } catch (Attempts.StepFailedException e) {
            run.appendFailure(device, Phase.CONTRACT, e);
        }
        return true;
    }

    private record Contracted(Answer oldAfter, DeviceAccount.Removal removal) {}

    /** The old versions that the device may accept for all that is known: a proof is about what it accepted before. */
    private Set<Integer> unproved(DeviceState device, Contracted contracted) {
        RevocationProof proof = new RevocationProof(
                device.proof.oldBefore(),
                contracted.oldAfter(),
                Answer.ACCEPTED,
                contracted.removal().removed());
        if (!proof.isComplete()) {
            Set<Integer> possible = run.keys.mayAccept(device);
            possible.remove(run.keys.newVersion());
            return possible;
        }
        Set<Integer> unproved = new TreeSet<>(device.unproved);
        unproved.removeAll(device.acceptedBefore);
        unproved.remove(run.keys.newVersion());
        return unproved;
    }

    private Contracted contractOnce(DeviceState device) {
        requireMayRemove(device);
        DeviceAccount account = run.account(device);
        SshKeyPair newPair = run.keys.newPair();
        DeviceAccount.Removal removal =
                removeOverKept(device).orElseGet(() -> removeOverFresh(run.account(device), device));
        Answer oldAfter = Answer.any(account.requireLogIn(newPair, run.keys.oldKeys(device)));
        if (!removal.removed()) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.STILL_ACCEPTED,
                    "the old key is back in a file right after it was removed: something else writes that file",
                    null);
        } else if (oldAfter == Answer.ACCEPTED) {
            List<String> elsewhere = account.elsewhere(newPair, run.keys.others(), run.keys.doomed());
            throw new DeviceStepException(
                    DeviceFailure.Kind.STILL_ACCEPTED,
                    "the old key is in none of the files " + device.device.authorizedKeysFiles()
                            + " and is accepted all the same: "
                            + (elsewhere.isEmpty()
                                    ? "sshd may read another file, or run an AuthorizedKeysCommand"
                                    : "it is in " + String.join(", ", elsewhere)
                                            + ", which sshd may read, too: name it"),
                    null);
        }
        return new Contracted(oldAfter, removal);
    }

    private DeviceAccount.Removal removeOverFresh(DeviceAccount account, DeviceState device) {
        try (DeviceAccount.Session session = logInWithNewKey(account, device)) {
            DeviceAccount.Survivor survivor = DeviceAccount.Survivor.justNow(run.keys.newKey());
            return account.removeOver(session, survivor, run.keys.others(), run.keys.doomed());
        }
    }

    /**
     * Removes over the log-in of EXPAND, while it stands and the files are still those with which it logged in. Else whether
     * the new key is let in has to be asked again, on a connection of its own.
     */
    private Optional<DeviceAccount.Removal> removeOverKept(DeviceState device) {
        Optional<DeviceAccount.Session> kept = run.kept.take(device);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        DeviceAccount.Survivor survivor = DeviceAccount.Survivor.withFiles(run.keys.newKey(), device.files.values());
        try (DeviceAccount.Session session = kept.get()) {
            return Optional.of(run.account(device).removeOver(session, survivor, run.keys.others(), run.keys.doomed()));
        } catch (ConnectionLostException | TransportTimeoutException e) {
            run.mayBeUntidy(device);
            LOG.debug("{} has ended the connection: making another", device.device.id());
        } catch (DeviceStepException e) {
            // The files have changed since EXPAND, most likely; what stands in the way otherwise will do so again.
            LOG.debug("{} cannot be edited over what was kept: {}", device.device.id(), e.kind());
        }
        return Optional.empty();
    }

    /** What the plan found out may have changed since: other credentials, and devices that stand for the same file. */
    private void requireMayRemove(DeviceState device) {
        Objects.requireNonNull(neighbours, "set before any device is visited")
                .at(device.device, device.user, device.hostKey)
                .ifPresent(shared -> {
                    throw new DeviceStepException(shared.kind(), shared.message(), null);
                });
        for (DeviceState other : Objects.requireNonNull(sharedFiles, "set before any device is visited")
                .with(device)) {
            // Each of them has to let the new key in now, not some time ago.
            run.kept.take(other).ifPresent(DeviceAccount.Session::close);
            if (other != device && ready.add(other)) {
                boolean logsIn = false;
                try {
                    // Where their file has lost the new key it is added here, else each would wait for the other.
                    logInWithNewKey(run.account(other), other).close();
                    logsIn = true;
                } finally {
                    if (!logsIn) {
                        ready.remove(other);
                    }
                }
            }
        }
    }

    /** Where something else has taken the new key's line away since EXPAND, it is added again before anything is removed. */
    private DeviceAccount.Session logInWithNewKey(DeviceAccount account, DeviceState device) {
        LogIn logIn = LogIn.withKey(run.keys.newPair());
        try {
            return account.logIn(logIn, List.of());
        } catch (AuthenticationRefusedException e) {
            LOG.info("{} refuses the new key since it was added: adding it again", device.device.id());
            expansion.again(device);
            return run.kept.take(device).orElseGet(() -> account.logIn(logIn, List.of()));
        }
    }
}
