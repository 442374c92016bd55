package io.keywright.transport.sshd;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import java.util.List;

/** One key, this module's transport, and a server to use them on. */
final class LogInHere implements AutoCloseable {
    private final SshdTransport transport = SshdTransport.create();
    private final SshKeyPair pair =
            SshKeyPairGenerator.ed25519().withComment("tester").generate();
    private final HostKeyVerifier hostKeys;
    private final String host;
    private final int port;

    LogInHere(String host, int port, List<SshPublicKey> hostKeys) {
        this.host = host;
        this.port = port;
        this.hostKeys = HostKeyVerifier.pinned(hostKeys);
    }

    String line() {
        return pair.publicKey().toLine() + "\n";
    }

    SshKeyPair pair() {
        return pair;
    }

    SshConnection as(String user) {
        return as(user, host, port);
    }

    /** By another address, as that of a relay. */
    SshConnection as(String user, String throughHost, int throughPort) {
        return transport.connect(
                ConnectRequest.of(SshTarget.of(throughHost, throughPort, user, hostKeys), LogIn.withKey(pair)));
    }

    boolean accepts(String user, SshPublicKey key) {
        return transport
                        .probe(SshTarget.of(host, port, user, hostKeys), List.of(key))
                        .answers()
                        .get(0)
                == ProbeAnswer.ACCEPTED;
    }

    static SshPublicKey newKey(String comment) {
        try (SshKeyPair made =
                SshKeyPairGenerator.ed25519().withComment(comment).generate()) {
            return made.publicKey();
        }
    }

    @Override
    public void close() {
        transport.close();
        pair.close();
    }
}
