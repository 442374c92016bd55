/**
 * Changing the key of a credential on every device that accepts it, without a moment of lock-out and with proof.
 *
 * <pre>{@code
 * try (RotationEngine engine = RotationEngine.builder()
 *         .transport(SshTransport.discover())
 *         .store(store)
 *         .journal(FileRotationJournal.open(directory))
 *         .hostKeys(HostKeyVerifier.strict(knownHosts))
 *         .build()) {
 *     RotationPlan plan = engine.plan(credential);
 *     RotationReport report = engine.rotate(plan, event -> System.out.println(event.describe()));
 * }
 * }</pre>
 *
 * <p>The order is: stage the new key in the store, add it everywhere and log in with it, promote it in the store in one
 * step, then remove the old key everywhere and prove that it is refused. Every step is written to a {@link
 * io.keywright.rotation.RotationJournal} before it touches a device, and may run twice.
 */
@NullMarked
package io.keywright.rotation;

import org.jspecify.annotations.NullMarked;
