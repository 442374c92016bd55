package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.rotation.KeyVersion.Label;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything about a credential but its secrets, as one file holds it; replacing that file is the one atomic step of every
 * change. Each change returns a copy of the next generation.
 *
 * @param credential the credential's name
 * @param fence the number of the lease under which this was written
 * @param generation counts the changes; 0 for a name that has only been leased
 * @param password the number of the file with the password, 0 for none
 * @param versions every version, by ascending number
 * @param mayAccept the versions that each device may accept, by device id
 */
record CredentialLabels(
        String credential,
        long fence,
        long generation,
        int password,
        List<Stored> versions,
        Map<String, Set<Integer>> mayAccept) {

    /**
     * A version and its key file.
     *
     * @param version what is known
     * @param sha256 of the key file, in hex; meaningless once it is destroyed
     */
    record Stored(KeyVersion version, String sha256) {
        Stored withLabel(Label label, Instant now) {
            KeyVersion v = version;
            return new Stored(new KeyVersion(v.number(), label, v.publicKey(), v.created(), now, v.rotation()), sha256);
        }
    }

    CredentialLabels {
        versions = List.copyOf(versions);
        mayAccept = Collections.unmodifiableMap(new TreeMap<>(mayAccept));
    }

    static CredentialLabels unknown(String credential) {
        return new CredentialLabels(credential, 0, 0, 0, List.of(), Map.of());
    }

    CredentialState state() {
        return new CredentialState(
                credential, generation, versions.stream().map(Stored::version).toList(), mayAccept, password != 0);
    }

    CredentialLabels withFence(long lease) {
        return new CredentialLabels(credential, lease, generation, password, versions, mayAccept);
    }

    CredentialLabels withPassword(int number) {
        return new CredentialLabels(credential, fence, generation + 1, number, versions, mayAccept);
    }

    /** The same for files that were encrypted anew: not a change of the credential. */
    CredentialLabels withFiles(List<Stored> rewritten) {
        return new CredentialLabels(credential, fence, generation, password, rewritten, mayAccept);
    }

    /** Adds a version; if it is to be CURRENT, the one that was becomes PREVIOUS. */
    CredentialLabels withNew(Stored added) {
        List<Stored> next = new ArrayList<>(versions);
        if (added.version().label() == Label.CURRENT) {
            next.replaceAll(old -> demoted(old, added.version().created()));
        }
        next.add(added);
        return withVersions(next);
    }

    CredentialLabels withPromoted(int number, Instant now) {
        return withVersions(versions.stream()
                .map(old -> old.version().number() == number ? old.withLabel(Label.CURRENT, now) : demoted(old, now))
                .toList());
    }

    CredentialLabels withLabel(int number, Label label, Instant now) {
        return withVersions(versions.stream()
                .map(old -> old.version().number() == number ? old.withLabel(label, now) : old)
                .toList());
    }

    CredentialLabels withDevices(Map<String, Set<Integer>> changed) {
        Map<String, Set<Integer>> next = new TreeMap<>(mayAccept);
        changed.forEach((device, numbers) -> {
            if (numbers.isEmpty()) {
                next.remove(device);
            } else {
                next.put(device, Set.copyOf(numbers));
            }
        });
        return next.equals(mayAccept)
                ? this
                : new CredentialLabels(credential, fence, generation + 1, password, versions, next);
    }

    Optional<Stored> find(int number) {
        return versions.stream().filter(s -> s.version().number() == number).findFirst();
    }

    Optional<KeyVersion> find(SshPublicKey key) {
        return versions.stream()
                .map(Stored::version)
                .filter(version -> version.publicKey().equals(key))
                .findFirst();
    }

    private CredentialLabels withVersions(List<Stored> next) {
        return new CredentialLabels(credential, fence, generation + 1, password, next, mayAccept);
    }

    private static Stored demoted(Stored old, Instant now) {
        return old.version().label() == Label.CURRENT ? old.withLabel(Label.PREVIOUS, now) : old;
    }
}
