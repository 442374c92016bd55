package io.keywright.rotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the {@code authorized_keys} files of a credential's accounts. Changes nothing on a device.
 *
 * <p>Keys are opened in the store when the first account is read, and wiped when the reader is closed. Thread-safe: accounts
 * may be read in parallel. Trouble with a device is in the result; an exception means trouble with the store.
 */
public final class AccountReader implements AutoCloseable {
    private final EngineParts parts;
    private final Credential credential;
    private final KeyRing own;
    private final KeyRing other;

    AccountReader(EngineParts parts, Credential credential) {
        this.parts = parts;
        this.credential = credential;
        this.own = new KeyRing(parts.store(), credential.name());
        this.other = new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()));
    }

    /**
     * Reads the files of the account on a device: logs in with the versions that the device may accept, then with any other
     * that the store still has; or with the credential that this one authenticates with.
     *
     * @param device one of the credential's devices
     * @return the files, or why they could not be read
     * @throws RotationException when the store has no key for the credential
     * @throws StoreException when the store cannot be read
     */
    public AccountReading read(Device device) {
        String user = credential.userOn(device);
        String target = accountOn(credential, device);
        Attempts attempts = new Attempts(
                credential.policy().attempts(), parts.pause(), device.id().hashCode());
        try {
            List<RemoteFile> files = attempts.run(() -> readOnce(device, user), (failure, attempt, retryIn) -> {})
                    .value();
            return new AccountReading(device.id(), target, files, Optional.empty());
        } catch (Attempts.StepFailedException e) {
            return new AccountReading(device.id(), target, List.of(), Optional.of(e.failure()));
        }
    }

    /**
     * Names the account that a credential has on a device.
     *
     * @param credential the credential
     * @param device one of its devices
     * @return {@code user@host:port}
     */
    public static String accountOn(Credential credential, Device device) {
        return credential.userOn(device) + "@" + device.host() + ":" + device.port();
    }

    private List<RemoteFile> readOnce(Device device, String user) {
        RemoteLock.Owner reader = new RemoteLock.Owner("read", 0, false);
        DeviceAccount account = parts.account(device, user, parts.hostKeys(), reader, () -> {});
        List<RemoteFile> files = new ArrayList<>();
        try (DeviceAccount.Session session = logIn(account, device);
                RemoteAuthorizedKeys remote = account.open(session)) {
            for (String file : account.files(remote)) {
                files.add(remote.read(file));
            }
        }
        return files;
    }

    private DeviceAccount.Session logIn(DeviceAccount account, Device device) {
        if (credential.authenticateWith().isPresent()) {
            return account.logInToEdit(other.everything(), List.of());
        }
        CredentialState state = parts.require(credential.name());
        Set<Integer> current = Set.of(parts.requireCurrent(state).number());
        List<KeyRing.Candidate> likely = own.keys(state.mayAccept().getOrDefault(device.id(), current));
        try {
            return account.logInToEdit(likely, List.of());
        } catch (DeviceStepException e) {
            // A file that came back from a backup may hold an older version than the store believes.
            List<KeyRing.Candidate> rest = own.everything().stream()
                    .filter(candidate ->
                            likely.stream().noneMatch(tried -> tried.version().equals(candidate.version())))
                    .toList();
            if (rest.isEmpty()) {
                throw e;
            }
            return account.logInToEdit(rest, List.of());
        }
    }

    /** Wipes the keys that were opened. */
    @Override
    public void close() {
        own.close();
        other.close();
    }
}
