package io.keywright.rotation;

import io.keywright.Passphrase;
import io.keywright.SshKeyPair;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps the keys of credentials.
 *
 * <p>Every mutation is atomic and durable when it returns. Mutations need the credential's {@link Lease}; a lease that was
 * overtaken by a younger one is refused with {@link LeaseLostException}, so that a process that slept through its own end
 * changes nothing. Thread-safe.
 */
public interface CredentialStore extends AutoCloseable {

    /**
     * Lists the credentials.
     *
     * @return their names, sorted
     */
    List<String> list();

    /**
     * Reads what is known about a credential.
     *
     * @param name its name
     * @return the state, or empty when the store has never heard of it
     * @throws StoreException when it cannot be read, or is damaged
     */
    Optional<CredentialState> find(String name);

    /**
     * Takes the lease on a credential, of which there is one at a time, and raises its fencing number.
     *
     * @param name its name; it need not be known yet
     * @return the lease; the caller closes it
     * @throws CredentialBusyException when somebody else holds it
     */
    Lease lease(String name);

    /**
     * Keeps a credential as it is while others use it: nobody can lease it until every hold on it is closed. Many may hold it
     * at once.
     *
     * @param name its name
     * @return the hold; the caller closes it
     * @throws CredentialBusyException when it is leased
     * @throws StoreException when the store has never heard of it
     */
    Hold hold(String name);

    /**
     * Stores an existing key as the CURRENT version; a version that was CURRENT becomes PREVIOUS.
     *
     * @param lease the credential's lease
     * @param pair the key, which stays the caller's; its comment is kept
     * @return the new version; the existing one when it is CURRENT already
     * @throws StoreException when the key is stored as an older version, or a rotation has a PENDING version
     */
    KeyVersion importKey(Lease lease, SshKeyPair pair);

    /**
     * Stores a key as the PENDING version of a rotation, before any device hears of it.
     *
     * @param lease the credential's lease
     * @param rotation the rotation's id
     * @param pair the key, which stays the caller's
     * @return the new version; when this rotation has staged one already, that one, and the given key is not stored
     * @throws StoreException when another rotation's version is PENDING, or the key is that of another version
     */
    KeyVersion stage(Lease lease, String rotation, SshKeyPair pair);

    /**
     * Makes the PENDING version CURRENT and the CURRENT one PREVIOUS, in one step. Does nothing when it is CURRENT already.
     *
     * @param lease the credential's lease
     * @param version the version's number
     * @throws StoreException when it is neither PENDING nor CURRENT
     */
    void promote(Lease lease, int version);

    /**
     * Makes the PENDING version ROLLED_BACK; its private half is kept. Does nothing when it is that already.
     *
     * @param lease the credential's lease
     * @param version the version's number
     * @throws StoreException when it is neither PENDING nor ROLLED_BACK
     */
    void discard(Lease lease, int version);

    /**
     * Destroys the private half of a PREVIOUS or ROLLED_BACK version, beyond recovery from this store. Does nothing when it
     * is gone already.
     *
     * @param lease the credential's lease
     * @param version the version's number
     * @throws StoreException when it is PENDING or CURRENT, or a device may still accept it
     */
    void destroy(Lease lease, int version);

    /**
     * Records which versions devices may accept, replacing what was recorded for these devices.
     *
     * @param lease the credential's lease
     * @param mayAccept version numbers by device id; an empty set removes the device
     * @throws StoreException when there is no such version
     */
    void recordDevices(Lease lease, Map<String, Set<Integer>> mayAccept);

    /**
     * Takes a secret out of the store, in the clear. There is no other way out: whoever looks for places where secrets are
     * handled looks for the callers of this.
     *
     * @param <T> what it is exposed as
     * @param name the credential's name
     * @param which the key pair of a version, or the password
     * @return the secret; the caller closes it, which wipes it
     * @throws StoreException when there is no such secret, or it is destroyed or damaged
     */
    <T extends AutoCloseable> T exposeSecret(String name, StoredSecret<T> which);

    /**
     * Stores the password of a credential that opens connections for the change of others.
     *
     * @param lease the credential's lease
     * @param password the password, which stays the caller's
     */
    void putPassword(Lease lease, Passphrase password);

    /** Wipes the store's secrets from memory. */
    @Override
    void close();

    /** The right to find one credential unchanged. Closing gives it back; so does the end of the process. */
    interface Hold extends AutoCloseable {

        /**
         * Returns the credential's name.
         *
         * @return the name
         */
        String credential();

        /** Gives the hold back. Closing again does nothing. */
        @Override
        void close();
    }

    /** The right to change one credential. Closing gives it back. */
    interface Lease extends AutoCloseable {

        /**
         * Returns the credential's name.
         *
         * @return the name
         */
        String credential();

        /**
         * Returns the fencing number.
         *
         * @return greater than that of every earlier lease on the credential
         */
        long fence();

        /**
         * Checks, in the store itself, that no younger lease has been taken.
         *
         * @throws LeaseLostException when one has
         */
        void requireValid();

        /** Gives the lease back. Closing again does nothing. */
        @Override
        void close();
    }
}
