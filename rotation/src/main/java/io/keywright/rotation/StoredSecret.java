package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Names one secret of a credential: which {@link CredentialStore#exposeSecret} is to expose. Holds no secret itself. Immutable
 * and thread-safe.
 *
 * @param <T> what it is exposed as; whoever asked closes it
 */
public final class StoredSecret<T extends AutoCloseable> {
    private final OptionalInt version;
    private final Opening<T> opening;

    /** Chooses one of the two ways to open. */
    private interface Opening<T> {
        T open(IntFunction<SshKeyPair> keys, Supplier<Passphrase> password);
    }

    private StoredSecret(OptionalInt version, Opening<T> opening) {
        this.version = version;
        this.opening = opening;
    }

    /**
     * Names the key pair of a version.
     *
     * @param version the version's number
     * @return the name
     */
    public static StoredSecret<SshKeyPair> key(int version) {
        return new StoredSecret<>(OptionalInt.of(version), (keys, password) -> keys.apply(version));
    }

    /**
     * Names the password of a credential that opens connections for the change of others.
     *
     * @return the name
     */
    public static StoredSecret<Passphrase> password() {
        return new StoredSecret<>(OptionalInt.empty(), (keys, password) -> password.get());
    }

    /**
     * Opens what this names: for implementations of a store.
     *
     * @param keys opens the key pair of a version
     * @param password opens the password
     * @return what one of the two returned
     */
    public T openWith(IntFunction<SshKeyPair> keys, Supplier<Passphrase> password) {
        return opening.open(keys, password);
    }

    /** Says which secret it names. */
    @Override
    public String toString() {
        return version.isPresent()
                ? String.format(Locale.ROOT, "the key of version %d", version.getAsInt())
                : "the password";
    }
}
