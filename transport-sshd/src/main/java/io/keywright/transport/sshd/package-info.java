/**
 * The transport SPI on Apache MINA SSHD.
 *
 * <pre>{@code
 * try (SshTransport transport = SshdTransport.create();
 *         SshConnection connection = transport.connect(ConnectRequest.of(target, LogIn.withKey(pair)))) {
 *     ExecResult result = connection.exec(ExecRequest.of("uname -a"));
 * }
 * }</pre>
 *
 * <p>Only key exchange, encryption and channels are MINA's. Host keys are judged and their signatures verified, users
 * authenticated, and SFTP spoken by Keywright's own code, with its own keys throughout, so that no key type depends on
 * what MINA can convert. Nothing is read from the user's home: no identities, no agent, no client configuration.
 */
@NullMarked
package io.keywright.transport.sshd;

import org.jspecify.annotations.NullMarked;
