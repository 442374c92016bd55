/**
 * The transport SPI on sshj.
 *
 * <pre>{@code
 * try (SshTransport transport = SshjTransport.create();
 *         SshConnection connection = transport.connect(ConnectRequest.of(target, LogIn.withKey(pair)))) {
 *     ExecResult result = connection.exec(ExecRequest.of("uname -a"));
 * }
 * }</pre>
 *
 * <p>Packets, the negotiation of algorithms, the order of a key exchange and the multiplexing of channels are sshj's. Its
 * ciphers and key exchanges are not used, because they register Bouncy Castle with the JVM, and neither are its key types:
 * the algorithms here are the JDK's and Bouncy Castle's own classes, host keys and users are Keywright's. Nothing is read
 * from the user's home, and sshj logs nothing: at its finest level it would log passwords.
 */
@NullMarked
package io.keywright.transport.sshj;

import org.jspecify.annotations.NullMarked;
