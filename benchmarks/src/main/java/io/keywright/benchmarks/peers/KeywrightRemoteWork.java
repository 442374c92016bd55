package io.keywright.benchmarks.peers;

import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshPublicKey;
import io.keywright.benchmarks.fleet.ServerFleet;
import io.keywright.rotation.RemoteAuthorizedKeys;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import io.keywright.transport.sshj.SshjTransport;
import java.io.IOException;

/** Keywright's transports, with Keywright's edit. */
final class KeywrightRemoteWork extends RemoteWork {
    private final ServerFleet fleet;
    private final SshTransport transport;
    private final SshPublicKey another;

    KeywrightRemoteWork(String peer) throws IOException {
        fleet = ServerFleet.start(1);
        fleet.reset();
        transport = peer.endsWith("sshd") ? SshdTransport.create() : SshjTransport.create();
        try (SshKeyPair pair = SshKeyPairGenerator.ed25519().generate()) {
            another = pair.publicKey();
        }
    }

    @Override
    public void logIn() {
        transport.connect(fleet.request(0)).close();
    }

    @Override
    public void edit() {
        try (SshConnection connection = transport.connect(fleet.request(0));
                RemoteAuthorizedKeys remote = RemoteAuthorizedKeys.open(connection, "benchmark")) {
            remote.edit(
                    ".ssh/authorized_keys", keys -> keys.contains(another) ? keys.remove(another) : keys.add(another));
        }
    }

    @Override
    public void close() throws IOException {
        transport.close();
        fleet.close();
    }
}
