package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import io.keywright.transport.LogIn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of one credential while an operation needs them: each is opened in the store once, for opening costs a key
 * derivation, and wiped when the operation ends. What the store knows about it is read once, too. Thread-safe.
 */
final class KeyRing implements AutoCloseable {
    private final CredentialStore store;
    private final String credential;
    private final Map<Integer, SshKeyPair> pairs = new HashMap<>();
    private final List<Passphrase> passwords = new ArrayList<>();
    private @Nullable CredentialState state;

    KeyRing(CredentialStore store, String credential) {
        this.store = store;
        this.credential = credential;
    }

    /**
     * One way to log in, with the version that it uses where it uses one.
     *
     * @param isPassword whether it shows the server a secret
     */
    record Candidate(Supplier<LogIn> opened, Optional<Integer> version, boolean isPassword) {
        static Candidate of(LogIn logIn) {
            return new Candidate(() -> logIn, Optional.empty(), logIn instanceof LogIn.Password);
        }

        /**
         * Opens the secret, where that was not done before.
         *
         * @throws StoreDamagedException when the store cannot open it any more
         */
        LogIn logIn() {
            return opened.get();
        }
    }

    synchronized SshKeyPair pair(int version) {
        return pairs.computeIfAbsent(version, number -> store.exposeSecret(credential, StoredSecret.key(number)));
    }

    /** The key of each version that still has its private half, newest first; opened when somebody logs in with it. */
    List<Candidate> keys(Collection<Integer> versions) {
        CredentialState known = state();
        List<Candidate> candidates = new ArrayList<>();
        versions.stream()
                .distinct()
                .sorted(Comparator.reverseOrder())
                .filter(number ->
                        known.version(number).map(KeyVersion::hasPrivateKey).orElse(false))
                .forEach(number ->
                        candidates.add(new Candidate(() -> LogIn.withKey(pair(number)), Optional.of(number), false)));
        return candidates;
    }

    /**
     * Everything this credential could log in with: every key that still has its private half, CURRENT first and then newest
     * first, then the password.
     */
    synchronized List<Candidate> everything() {
        CredentialState known = state();
        List<Candidate> candidates = new ArrayList<>();
        known.current().ifPresent(current -> candidates.addAll(keys(List.of(current.number()))));
        candidates.addAll(keys(known.versions().stream()
                .filter(version -> version.label() != KeyVersion.Label.CURRENT)
                .map(KeyVersion::number)
                .toList()));
        if (known.hasPassword()) {
            if (passwords.isEmpty()) {
                passwords.add(store.exposeSecret(credential, StoredSecret.password()));
            }
            Passphrase latest = passwords.get(passwords.size() - 1);
            candidates.add(Candidate.of(LogIn.withPassword(latest)));
        }
        return candidates;
    }

    /**
     * Asks the store again. Keys and passwords that are open stay open, for somebody may be logging in with them.
     *
     * @return whether anything has changed since
     */
    synchronized boolean reload() {
        CredentialState before = state;
        state = null;
        boolean changed = before == null || state().generation() != before.generation();
        if (changed && !passwords.isEmpty() && state().hasPassword()) {
            passwords.add(store.exposeSecret(credential, StoredSecret.password()));
        }
        return changed;
    }

    private synchronized CredentialState state() {
        CredentialState known = state;
        if (known == null) {
            known = store.find(credential)
                    .orElseThrow(() -> new StoreException("the store has no credential " + credential, null));
            state = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        pairs.values().forEach(SshKeyPair::close);
        pairs.clear();
        passwords.forEach(Passphrase::close);
        passwords.clear();
    }
}
