/**
 * What Keywright needs of an SSH client library, as a service provider interface.
 *
 * <pre>{@code
 * SshTarget target = SshTarget.of("web-1.example", 22, "deploy", HostKeyVerifier.strict(knownHosts));
 * try (SshTransport transport = SshTransport.discover();
 *         SshConnection connection = transport.connect(ConnectRequest.of(target, LogIn.withKey(pair)))) {
 *     ExecResult result = connection.exec(ExecRequest.of("uname -a"));
 * }
 * }</pre>
 *
 * <p>Every call blocks and ends within the target's {@link io.keywright.transport.TransportTimeouts}; an interrupted thread
 * gets a {@link io.keywright.transport.TransportInterruptedException}, and any other failure is a
 * {@link io.keywright.transport.TransportException} that says in which phase. A transport may be used by many threads at
 * once; a connection and what it opens belong to one thread at a time.
 */
@NullMarked
package io.keywright.transport;

import org.jspecify.annotations.NullMarked;
