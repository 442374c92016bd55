package io.keywright.testkit.fleet;

import io.keywright.SshPublicKey;
import java.time.Instant;
import java.util.Optional;

/**
 * A connection that a server holds open.
 *
 * @param process the process that opened it
 * @param device the device's id
 * @param user the account's name
 * @param loggedIn whether the log-in has succeeded
 * @param key the key that it was logged in with; empty for a password
 * @param since when it was opened, by the fleet's clock
 */
public record OpenConnection(
        String process, String device, String user, boolean loggedIn, Optional<SshPublicKey> key, Instant since) {}
