package io.keywright.transport.sshj;

import java.security.PublicKey;
import java.util.List;
import net.schmizz.sshj.transport.verification.HostKeyVerifier;

/** Lets pass what {@link SshjHandshake#proveHostKey} has accepted, and nothing else. */
final class HostKeyGate implements HostKeyVerifier {
    @Override
    public boolean verify(String host, int port, PublicKey key) {
        return key instanceof ProvedHostKey;
    }

    /** Says nothing: the algorithms are in the right order already. */
    @Override
    public List<String> findExistingAlgorithms(String host, int port) {
        return List.of();
    }
}
