package io.keywright.rotation;

/**
 * Says whether a store's keys are safe elsewhere. A rotation asks before it removes an old key from any device: from then on
 * the new private key must not be lost. Called on the thread that rotates; must not block for long.
 *
 * <p>It is not asked, and not told, when a private key is destroyed. By then every device has refused that key twice, so a
 * backup that still has it has nothing that opens anything, and one that is restored is recognised by its generation: such a
 * store is only read until {@link RotationEngine#reconcile}. How long a backup keeps what is dead is its own affair.
 */
@FunctionalInterface
public interface Backup {

    /**
     * Tells whether a backup holds a credential as the store has it now.
     *
     * @param credential the credential's name
     * @param generation the state's number, as in {@link CredentialState#generation()}
     * @return true when that generation, or a later one, is safe; false for the rotation to wait, which is then resumed
     */
    boolean holds(String credential, long generation);
}
