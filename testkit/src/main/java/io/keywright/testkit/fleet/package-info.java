/**
 * A fleet of SSH servers that lives in memory, behaves as sshd and a POSIX file system do, and fails on demand.
 *
 * <pre>{@code
 * InMemoryFleet fleet = InMemoryFleet.seeded(7);
 * Device web = fleet.addDevice("web-1");
 * Account deploy = web.addAccount("deploy");
 * deploy.authorize(oldPair.publicKey());
 *
 * fleet.faults().on(Verb.POSIX_RENAME).device("web-1").nth(1).inject(Fault.answerLost());
 * try (SshTransport transport = fleet.transport();
 *         SshConnection connection = transport.connect(
 *                 ConnectRequest.of(web.target("deploy"), LogIn.withKey(oldPair)))) {
 *     // ... the code under test ...
 * }
 * boolean stillAlive = deploy.admits(oldPair.publicKey()); // asks the model of the world, not the code under test
 * }</pre>
 *
 * <p>Nothing here starts a thread, sleeps, or reads the machine's clock or randomness: with one seed and one thread every
 * run is the same. All of it may also be used by many threads at once. Each remote call is one {@link
 * io.keywright.testkit.fleet.Step}; a {@link io.keywright.testkit.fleet.FaultPlan} can make any of them fail in the ways
 * that networks, disks and processes do.
 */
@NullMarked
package io.keywright.testkit.fleet;

import org.jspecify.annotations.NullMarked;
