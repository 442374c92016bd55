package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationEvent.Phase;
import io.keywright.rotation.RotationState.DeviceState;
import io.keywright.rotation.RotationState.Stage;
import io.keywright.transport.AuthenticationRefusedException;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rotation, from wherever its journal says it stands to as far as it can go now.
 *
 * <p>Every step is written to the journal: what is about to touch a device before it does, what is proved after it was. What
 * to do next is read from the state alone, so that a fresh rotation and one that is resumed take the same way.
 */
final class RotationRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RotationRun.class);

    private final EngineParts parts;
    private final Credential credential;
    private final CredentialStore.Lease lease;
    private final RotationJournal.Log log;
    private final Consumer<RotationEvent> progress;
    private final RotationState state;
    private final boolean resumed;
    private final KeyRing own;
    private final KeyRing other;

    RotationRun(
            EngineParts parts,
            Credential credential,
            CredentialStore.Lease lease,
            RotationJournal.Log log,
            Consumer<RotationEvent> progress) {
        this.parts = parts;
        this.credential = credential;
        this.lease = lease;
        this.log = log;
        this.progress = progress;
        this.state = RotationState.replay(log.entries());
        this.resumed = state.isBegun();
        this.own = new KeyRing(parts.store(), credential.name());
        this.other = new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()));
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
        entries.add(entry(JournalEntry.Step.BEGUN, Optional.empty(), begun));
        int canaries = credential.policy().canary();
        for (PlannedDevice device : plan.devices()) {
            // A device that cannot be worked on warns nobody.
            boolean canary = device.obstacle().isEmpty() && canaries-- > 0;
            entries.add(entry(
                    JournalEntry.Step.PLANNED,
                    Optional.of(device.device().id()),
                    RotationState.plannedFacts(device, canary)));
        }
        append(entries);
    }

    /** Goes as far as it can. */
    void run() {
        if (state.closed) {
            return;
        }
        progress.accept(
                new RotationEvent.Begun(now(), state.rotation, credential.name(), state.devices.size(), resumed));
        if (!state.promoted && state.abortReason.isEmpty()) {
            stage();
            expand(device -> !device.isQuarantined() && device.stage != Stage.EXPANDED);
        }
        if (state.abortReason.isPresent()) {
            rollBack();
            return;
        }
        promote();
        if (resumed) {
            expand(DeviceState::isQuarantined);
        }
        if (state.settlesAt.isPresent()) {
            confirm();
        }
        if (!state.closed) {
            contract();
        }
    }

    // ---- STAGE

    private void stage() {
        if (state.newVersion.isEmpty()) {
            try (SshKeyPair pair =
                    credential.key().generator().withRandom(parts.random()).generate()) {
                KeyVersion staged = parts.store().stage(lease, state.rotation, pair);
                append(
                        JournalEntry.Step.STAGED,
                        Optional.empty(),
                        Map.of(
                                "version",
                                Integer.toString(staged.number()),
                                "key",
                                staged.publicKey().fingerprint().toString()));
                progress.accept(new RotationEvent.Staged(
                        now(), staged.number(), staged.publicKey().fingerprint().toString()));
            }
        }
        // Before any device hears of the new key, the store knows that each of them may accept it.
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        CredentialState stored = parts.require(credential.name());
        for (DeviceState device : state.devices.values()) {
            Set<Integer> versions = mayAccept(stored, device);
            versions.add(newVersion());
            mayAccept.put(device.device.id(), versions);
        }
        parts.store().recordDevices(lease, mayAccept);
    }

    // ---- EXPAND

    private void expand(Predicate<DeviceState> which) {
        boolean abort = !state.promoted && credential.policy().onFailure() == RotationPolicy.OnFailure.ABORT;
        visit(Phase.EXPAND, which, device -> expandDevice(device, abort));
        boolean nobody = state.devices.values().stream().allMatch(DeviceState::isQuarantined);
        if (!state.promoted && nobody && state.abortReason.isEmpty()) {
            abort("no device accepts the new key");
        }
    }

    /** Returns false when the rotation is to stop here. */
    private boolean expandDevice(DeviceState device, boolean abort) {
        // An earlier life may have added the key already; whoever fails before that has not touched the device.
        boolean[] touched = {device.mayHoldNew};
        append(JournalEntry.Step.EXPANDING, device, Map.of());
        try {
            Attempts.Result<Expansion> result = attempts(device, Phase.EXPAND, () -> expandOnce(device, touched));
            Map<String, String> facts = RotationState.editFacts(result.value().edits(), result.attempts());
            facts.put("oldBefore", result.value().oldBefore().label());
            append(JournalEntry.Step.EXPANDED, device, facts);
            return true;
        } catch (Attempts.StepFailedException e) {
            Map<String, String> facts = RotationState.failureFacts(Phase.EXPAND, e.failure(), e.attempts());
            facts.put("touched", Boolean.toString(touched[0]));
            append(JournalEntry.Step.FAILED, device, facts);
            if (abort || (device.canary && !state.promoted)) {
                abort(device.device.id() + ": " + e.failure().message());
                return false;
            }
            append(JournalEntry.Step.QUARANTINED, device, RotationState.failureFacts(Phase.EXPAND, e.failure(), 0));
            return true;
        }
    }

    private record Expansion(Answer oldBefore, List<RemoteEdit> edits) {}

    private Expansion expandOnce(DeviceState device, boolean[] touched) {
        DeviceAccount account = account(device);
        List<SshPublicKey> oldKeys = oldKeys(device);
        List<Answer> before;
        List<RemoteEdit> edits;
        try (DeviceAccount.Session session = account.logInToEdit(candidates(device, true), questions(device))) {
            before = session.answers();
            touched[0] = true;
            edits = account.addLike(session, oldKeys, own.publicKey(newVersion()));
        }
        account.requireLogIn(own.pair(newVersion()), List.of());
        return new Expansion(Answer.any(before), edits);
    }

    // ---- PROMOTE

    private void promote() {
        if (!state.promoted) {
            parts.store().promote(lease, newVersion());
            append(JournalEntry.Step.PROMOTED, Optional.empty(), Map.of());
            progress.accept(new RotationEvent.Promoted(now(), newVersion()));
        }
    }

    // ---- CONTRACT

    private void contract() {
        visit(Phase.CONTRACT, device -> !device.isQuarantined() && !device.isContracted(), this::contractDevice);
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        for (DeviceState device : state.devices.values()) {
            if (device.isContracted() && device.proof.isComplete()) {
                mayAccept.put(device.device.id(), Set.of(newVersion()));
            }
        }
        parts.store().recordDevices(lease, mayAccept);
        boolean all = state.devices.values().stream().allMatch(DeviceState::isContracted);
        if (all && state.settlesAt.isEmpty()) {
            Instant until = now().plus(credential.policy().settle());
            append(JournalEntry.Step.SETTLING, Optional.empty(), Map.of("until", until.toString()));
            progress.accept(new RotationEvent.Settling(now(), until));
        }
    }

    private boolean contractDevice(DeviceState device) {
        append(JournalEntry.Step.CONTRACTING, device, Map.of());
        try {
            Attempts.Result<Contraction> result = attempts(device, Phase.CONTRACT, () -> contractOnce(device));
            Contraction contraction = result.value();
            Map<String, String> facts =
                    RotationState.editFacts(contraction.removal().edits(), result.attempts());
            facts.put("oldAfter", contraction.oldAfter().label());
            facts.put("newAfter", Answer.ACCEPTED.label());
            facts.put("removed", Boolean.toString(contraction.removal().removed()));
            append(JournalEntry.Step.CONTRACTED, device, facts);
        } catch (Attempts.StepFailedException e) {
            appendFailure(device, Phase.CONTRACT, e);
        }
        return true;
    }

    private record Contraction(Answer oldAfter, DeviceAccount.Removal removal) {}

    private Contraction contractOnce(DeviceState device) {
        DeviceAccount account = account(device);
        SshKeyPair newPair = own.pair(newVersion());
        DeviceAccount.Removal removal;
        try (DeviceAccount.Session session = logInWithNewKey(account, device)) {
            removal = account.removeOver(session, newPair.publicKey(), others(), doomed());
        }
        Answer oldAfter = Answer.any(account.requireLogIn(newPair, questions(device)));
        if (oldAfter == Answer.ACCEPTED || !removal.removed()) {
            throw new DeviceStepException(
                    DeviceFailure.Kind.STILL_ACCEPTED,
                    removal.removed()
                            ? "the old key is in none of the files " + device.device.authorizedKeysFiles()
                                    + " and is accepted all the same: sshd may read another file, or run an AuthorizedKeysCommand"
                            : "the old key is back in a file right after it was removed: something else writes that file",
                    null);
        }
        return new Contraction(oldAfter, removal);
    }

    /** Where something else has taken the new key's line away since EXPAND, it is added again before anything is removed. */
    private DeviceAccount.Session logInWithNewKey(DeviceAccount account, DeviceState device) {
        LogIn logIn = LogIn.withKey(own.pair(newVersion()));
        try {
            return account.logIn(logIn, List.of());
        } catch (AuthenticationRefusedException e) {
            LOG.info("{} refuses the new key since it was added: adding it again", device.device.id());
            expandOnce(device, new boolean[1]);
            return account.logIn(logIn, List.of());
        }
    }

    // ---- FINISH

    /** The second proof, once it is due; then the previous private keys are destroyed, unless a proof is missing. */
    private void confirm() {
        if (now().isBefore(state.settlesAt.orElseThrow())) {
            return;
        }
        visit(Phase.CONFIRM, device -> device.isContracted() && !device.confirmed, this::confirmDevice);
        if (!state.devices.values().stream().allMatch(device -> device.confirmed)) {
            return;
        }
        destroyUnaccepted();
        append(JournalEntry.Step.CLOSED, Optional.empty(), Map.of());
    }

    private boolean confirmDevice(DeviceState device) {
        try {
            Attempts.Result<Answer> result = attempts(
                    device,
                    Phase.CONFIRM,
                    () -> Answer.any(account(device).requireLogIn(own.pair(newVersion()), doomedQuestions(device))));
            if (result.value() == Answer.ACCEPTED) {
                // It is back: remove it again, and let it settle again.
                append(JournalEntry.Step.CONTRACTING, device, Map.of());
            } else {
                append(JournalEntry.Step.CONFIRMED, device, Map.of());
            }
        } catch (Attempts.StepFailedException e) {
            appendFailure(device, Phase.CONFIRM, e);
        }
        return true;
    }

    /** Destroys each private key that is neither CURRENT nor PENDING, and that no device may accept. */
    private void destroyUnaccepted() {
        CredentialState stored = parts.require(credential.name());
        for (KeyVersion version : stored.versions()) {
            boolean old =
                    version.label() == KeyVersion.Label.PREVIOUS || version.label() == KeyVersion.Label.ROLLED_BACK;
            boolean accepted = stored.mayAccept().values().stream().anyMatch(set -> set.contains(version.number()));
            if (old && !accepted) {
                parts.store().destroy(lease, version.number());
                append(
                        JournalEntry.Step.DESTROYED,
                        Optional.empty(),
                        Map.of("version", Integer.toString(version.number())));
                progress.accept(new RotationEvent.Destroyed(now(), version.number()));
            }
        }
    }

    // ---- ROLL BACK

    private void abort(String reason) {
        synchronized (state) {
            if (state.abortReason.isEmpty()) {
                append(JournalEntry.Step.ABORTING, Optional.empty(), Map.of("reason", reason));
                progress.accept(new RotationEvent.Aborting(now(), reason));
            }
        }
    }

    private void rollBack() {
        visit(Phase.ROLL_BACK, device -> device.mayHoldNew, this::rollBackDevice);
        Map<String, Set<Integer>> mayAccept = new HashMap<>();
        CredentialState stored = parts.require(credential.name());
        for (DeviceState device : state.devices.values()) {
            if (!device.mayHoldNew) {
                Set<Integer> versions = mayAccept(stored, device);
                state.newVersion.ifPresent(versions::remove);
                mayAccept.put(device.device.id(), versions);
            }
        }
        parts.store().recordDevices(lease, mayAccept);
        if (state.devices.values().stream().anyMatch(device -> device.mayHoldNew)) {
            return;
        }
        if (state.newVersion.isPresent() && !state.discarded) {
            parts.store().discard(lease, newVersion());
            append(JournalEntry.Step.DISCARDED, Optional.empty(), Map.of());
        }
        state.newVersion.ifPresent(version -> parts.store().destroy(lease, version));
        append(JournalEntry.Step.CLOSED, Optional.empty(), Map.of());
    }

    private boolean rollBackDevice(DeviceState device) {
        try {
            Attempts.Result<List<RemoteEdit>> result = attempts(device, Phase.ROLL_BACK, () -> rollBackOnce(device));
            append(JournalEntry.Step.ROLLED_BACK, device, RotationState.editFacts(result.value(), result.attempts()));
        } catch (Attempts.StepFailedException e) {
            appendFailure(device, Phase.ROLL_BACK, e);
        }
        return true;
    }

    private List<RemoteEdit> rollBackOnce(DeviceState device) {
        DeviceAccount account = account(device);
        SshPublicKey newKey = own.publicKey(newVersion());
        List<KeyRing.Candidate> oldCandidates = own.keys(oldVersions(device));
        DeviceAccount.Removal removal;
        // The old key first: it must log in before the new one goes, and after.
        try (DeviceAccount.Session old = account.logInWithAny(oldCandidates, List.of())) {
            SshPublicKey loggedIn = own.publicKey(old.version().orElseThrow());
            removal = account.removeOver(old, loggedIn, others(), List.of(newKey));
        }
        try (DeviceAccount.Session old = account.logInWithAny(oldCandidates, List.of(newKey))) {
            if (!removal.removed() || old.answers().contains(Answer.ACCEPTED)) {
                throw new DeviceStepException(
                        DeviceFailure.Kind.STILL_ACCEPTED, "the new key is still accepted after it was removed", null);
            }
        }
        return removal.edits();
    }

    // ---- what every phase uses

    /** Visits devices in order: canaries alone and one at a time, then the others as many at once as the policy says. */
    private void visit(Phase phase, Predicate<DeviceState> which, Predicate<DeviceState> work) {
        List<DeviceState> all = state.devices.values().stream().filter(which).toList();
        if (all.isEmpty()) {
            return;
        }
        progress.accept(new RotationEvent.PhaseBegun(now(), phase, all.size()));
        int[] done = {0};
        Predicate<DeviceState> counted = device -> {
            boolean goOn = work.test(device);
            if (succeeded(phase, device)) {
                synchronized (done) {
                    progress.accept(
                            new RotationEvent.DeviceDone(now(), phase, device.device.id(), ++done[0], all.size()));
                }
            }
            return goOn;
        };
        List<DeviceState> canaries =
                all.stream().filter(device -> device.canary).toList();
        List<DeviceState> others = all.stream().filter(device -> !device.canary).toList();
        if (Lanes.run(canaries, 1, null, counted)) {
            Lanes.run(others, credential.policy().parallelism(), parts.executor(), counted);
        }
    }

    private static boolean succeeded(Phase phase, DeviceState device) {
        return switch (phase) {
            case EXPAND -> device.stage == Stage.EXPANDED;
            case CONTRACT -> device.stage == Stage.CONTRACTED;
            case ROLL_BACK -> device.stage == Stage.ROLLED_BACK;
            case CONFIRM -> device.confirmed;
        };
    }

    private <T> Attempts.Result<T> attempts(DeviceState device, Phase phase, Supplier<T> step) {
        String id = device.device.id();
        long seed = (state.rotation + id).hashCode();
        return new Attempts(credential.policy().attempts(), parts.pause(), seed)
                .run(step, (failure, attempt, retryIn) -> {
                    LOG.info("{} on {} failed, attempt {}: {}", phase, id, attempt, failure.kind());
                    progress.accept(new RotationEvent.DeviceFailed(now(), phase, id, failure, attempt, retryIn));
                });
    }

    private DeviceAccount account(DeviceState device) {
        SshPublicKey pinned = device.hostKey.orElse(null);
        // A device that was not reached when the plan was made is judged by the engine's own record of host keys.
        HostKeyVerifier verifier = pinned == null ? parts.hostKeys() : HostKeyVerifier.pinned(List.of(pinned));
        RemoteLock.Owner owner = new RemoteLock.Owner(credential.name() + "/" + state.rotation, lease.fence(), resumed);
        return parts.account(device.device, device.user, verifier, owner, lease::requireValid);
    }

    /** How to open the connection for the change: with the other credential, or with the versions this device may hold. */
    private List<KeyRing.Candidate> candidates(DeviceState device, boolean newAsLastResort) {
        if (credential.authenticateWith().isPresent()) {
            return other.everything();
        }
        List<KeyRing.Candidate> candidates = new ArrayList<>(own.keys(oldVersions(device)));
        if (newAsLastResort && device.mayHoldNew) {
            candidates.addAll(own.keys(List.of(newVersion())));
        }
        return candidates;
    }

    /** What edits where the key that is logged in with may not: the other credential, if there is one. */
    private List<KeyRing.Candidate> others() {
        return credential.authenticateWith().isPresent() ? other.everything() : List.of();
    }

    private Set<Integer> mayAccept(CredentialState stored, DeviceState device) {
        return new TreeSet<>(stored.mayAccept().getOrDefault(device.device.id(), Set.of(state.oldVersion)));
    }

    /** The versions other than the new one that a device may accept; the one that was CURRENT is always among them. */
    private Set<Integer> oldVersions(DeviceState device) {
        Set<Integer> versions = mayAccept(parts.require(credential.name()), device);
        versions.add(state.oldVersion);
        versions.remove(newVersion());
        return versions;
    }

    private List<SshPublicKey> oldKeys(DeviceState device) {
        List<Integer> newestFirst = new ArrayList<>(oldVersions(device));
        Collections.reverse(newestFirst);
        return newestFirst.stream().map(own::publicKey).toList();
    }

    private List<SshPublicKey> questions(DeviceState device) {
        return oldKeys(device).stream().limit(DeviceAccount.MAX_PROBES).toList();
    }

    /** For the second proof, when the store has forgotten already what a device accepted before. */
    private List<SshPublicKey> doomedQuestions(DeviceState device) {
        List<SshPublicKey> questions = new ArrayList<>(questions(device));
        doomed().stream().filter(key -> !questions.contains(key)).forEach(questions::add);
        return questions.stream().limit(DeviceAccount.MAX_PROBES).toList();
    }

    /** Every version but the new one: none of them may stay on a device. */
    private List<SshPublicKey> doomed() {
        List<KeyVersion> versions =
                new ArrayList<>(parts.require(credential.name()).versions());
        Collections.reverse(versions);
        return versions.stream()
                .filter(version -> version.number() != newVersion())
                .map(KeyVersion::publicKey)
                .toList();
    }

    private int newVersion() {
        return state.newVersion.orElseThrow();
    }

    private void appendFailure(DeviceState device, Phase phase, Attempts.StepFailedException e) {
        append(JournalEntry.Step.FAILED, device, RotationState.failureFacts(phase, e.failure(), e.attempts()));
    }

    private void append(JournalEntry.Step step, DeviceState device, Map<String, String> facts) {
        append(step, Optional.of(device.device.id()), facts);
    }

    private void append(JournalEntry.Step step, Optional<String> device, Map<String, String> facts) {
        append(List.of(entry(step, device, facts)));
    }

    /** Durable first, then believed. */
    private void append(List<JournalEntry> entries) {
        synchronized (state) {
            log.append(entries);
            entries.forEach(state::apply);
        }
    }

    private JournalEntry entry(JournalEntry.Step step, Optional<String> device, Map<String, String> facts) {
        return new JournalEntry(now(), step, device, facts);
    }

    private Instant now() {
        return parts.clock().instant();
    }

    @Override
    public void close() {
        own.close();
        other.close();
        log.close();
    }
}
