/**
 * Real servers for tests.
 *
 * <pre>{@code
 * try (OpenSshServer server = OpenSshServer.builder().withConfigLine("MaxAuthTries 2").start()) {
 *     ServerAccount account = server.addAccount();
 *     account.writeAuthorizedKeys(pair.publicKey().toLine() + "\n");
 *     // connect to server.host(), server.port() as account.name()
 *     assertThat(server.log()).contains("Accepted publickey for " + account.name());
 * }
 * }</pre>
 */
@NullMarked
package io.keywright.testkit.server;

import org.jspecify.annotations.NullMarked;
