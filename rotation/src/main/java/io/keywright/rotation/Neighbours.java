package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.RotationState.DeviceState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Other credentials that live on a key of this one: whoever removes the key from an account takes it away from them as well.
 * An account is known by its name and its machine's host key, or by its address.
 *
 * <p>Where another credential is used is told by its definition, if the engine was given it, and by its latest journal.
 * Without either it may be used anywhere, and is taken to be.
 */
final class Neighbours {
    private final EngineParts parts;
    /** Names of the credentials that have one of our keys alive, with the places where they are used; empty for anywhere. */
    private final Map<String, Optional<List<Place>>> sharing = new HashMap<>();

    private record Place(String user, String host, int port, Optional<SshPublicKey> hostKey) {
        boolean isAt(String account, Device device, Optional<SshPublicKey> key) {
            boolean sameAddress = host.equalsIgnoreCase(device.host()) && port == device.port();
            boolean sameMachine = hostKey.isPresent() && hostKey.equals(key);
            return user.equals(account) && (sameAddress || sameMachine);
        }
    }

    Neighbours(EngineParts parts, CredentialState own) {
        this.parts = parts;
        List<SshPublicKey> keys =
                own.versions().stream().map(KeyVersion::publicKey).toList();
        for (String name : parts.store().list()) {
            boolean shares = !name.equals(own.name())
                    && parts.store().find(name).stream()
                            .flatMap(state -> state.versions().stream())
                            .anyMatch(version -> version.hasPrivateKey() && keys.contains(version.publicKey()));
            if (shares) {
                sharing.put(name, places(name));
            }
        }
    }

    /** Says who else lives on a key of ours at an account, if anybody does. */
    Optional<DeviceFailure> at(Device device, String user, Optional<SshPublicKey> hostKey) {
        String names = sharing.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty()
                        || entry.getValue().get().stream().anyMatch(place -> place.isAt(user, device, hostKey)))
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(", "));
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new DeviceFailure(
                        DeviceFailure.Kind.SHARED_KEY,
                        false,
                        "removing the key would take it away from " + names
                                + " as well: give each credential a key of its own first"));
    }

    private Optional<List<Place>> places(String name) {
        List<Place> defined = parts.credentials().get().stream()
                .filter(credential -> credential.name().equals(name))
                .flatMap(credential -> credential.devices().stream()
                        .map(device ->
                                new Place(credential.userOn(device), device.host(), device.port(), Optional.empty())))
                .toList();
        List<Place> visited = parts.latest(name).stream()
                .flatMap(state -> state.devices.values().stream())
                .map(Neighbours::place)
                .toList();
        List<Place> all = Stream.concat(defined.stream(), visited.stream()).toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }

    private static Place place(DeviceState device) {
        return new Place(device.user, device.device.host(), device.device.port(), device.hostKey);
    }
}
