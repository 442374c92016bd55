package io.keywright.rotation.audit;

import io.keywright.Fingerprint;
import io.keywright.rotation.AccountReader;
import io.keywright.rotation.Credential;
import io.keywright.rotation.CredentialState;
import io.keywright.rotation.CredentialStore;
import io.keywright.rotation.KeyVersion;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whose keys are whose: every version of every credential of a store, and the accounts that they are meant for. */
final class StoredKeys {
    private final Map<Fingerprint, AuditedKey.Owner> owners = new HashMap<>();
    private final Map<String, KeyVersion> current = new HashMap<>();
    private final Map<String, Credential> audited;
    /** The audited credentials that name an account. */
    private final Map<String, Set<String>> named = new HashMap<>();

    StoredKeys(CredentialStore store, Collection<Credential> credentials) {
        audited = credentials.stream().collect(Collectors.toMap(Credential::name, one -> one));
        credentials.forEach(credential -> credential
                .devices()
                .forEach(device -> named.computeIfAbsent(
                                AccountReader.accountOn(credential, device), account -> new TreeSet<>())
                        .add(credential.name())));
        store.list().forEach(name -> store.find(name).ifPresent(this::add));
    }

    private void add(CredentialState state) {
        state.current().ifPresent(version -> current.put(state.name(), version));
        for (KeyVersion version : state.versions()) {
            owners.merge(
                    version.publicKey().fingerprint(),
                    new AuditedKey.Owner(
                            state.name(),
                            version.number(),
                            version.label(),
                            state.current()
                                    .filter(latest -> latest.rotation().isPresent())
                                    .map(KeyVersion::changed)),
                    // one key of two credentials belongs to whom it is current
                    (one, two) -> one.label() == KeyVersion.Label.CURRENT ? one : two);
        }
    }

    Optional<AuditedKey.Owner> owner(Fingerprint key) {
        return Optional.ofNullable(owners.get(key));
    }

    Optional<KeyVersion> current(String credential) {
        return Optional.ofNullable(current.get(credential));
    }

    /** The definition of a credential; empty for one that is stored and not part of the audit. */
    Optional<Credential> audited(String credential) {
        return Optional.ofNullable(audited.get(credential));
    }

    /** The audited credentials that name an account, by name. */
    Set<String> credentialsOn(String account) {
        return named.getOrDefault(account, Set.of());
    }

    /** Whether a key is on an account that its credential does not name; unknown where that is not part of the audit. */
    boolean isElsewhere(AuditedKey.Owner owner, String account) {
        return audited.containsKey(owner.credential())
                && !credentialsOn(account).contains(owner.credential());
    }
}
