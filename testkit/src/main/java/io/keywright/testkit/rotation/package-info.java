/**
 * Credential store and rotation journal in memory, and the tests that every implementation of the two must pass.
 *
 * <pre>{@code
 * InMemoryCredentialStore store = new InMemoryCredentialStore(clock);
 * store.onMutation((moment, mutation) -> {
 *     if (moment == MutationHook.Moment.AFTER && mutation.startsWith("promote")) {
 *         throw new SimulatedCrash();
 *     }
 * });
 *
 * class MyStoreTest extends CredentialStoreContractTest {
 *     // says how to make, reopen and let overtake a store
 * }
 * }</pre>
 */
@NullMarked
package io.keywright.testkit.rotation;

import org.jspecify.annotations.NullMarked;
