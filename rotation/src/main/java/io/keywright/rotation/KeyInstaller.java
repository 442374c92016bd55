package io.keywright.rotation;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.transport.LogIn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Installs, verifies and removes a credential's current key on one device, by the same steps that a rotation takes. What
 * {@code ssh-copy-id} does, with proof.
 *
 * <p>Thread-safe. Trouble with the device is in the result; an exception means trouble with the store.
 */
public final class KeyInstaller {
    private final EngineParts parts;

    KeyInstaller(EngineParts parts) {
        this.parts = parts;
    }

    /**
     * Puts the current key on a device and logs in with it. A credential that has no key yet is given one first, of its own
     * specification, and stored before the device hears of it. Where the device accepts the key already, nothing is changed.
     *
     * @param credential the credential
     * @param device one of its devices
     * @param bootstrap how to log in while the key is not there, for example with a password; empty to use the credential
     *     that this one authenticates with, or an older version of its own key. A password is only ever sent to a host whose
     *     key the engine's verifier accepts
     * @return what became of it; {@code accepted} is ACCEPTED when the key logs in
     * @throws StoreException when the store cannot give or keep the key
     */
    public KeyDeployment install(Credential credential, Device device, Optional<LogIn> bootstrap) {
        KeyVersion version = currentOrNew(credential);
        SshPublicKey key = version.publicKey();
        try (KeyRing own = new KeyRing(parts.store(), credential.name());
                KeyRing other = ring(credential)) {
            DeviceAccount account = account(credential, device);
            SshKeyPair pair = own.pair(version.number());
            return report(credential, device, key, () -> {
                if (account.accepts(key) == Answer.ACCEPTED) {
                    account.requireLogIn(pair, List.of());
                    return new Done(Answer.ACCEPTED, List.of());
                }
                List<RemoteEdit> edits;
                try (DeviceAccount.Session session =
                        account.logInToEdit(candidates(credential, own, other, bootstrap), List.of())) {
                    edits = account.add(session, key);
                }
                account.requireLogIn(pair, List.of());
                return new Done(Answer.ACCEPTED, edits);
            });
        }
    }

    /**
     * Logs in to a device with the current key. Changes nothing.
     *
     * @param credential the credential
     * @param device one of its devices
     * @return ACCEPTED when the key logs in
     * @throws RotationException when the credential has no current key
     */
    public KeyDeployment verify(Credential credential, Device device) {
        KeyVersion version = parts.requireCurrent(parts.require(credential.name()));
        try (KeyRing own = new KeyRing(parts.store(), credential.name())) {
            DeviceAccount account = account(credential, device);
            return report(credential, device, version.publicKey(), () -> {
                account.logInWithAny(own.keys(List.of(version.number())), List.of())
                        .close();
                return new Done(Answer.ACCEPTED, List.of());
            });
        }
    }

    /**
     * Removes every version of the credential's key from a device and asks whether the current one is refused.
     *
     * @param credential the credential
     * @param device one of its devices
     * @param bootstrap how to log in; empty to use the credential that this one authenticates with, or its own key
     * @return REFUSED when the key is in none of the files and the device refuses it
     * @throws RotationException when the credential has no current key
     */
    public KeyDeployment remove(Credential credential, Device device, Optional<LogIn> bootstrap) {
        CredentialState state = parts.require(credential.name());
        KeyVersion version = parts.requireCurrent(state);
        List<SshPublicKey> doomed =
                state.versions().stream().map(KeyVersion::publicKey).toList();
        try (KeyRing own = new KeyRing(parts.store(), credential.name());
                KeyRing other = ring(credential)) {
            DeviceAccount account = account(credential, device);
            Neighbours neighbours = new Neighbours(parts, state);
            return report(credential, device, version.publicKey(), () -> {
                neighbours
                        .at(device, credential.userOn(device), Optional.empty())
                        .ifPresent(shared -> {
                            throw new DeviceStepException(shared.kind(), shared.message(), null);
                        });
                DeviceAccount.Removal removal;
                try (DeviceAccount.Session session =
                        account.logInToEdit(candidates(credential, own, other, bootstrap), List.of())) {
                    removal = account.remove(session, doomed, Optional.empty());
                }
                Answer after = account.accepts(version.publicKey());
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

    private record Done(Answer accepted, List<RemoteEdit> edits) {}

    private KeyDeployment report(Credential credential, Device device, SshPublicKey key, Supplier<Done> step) {
        String target = credential.userOn(device) + "@" + device.host() + ":" + device.port();
        String fingerprint = key.fingerprint().toString();
        Attempts attempts = new Attempts(
                credential.policy().attempts(), parts.pause(), device.id().hashCode());
        try {
            Done done = attempts.run(step, (failure, attempt, retryIn) -> {}).value();
            return new KeyDeployment(device.id(), target, fingerprint, done.accepted(), done.edits(), Optional.empty());
        } catch (Attempts.StepFailedException e) {
            Answer accepted = switch (e.failure().kind()) {
                case LOGIN_REFUSED, NEW_KEY_REFUSED -> Answer.REFUSED;
                case STILL_ACCEPTED -> Answer.ACCEPTED;
                default -> Answer.UNKNOWN;
            };
            return new KeyDeployment(device.id(), target, fingerprint, accepted, List.of(), Optional.of(e.failure()));
        }
    }

    private KeyVersion currentOrNew(Credential credential) {
        Optional<KeyVersion> current = parts.store().find(credential.name()).flatMap(CredentialState::current);
        if (current.isPresent()) {
            return current.get();
        }
        try (CredentialStore.Lease lease = parts.store().lease(credential.name());
                SshKeyPair pair =
                        credential.key().generator().withRandom(parts.random()).generate()) {
            return parts.store().importKey(lease, pair);
        }
    }

    private static List<KeyRing.Candidate> candidates(
            Credential credential, KeyRing own, KeyRing other, Optional<LogIn> bootstrap) {
        List<KeyRing.Candidate> candidates = new ArrayList<>();
        if (bootstrap.isPresent()) {
            candidates.add(new KeyRing.Candidate(bootstrap.get(), Optional.empty()));
        } else {
            candidates.addAll(credential.authenticateWith().isPresent() ? other.everything() : own.everything());
        }
        return candidates;
    }

    private KeyRing ring(Credential credential) {
        return new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()));
    }

    private DeviceAccount account(Credential credential, Device device) {
        RemoteLock.Owner owner = new RemoteLock.Owner("install/" + RemoteLock.nonce(parts.random()), 0, false);
        return parts.account(device, credential.userOn(device), parts.hostKeys(), owner, () -> {});
    }
}
