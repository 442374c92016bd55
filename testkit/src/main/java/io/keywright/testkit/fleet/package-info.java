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
 *
 * <p>How to make what goes wrong in real fleets:
 *
 * <table>
 *   <caption>Failures and how to have them</caption>
 *   <tr><th>what happens</th><th>how</th></tr>
 *   <tr><td>odd files: no final newline, options, duplicates, CRLF, a byte order mark</td>
 *       <td>{@link Account#writeAuthorizedKeys(byte[])}</td></tr>
 *   <tr><td>a second file, another place, an AuthorizedKeysCommand</td>
 *       <td>{@link Device#configure} with {@link SshdConfig#withAuthorizedKeysFiles}, {@link
 *       SshdConfig#withAuthorizedKeysCommand}</td></tr>
 *   <tr><td>modes and owners that StrictModes refuses, links, FIFOs, SELinux types</td>
 *       <td>{@link Device#files()}, {@link SshdConfig#withSeLinux}, {@link PosixFileSystem#setLabel}</td></tr>
 *   <tr><td>disk full, quota, read-only, root squashed</td>
 *       <td>{@link PosixFileSystem#fill}, {@link PosixFileSystem#setQuota}, {@link PosixFileSystem#setReadOnly}, {@link
 *       PosixFileSystem#setRootSquash}</td></tr>
 *   <tr><td>a write that breaks in the middle</td><td>{@link Fault#tornWrite}</td></tr>
 *   <tr><td>a connection lost before or after the request took effect; a hang</td>
 *       <td>{@link Fault#lostBefore}, {@link Fault#answerLost}, {@link Fault#hangBefore}, {@link Fault#hangAfter}</td></tr>
 *   <tr><td>a host that is down, now or in the middle</td>
 *       <td>{@link Device#goDown}, {@link Device#goSilent}, {@link Fault#outage}</td></tr>
 *   <tr><td>a machine that stops after a rename that was not durable</td>
 *       <td>{@link Fault#rebootAfter}, {@link Device#crashAndReboot(CrashModel)}</td></tr>
 *   <tr><td>an engine that is killed, at any step of it</td>
 *       <td>{@link Fault#crashBefore}, {@link Fault#crashAfter}, {@link SimulatedProcess}</td></tr>
 *   <tr><td>a zombie; a human or a configuration management that writes in between</td>
 *       <td>{@link Fault#before}, {@link Fault#after}, {@link Account#files()}</td></tr>
 *   <tr><td>MaxAuthTries, penalties, methods that are off, a locked account</td>
 *       <td>{@link SshdConfig}, {@link Account#lock}</td></tr>
 *   <tr><td>a forced command, no SFTP, no posix-rename, no fsync; sudo that asks</td>
 *       <td>{@link Account#authorizeLine}, {@link SshdConfig}, {@link Device#onExec}</td></tr>
 *   <tr><td>a host key that changed, an address that moved, two names for one host, a shared home</td>
 *       <td>{@link Device#setHostKeys}, {@link InMemoryFleet#route}, {@link InMemoryFleet#addDevice(String, String, int,
 *       PosixFileSystem)}</td></tr>
 *   <tr><td>an old session that lives on; somebody who still uses the old key</td>
 *       <td>{@link InMemoryFleet#process(String, String)}, {@link InMemoryFleet#openConnections}</td></tr>
 *   <tr><td>a clock that is wrong</td><td>{@link Device#setClockSkew}, {@link SshdConfig#withZone}</td></tr>
 * </table>
 */
@NullMarked
package io.keywright.testkit.fleet;

import org.jspecify.annotations.NullMarked;
