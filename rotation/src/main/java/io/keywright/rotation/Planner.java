package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.internal.Lanes;
import io.keywright.transport.HostKeyVerifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Looks at every device of a credential without changing anything. */
final class Planner {
    private final EngineParts parts;
    private final Credential credential;
    private final CredentialState state;
    private final KeyVersion current;
    private final Neighbours neighbours;

    Planner(EngineParts parts, Credential credential) {
        this.parts = parts;
        this.credential = credential;
        this.state = parts.require(credential.name());
        this.current = parts.requireCurrent(state);
        this.neighbours = new Neighbours(parts, state);
    }

    RotationPlan plan() {
        Map<String, PlannedDevice> planned = new ConcurrentHashMap<>();
        List<Device> devices = credential.devicesInOrder();
        try (KeyRing own = new KeyRing(parts.store(), credential.name());
                KeyRing other =
                        new KeyRing(parts.store(), credential.authenticateWith().orElse(credential.name()))) {
            Lanes.run(devices, credential.policy().parallelism(), parts.executor(), device -> {
                planned.put(device.id(), look(device, own, other));
                return true;
            });
        }
        List<PlannedDevice> inOrder = devices.stream()
                .map(device -> Objects.requireNonNull(planned.get(device.id()), "every device was looked at"))
                .toList();
        return new RotationPlan(credential, parts.clock().instant(), current, withAliases(inOrder), warnings());
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        parts.latest(credential.name())
                .flatMap(latest -> Reconciling.restored(state, latest))
                .ifPresent(warnings::add);
        Set<String> listed = credential.devices().stream().map(Device::id).collect(Collectors.toSet());
        Unlisted.describe(state.mayAccept().keySet().stream()
                        .filter(device -> !listed.contains(device))
                        .toList())
                .ifPresent(warnings::add);
        return warnings;
    }

    /** Devices with one host key and one account are most likely one account. */
    private static List<PlannedDevice> withAliases(List<PlannedDevice> planned) {
        Map<String, String> first = new HashMap<>();
        List<PlannedDevice> all = new ArrayList<>();
        for (PlannedDevice device : planned) {
            String id = device.device().id();
            Optional<String> same =
                    device.hostKey().map(key -> first.putIfAbsent(device.user() + " " + key.fingerprint(), id));
            all.add(
                    same.isEmpty()
                            ? device
                            : device.withWarning("it shows the same host key as " + same.get()
                                    + ", and may be the same account: then both are changed as one"));
        }
        return all;
    }

    private PlannedDevice look(Device device, KeyRing own, KeyRing other) {
        Attempts attempts = new Attempts(
                credential.policy().attempts(), parts.pause(), device.id().hashCode());
        try {
            return attempts.run(() -> lookOnce(device, own, other), (failure, attempt, retryIn) -> {})
                    .value();
        } catch (Attempts.StepFailedException e) {
            return PlannedDevice.unseen(device, credential.userOn(device), e.failure());
        }
    }

    private PlannedDevice lookOnce(Device device, KeyRing own, KeyRing other) {
        String user = credential.userOn(device);
        RemoteLock.Owner reader = new RemoteLock.Owner("plan", 0, false);
        Map<Integer, SshPublicKey> likely = mayAccept(device);
        Map<Integer, SshPublicKey> versions = new LinkedHashMap<>(likely);
        newestFirst(version -> !likely.containsKey(version.number())).forEach(versions::put);
        List<KeyRing.Candidate> candidates = new ArrayList<>();
        if (credential.authenticateWith().isPresent()) {
            candidates.addAll(other.everything());
        } else {
            candidates.addAll(own.keys(likely.keySet()));
            // A machine that stopped, or a backup, may have brought back what was removed already.
            candidates.addAll(own.keys(versions.keySet().stream()
                    .filter(version -> !likely.containsKey(version))
                    .toList()));
        }
        List<SshPublicKey> questions =
                List.copyOf((credential.authenticateWith().isPresent() ? versions : likely).values());
        DeviceAccount account = parts.account(device, user, parts.hostKeys(), reader, () -> {});
        if (candidates.stream().anyMatch(KeyRing.Candidate::isPassword)) {
            // A password goes to the very host that has just been recognised, and to no other that answers there.
            HostKeyVerifier pinned = HostKeyVerifier.pinned(List.of(account.hostKey(current.publicKey())));
            account = parts.account(device, user, pinned, reader, () -> {});
        }
        try (DeviceAccount.Session session = account.logInToEdit(candidates, questions)) {
            Optional<Integer> accepted = credential.authenticateWith().isPresent()
                    ? firstAccepted(List.copyOf(versions.keySet()), session.answers())
                    : session.version();
            Inspection inspection = new Inspection(versions, parts.clock().instant());
            try (RemoteAuthorizedKeys remote = account.open(session)) {
                inspection.run(remote, account.files(remote), session.connection());
            }
            SshPublicKey hostKey = session.connection().hostKey();
            return new PlannedDevice(
                    device,
                    user,
                    Optional.of(hostKey),
                    accepted,
                    inspection.files(),
                    obstacle(device, accepted, inspection.files())
                            .or(inspection::obstacle)
                            .or(() -> neighbours.at(device, user, Optional.of(hostKey))),
                    inspection.managedBy(),
                    inspection.warnings());
        }
    }

    private static Optional<DeviceFailure> obstacle(Device device, Optional<Integer> accepted, List<String> files) {
        if (accepted.isEmpty()) {
            return Optional.of(new DeviceFailure(
                    DeviceFailure.Kind.LOGIN_REFUSED,
                    false,
                    "it accepts none of the stored versions: install the key first"));
        } else if (files.isEmpty()) {
            return Optional.of(new DeviceFailure(
                    DeviceFailure.Kind.KEY_NOT_IN_FILE, false, DeviceAccount.notInFiles(device.authorizedKeysFiles())));
        }
        return Optional.empty();
    }

    /** The stored versions that a device may accept, newest first. */
    private Map<Integer, SshPublicKey> mayAccept(Device device) {
        Set<Integer> numbers = state.mayAccept().getOrDefault(device.id(), Set.of(current.number()));
        return newestFirst(version -> numbers.contains(version.number()) || version.equals(current));
    }

    private Map<Integer, SshPublicKey> newestFirst(Predicate<KeyVersion> which) {
        Map<Integer, SshPublicKey> versions = new LinkedHashMap<>();
        state.versions().stream()
                .filter(which)
                .filter(KeyVersion::hasPrivateKey)
                .sorted(Comparator.comparingInt(KeyVersion::number).reversed())
                .forEach(version -> versions.put(version.number(), version.publicKey()));
        return versions;
    }

    private static Optional<Integer> firstAccepted(List<Integer> versions, List<Answer> answers) {
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) == Answer.ACCEPTED) {
                return Optional.of(versions.get(i));
            }
        }
        return Optional.empty();
    }
}
