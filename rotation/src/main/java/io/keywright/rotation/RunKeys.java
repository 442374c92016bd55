package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys that a run deals with, and what the store knows about them. The store is read when the run begins and after each
 * change that the run makes, not for each device: under the lease nobody else changes it. Thread-safe.
 */
final class RunKeys implements AutoCloseable {
    private final EngineParts parts;
    private final Credential credential;
    private final RotationState state;
    private final KeyRing own;
    private final KeyRing other;
    private volatile CredentialState stored;

    RunKeys(EngineParts parts, Credential credential, RotationState state) {
        this.parts = parts;
        this.credential = credential;
        this.state = state;
        this.stored = parts.require(credential.name());
        this.own = new KeyRing(parts.store(), credential.name());
        this.other = new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()));
    }

    /** What the store knows about the credential. */
    CredentialState stored() {
        return stored;
    }

    /** To be called after each change in the store. */
    void reload() {
        stored = parts.require(credential.name());
        own.reload();
    }

    int newVersion() {
        return state.newVersion.orElseThrow();
    }

    SshKeyPair newPair() {
        return own.pair(newVersion());
    }

    SshPublicKey newKey() {
        return publicKey(newVersion());
    }

    /**
     * How to open the connection for the change: with the other credential, or with the versions this device may hold. Where
     * the new key is on the device already, maybe as another device's, it comes last.
     */
    List<KeyRing.Candidate> candidates(DeviceState device) {
        if (credential.authenticateWith().isPresent()) {
            return other.everything();
        }
        List<KeyRing.Candidate> candidates = new ArrayList<>(oldCandidates(device));
        candidates.addAll(own.keys(List.of(newVersion())));
        return candidates;
    }

    /** Asks the store again about whom the connections are opened with; tells whether that made a difference. */
    boolean reloadOther() {
        return credential.authenticateWith().isPresent() && other.reload();
    }

    /** The old versions that a device may let in, newest first, before those that it should not let in any more. */
    private List<KeyRing.Candidate> oldCandidates(DeviceState device) {
        Set<Integer> likely = mayAccept(device);
        likely.add(state.oldVersion);
        Set<Integer> unlikely = oldVersions(device);
        likely.retainAll(unlikely);
        unlikely.removeAll(likely);
        List<KeyRing.Candidate> candidates = new ArrayList<>(own.keys(likely));
        candidates.addAll(own.keys(unlikely));
        return candidates;
    }

    /** The versions that are taken back: the new one, and those of earlier rotations that are not destroyed yet. */
    private List<Integer> takenBackVersions() {
        Set<Integer> versions = new TreeSet<>(Collections.reverseOrder());
        stored.versions().stream()
                .filter(version -> version.label() == KeyVersion.Label.ROLLED_BACK)
                .forEach(version -> versions.add(version.number()));
        state.newVersion.ifPresent(versions::add);
        return List.copyOf(versions);
    }

    /** Whether an earlier rotation was taken back, and what it brought is not destroyed yet. */
    boolean hasUnsettled() {
        return takenBackVersions().stream().anyMatch(version -> !state.newVersion.equals(Optional.of(version)));
    }

    /** The public halves of the versions that are taken back, newest first. */
    List<SshPublicKey> takenBackKeys() {
        return publicKeys(takenBackVersions());
    }

    /** How to log in with what is taken back. */
    List<KeyRing.Candidate> takenBack() {
        return own.keys(takenBackVersions());
    }

    /** How to log in with what is not: a device accepted one of these before the rotation. */
    List<KeyRing.Candidate> wayBack(DeviceState device) {
        Set<Integer> versions = oldVersions(device);
        takenBackVersions().forEach(versions::remove);
        return own.keys(versions);
    }

    /** What edits where the key that is logged in with may not: the other credential, if there is one. */
    List<KeyRing.Candidate> others() {
        return credential.authenticateWith().isPresent() ? other.everything() : List.of();
    }

    /** The versions that a device may accept, as far as the store knows. */
    Set<Integer> mayAccept(DeviceState device) {
        return new TreeSet<>(stored.mayAccept().getOrDefault(device.device.id(), Set.of(state.oldVersion)));
    }

    /**
     * The versions other than the new one that a device may accept: the one that was CURRENT, and whatever is not destroyed,
     * since a machine that stops may come back with the file of an earlier rotation.
     */
    private Set<Integer> oldVersions(DeviceState device) {
        Set<Integer> versions = mayAccept(device);
        versions.add(state.oldVersion);
        stored.versions().stream().filter(KeyVersion::hasPrivateKey).forEach(version -> versions.add(version.number()));
        state.newVersion.ifPresent(versions::remove);
        return versions;
    }

    /** The old versions that a device is asked about, newest first. */
    List<Integer> questions(DeviceState device) {
        List<Integer> newestFirst = new ArrayList<>(oldVersions(device));
        newestFirst.removeIf(this::hasOvertaken);
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    /** The public halves of the old versions that a device may accept, newest first. */
    List<SshPublicKey> oldKeys(DeviceState device) {
        return publicKeys(questions(device));
    }

    /** Which old versions a device has accepted: the answers to the questions, and the key that has logged in. */
    Set<Integer> accepted(DeviceState device, List<Integer> questions, DeviceAccount.Session session) {
        Set<Integer> accepted = new TreeSet<>();
        for (int i = 0; i < questions.size(); i++) {
            if (session.answers().get(i) == Answer.ACCEPTED) {
                accepted.add(questions.get(i));
            }
        }
        // Another credential's log-in, or one to another account, says nothing about this key on this account.
        if (credential.authenticateWith().isEmpty()
                && device.device.administrator().isEmpty()) {
            session.version().filter(questions::contains).ifPresent(accepted::add);
        }
        return accepted;
    }

    List<SshPublicKey> publicKeys(List<Integer> versions) {
        return versions.stream().map(this::publicKey).toList();
    }

    /** Every version but the new one, and one that came after it, newest first: none of them may stay on a device. */
    List<SshPublicKey> doomed() {
        List<KeyVersion> versions = new ArrayList<>(stored.versions());
        Collections.reverse(versions);
        return versions.stream().filter(this::isOld).map(KeyVersion::publicKey).toList();
    }

    private boolean isOld(KeyVersion version) {
        return version.number() != newVersion() && !hasOvertaken(version.number());
    }

    /**
     * Whether a version was imported and became CURRENT after the new one had: it is not this rotation's to remove.
     */
    private boolean hasOvertaken(int version) {
        return state.promoted
                && version != newVersion()
                && stored.current()
                        .filter(current -> current.number() == version)
                        .isPresent();
    }

    SshPublicKey publicKey(int version) {
        return stored.version(version)
                .orElseThrow(() -> new StoreException(credential.name() + " has no version " + version, null))
                .publicKey();
    }

    @Override
    public void close() {
        own.close();
        other.close();
    }
}
