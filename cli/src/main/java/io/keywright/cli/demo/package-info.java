/**
 * The demonstration: a fleet of real SSH servers on this machine, and a key that is changed on all of them.
 *
 * <pre>{@code
 * try (EmbeddedFleet fleet = EmbeddedFleet.start()) {
 *     EmbeddedServer server = fleet.add("deploy", password, directory);
 *     Files.write(server.authorizedKeysFile(), key.toLine().getBytes(UTF_8));
 *     SshTarget target = SshTarget.of(server.host(), server.port(), "deploy", hostKeys);
 * }
 * }</pre>
 *
 * <p>The servers are Apache MINA's. They listen on 127.0.0.1 only.
 */
@NullMarked
package io.keywright.cli.demo;

import org.jspecify.annotations.NullMarked;
