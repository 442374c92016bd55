package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.transport.LogIn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of one credential while an operation needs them: each is opened in the store once, for opening costs a key
 * derivation, and wiped when the operation ends. Thread-safe.
 */
final class KeyRing implements AutoCloseable {
    private final CredentialStore store;
    private final String credential;
    private final Map<Integer, SshKeyPair> pairs = new HashMap<>();
    private @Nullable Passphrase password;

    KeyRing(CredentialStore store, String credential) {
        this.store = store;
        this.credential = credential;
    }

    /** One way to log in, with the version that it uses where it uses one. */
    record Candidate(LogIn logIn, Optional<Integer> version) {}

    synchronized SshKeyPair pair(int version) {
        return pairs.computeIfAbsent(version, number -> store.openKey(credential, number));
    }

    /** The key of each version that still has its private half, newest first. */
    List<Candidate> keys(Collection<Integer> versions) {
        CredentialState state = state();
        List<Candidate> candidates = new ArrayList<>();
        versions.stream()
                .distinct()
                .sorted(Comparator.reverseOrder())
                .filter(number ->
                        state.version(number).map(KeyVersion::hasPrivateKey).orElse(false))
                .forEach(number -> candidates.add(new Candidate(LogIn.withKey(pair(number)), Optional.of(number))));
        return candidates;
    }

    /** Everything this credential could log in with: keys, CURRENT first and then newest first, then the password. */
    synchronized List<Candidate> everything() {
        CredentialState state = state();
        List<Candidate> candidates = new ArrayList<>();
        state.current().ifPresent(current -> candidates.addAll(keys(List.of(current.number()))));
        candidates.addAll(keys(state.versions().stream()
                .filter(v -> v.label() == KeyVersion.Label.PREVIOUS)
                .map(KeyVersion::number)
                .toList()));
        if (state.hasPassword()) {
            if (password == null) {
                password = store.openPassword(credential).orElseThrow();
            }
            candidates.add(new Candidate(LogIn.withPassword(password), Optional.empty()));
        }
        return candidates;
    }

    SshPublicKey publicKey(int version) {
        return state().version(version)
                .orElseThrow(() -> new StoreException(credential + " has no version " + version, null))
                .publicKey();
    }

    private CredentialState state() {
        return store.find(credential)
                .orElseThrow(() -> new StoreException("the store has no credential " + credential, null));
    }

    @Override
    public synchronized void close() {
        pairs.values().forEach(SshKeyPair::close);
        pairs.clear();
        if (password != null) {
            password.close();
            password = null;
        }
    }
}
