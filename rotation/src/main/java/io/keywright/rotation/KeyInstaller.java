package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs, verifies and removes a credential's current key on devices, by the same steps that a rotation takes. What
 * {@code ssh-copy-id} does, with proof.
 *
 * <p>Thread-safe. Trouble with a device is in the result; an exception means trouble with the store. Whoever installs or
 * removes keeps rotations of the credential away until that is done.
 */
public final class KeyInstaller {
    private static final Logger LOG = LoggerFactory.getLogger(KeyInstaller.class);

    private final EngineParts parts;

    KeyInstaller(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * Puts the current key on devices, one after the other, and logs in with it. A credential that has no key yet is given one
     * first, of its own specification, and stored before any device hears of it. Where a device accepts the key already,
     * nothing is changed. Secrets are taken out of the store once, however many devices there are, and wiped at the end.
     *
     * @param credential the credential
     * @param devices some of its devices
     * @param bootstrap how to log in while the key is not there, for example with a password; empty to use the credential
     *     that this one authenticates with, or an older version of its own key. A password is only ever sent to the host that
     *     the engine's verifier accepted when it was asked about the key, before
     * @return what became of each, in the order of the devices; {@code accepted} is ACCEPTED when the key logs in
     * @throws StoreException when the store cannot give or keep the key
     * @throws RotationException when the store is older than its journal
     * @throws CredentialBusyException when a rotation of the credential, or of the one it authenticates with, is under way
     */
    public List<KeyDeployment> install(Credential credential, List<Device> devices, Optional<LogIn> bootstrap) {
        requireCurrentOrNew(credential);
        try (Holds held = hold(credential, bootstrap);
                KeyRing own = new KeyRing(parts.store(), credential.name());
                KeyRing other = ring(credential)) {
            LOG.debug("{} is held", held.own().credential());
            KeyVersion version = parts.requireCurrent(parts.require(credential.name()));
            SshPublicKey key = version.publicKey();
            SshKeyPair pair = own.pair(version.number());
            return onEach(credential, devices, key, (device, owner, before) -> {
                Place place = place(credential, device, owner, key, before);
                if (place.seen() == Answer.ACCEPTED) {
                    place.account().requireLogIn(pair, List.of());
                    return new Done(Answer.ACCEPTED, List.of());
                }
                List<RemoteEdit> edits;
                try (DeviceAccount.Session session =
                        place.account().logInToEdit(candidates(credential, own, other, bootstrap), List.of())) {
                    edits = place.account().add(session, key);
                }
                place.account().requireLogIn(pair, List.of());
                return new Done(Answer.ACCEPTED, edits);
            });
        }
    }

    /**
     * Puts the current key on one device.
     *
     * @param credential the credential
     * @param device one of its devices
     * @param bootstrap how to log in while the key is not there
     * @return what became of it
     * @throws StoreException when the store cannot give or keep the key
     * @throws RotationException when the store is older than its journal
     * @throws CredentialBusyException when a rotation of the credential, or of the one it authenticates with, is under way
     * @see #install(Credential, List, Optional)
     */
    public KeyDeployment install(Credential credential, Device device, Optional<LogIn> bootstrap) {
        return install(credential, List.of(device), bootstrap).get(0);
    }

    /**
     * Logs in to devices with the current key, one after the other. Changes nothing.
     *
     * @param credential the credential
     * @param devices some of its devices
     * @return for each device, in their order, ACCEPTED when the key logs in
     * @throws RotationException when the credential has no current key
     */
    public List<KeyDeployment> verify(Credential credential, List<Device> devices) {
        KeyVersion version = parts.requireCurrent(parts.require(credential.name()));
        try (KeyRing own = new KeyRing(parts.store(), credential.name())) {
            return onEach(credential, devices, version.publicKey(), (device, owner, before) -> {
                account(credential, device, parts.hostKeys(), owner)
                        .logInWithAny(own.keys(List.of(version.number())), List.of())
                        .close();
                return new Done(Answer.ACCEPTED, List.of());
            });
        }
    }

    /**
     * Logs in to one device with the current key. Changes nothing.
     *
     * @param credential the credential
     * @param device one of its devices
     * @return ACCEPTED when the key logs in
     * @throws RotationException when the credential has no current key
     */
    public KeyDeployment verify(Credential credential, Device device) {
        return verify(credential, List.of(device)).get(0);
    }

    /**
     * Removes every version of the credential's key from devices, one after the other, and asks whether the current one is
     * refused.
     *
     * @param credential the credential
     * @param devices some of its devices
     * @param bootstrap how to log in; empty to use the credential that this one authenticates with, or its own key
     * @return for each device, in their order, REFUSED when the key is in none of the files and the device refuses it
     * @throws RotationException when the credential has no current key, or the store is older than its journal
     * @throws CredentialBusyException when a rotation of the credential, or of the one it authenticates with, is under way
     */
    public List<KeyDeployment> remove(Credential credential, List<Device> devices, Optional<LogIn> bootstrap) {
        parts.requireCurrent(parts.require(credential.name()));
        try (Holds held = hold(credential, bootstrap);
                KeyRing own = new KeyRing(parts.store(), credential.name());
                KeyRing other = ring(credential)) {
            LOG.debug("{} is held", held.own().credential());
            CredentialState state = parts.require(credential.name());
            KeyVersion version = parts.requireCurrent(state);
            List<SshPublicKey> doomed =
                    state.versions().stream().map(KeyVersion::publicKey).toList();
            Neighbours neighbours = new Neighbours(parts, state);
            return onEach(credential, devices, version.publicKey(), (device, owner, before) -> {
                Place place = place(credential, device, owner, version.publicKey(), before);
                neighbours
                        .at(device, credential.userOn(device), Optional.of(place.hostKey()))
                        .ifPresent(shared -> {
                            throw new DeviceStepException(shared.kind(), shared.message(), null);
                        });
                DeviceAccount.Removal removal;
                try (DeviceAccount.Session session =
                        place.account().logInToEdit(candidates(credential, own, other, bootstrap), List.of())) {
                    removal = place.account().remove(session, doomed, Optional.empty());
                }
                Answer after = place.account().accepts(version.publicKey());
                if (after != Answer.REFUSED || !removal.removed()) {
                    throw new DeviceStepException(
                            DeviceFailure.Kind.STILL_ACCEPTED,
                            "the key is still accepted after its lines were removed: sshd may read another file",
                            null);
                }
                return new Done(after, removal.edits());
            });
        }
    }

    /**
     * Removes every version of the credential's key from one device.
     *
     * @param credential the credential
     * @param device one of its devices
     * @param bootstrap how to log in; empty to use the credential that this one authenticates with, or its own key
     * @return REFUSED when the key is in none of the files and the device refuses it
     * @throws RotationException when the credential has no current key, or the store is older than its journal
     * @throws CredentialBusyException when a rotation of the credential, or of the one it authenticates with, is under way
     */
    public KeyDeployment remove(Credential credential, Device device, Optional<LogIn> bootstrap) {
        return remove(credential, List.of(device), bootstrap).get(0);
    }

    /** An account on a device whose host key is pinned, and what it answered about the current key. */
    private record Place(DeviceAccount account, SshPublicKey hostKey, Answer seen) {}

    private List<KeyDeployment> onEach(Credential credential, List<Device> devices, SshPublicKey key, Work work) {
        List<KeyDeployment> results = new ArrayList<>();
        for (Device device : devices) {
            RemoteLock.Owner owner = new RemoteLock.Owner("install/" + RemoteLock.nonce(parts.random()), 0, false);
            Before before = new Before();
            results.add(report(credential, device, key, before, () -> work.on(device, owner, before)));
        }
        return List.copyOf(results);
    }

    /** Asks before anything secret goes there; all that follows goes to the host that answered. */
    private Place place(Credential credential, Device device, RemoteLock.Owner owner, SshPublicKey key, Before before) {
        ProbeReport asked = account(credential, device, parts.hostKeys(), owner).probe(key);
        Answer seen = Answer.of(asked.answers().get(0));
        before.note(seen);
        HostKeyVerifier pinned = HostKeyVerifier.pinned(List.of(asked.hostKey()));
        return new Place(account(credential, device, pinned, owner), asked.hostKey(), seen);
    }

    private DeviceAccount account(
            Credential credential, Device device, HostKeyVerifier hostKeys, RemoteLock.Owner owner) {
        return parts.account(device, credential.userOn(device), hostKeys, owner, () -> {});
    }

    private record Done(Answer accepted, List<RemoteEdit> edits) {}

    /** What is done on a device. */
    private interface Work {
        Done on(Device device, RemoteLock.Owner owner, Before before);
    }

    /** What a device answered about the key before an attempt changed anything. */
    private static final class Before {
        private Answer answer = Answer.UNKNOWN;

        /** An attempt asks; one after the first may ask about what the first has changed. */
        void note(Answer seen) {
            if (answer == Answer.UNKNOWN) {
                answer = seen;
            }
        }
    }

    private KeyDeployment report(
            Credential credential, Device device, SshPublicKey key, Before before, Supplier<Done> step) {
        String target = credential.userOn(device) + "@" + device.host() + ":" + device.port();
        String fingerprint = key.fingerprint().toString();
        Attempts attempts = new Attempts(
                credential.policy().attempts(), parts.pause(), device.id().hashCode());
        try {
            Done done = attempts.run(step, (failure, attempt, retryIn) -> {}).value();
            return new KeyDeployment(
                    device.id(), target, fingerprint, before.answer, done.accepted(), done.edits(), Optional.empty());
        } catch (Attempts.StepFailedException e) {
            Answer accepted = switch (e.failure().kind()) {
                case LOGIN_REFUSED, NEW_KEY_REFUSED -> Answer.REFUSED;
                case STILL_ACCEPTED -> Answer.ACCEPTED;
                default -> Answer.UNKNOWN;
            };
            return new KeyDeployment(
                    device.id(), target, fingerprint, before.answer, accepted, List.of(), Optional.of(e.failure()));
        }
    }

    private void requireCurrentOrNew(Credential credential) {
        if (current(credential).isPresent()) {
            return;
        }
        try (CredentialStore.Lease lease = parts.store().lease(credential.name());
                SshKeyPair pair =
                        credential.key().generator().withRandom(parts.random()).generate()) {
            if (current(credential).isEmpty()) { // nobody was faster
                parts.store().importKey(lease, pair);
            }
        }
    }

    private Optional<KeyVersion> current(Credential credential) {
        return parts.store().find(credential.name()).flatMap(CredentialState::current);
    }

    /** What keeps the keys in question from being changed by a rotation meanwhile. */
    private record Holds(CredentialStore.Hold own, Optional<CredentialStore.Hold> other) implements AutoCloseable {
        @Override
        public void close() {
            other.ifPresent(CredentialStore.Hold::close);
            own.close();
        }
    }

    /** A rotation that removes a key from a device must not be followed by somebody who has just read that it is CURRENT. */
    private Holds hold(Credential credential, Optional<LogIn> bootstrap) {
        CredentialStore.Hold own = parts.store().hold(credential.name());
        boolean held = false;
        try {
            // What a restored store takes for CURRENT may have been proved dead since.
            parts.latest(credential.name())
                    .ifPresent(latest -> Reconciling.requireNotRestored(parts.require(credential.name()), latest));
            // Who brings another way to log in needs nobody for it.
            Optional<String> other = bootstrap.isPresent() ? Optional.empty() : credential.authenticateWith();
            Holds all = new Holds(own, other.map(parts.store()::hold));
            held = true;
            return all;
        } finally {
            if (!held) {
                own.close();
            }
        }
    }

    private static List<KeyRing.Candidate> candidates(
            Credential credential, KeyRing own, KeyRing other, Optional<LogIn> bootstrap) {
        List<KeyRing.Candidate> candidates = new ArrayList<>();
        if (bootstrap.isPresent()) {
            candidates.add(KeyRing.Candidate.of(bootstrap.get()));
        } else {
            candidates.addAll(credential.authenticateWith().isPresent() ? other.everything() : own.everything());
        }
        return candidates;
    }

    private KeyRing ring(Credential credential) {
        return new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()));
    }
}
