package io.keywright.rotation;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a store knows about a credential.
 *
 * @param name the credential's name
 * @param generation counts every change of this credential in the store
 * @param versions every version, oldest first
 * @param mayAccept for each device the numbers of the versions that it may accept; a device that is missing may accept the
 *     current one
 * @param hasPassword whether a password is stored for it
 */
public record CredentialState(
        String name,
        long generation,
        List<KeyVersion> versions,
        Map<String, Set<Integer>> mayAccept,
        boolean hasPassword) {

    /** Copies the collections. */
    public CredentialState {
        versions = versions.stream()
                .sorted(Comparator.comparingInt(KeyVersion::number))
                .toList();
        Map<String, Set<Integer>> copy = new TreeMap<>();
        mayAccept.forEach((device, numbers) -> copy.put(device, Set.copyOf(numbers)));
        mayAccept = java.util.Collections.unmodifiableMap(copy);
    }

    /**
     * Returns the version to use.
     *
     * @return the CURRENT version, or empty before the first key
     */
    public Optional<KeyVersion> current() {
        return withLabel(KeyVersion.Label.CURRENT);
    }

    /**
     * Returns the version that a rotation has staged.
     *
     * @return the PENDING version, or empty
     */
    public Optional<KeyVersion> pending() {
        return withLabel(KeyVersion.Label.PENDING);
    }

    /**
     * Finds a version.
     *
     * @param number its number
     * @return the version, or empty
     */
    public Optional<KeyVersion> version(int number) {
        return versions.stream().filter(v -> v.number() == number).findFirst();
    }

    /** The devices that may accept a version, by id; those that nothing is written about are not among them. */
    List<String> devicesAccepting(int number) {
        return mayAccept.entrySet().stream()
                .filter(entry -> entry.getValue().contains(number))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Optional<KeyVersion> withLabel(KeyVersion.Label label) {
        return versions.stream().filter(v -> v.label() == label).findFirst();
    }
}
