package io.keywright.transport.sshj;

import io.keywright.SshPublicKey;
import java.security.PublicKey;

/** A host key that its server proved to own, and that was accepted; in the form in which sshj hands keys around. */
final class ProvedHostKey implements PublicKey {
    private static final long serialVersionUID = 1;

    private final transient SshPublicKey key;

    ProvedHostKey(SshPublicKey key) {
        this.key = key;
    }

    @Override
    public String getAlgorithm() {
        return key.algorithm();
    }

    @Override
    public String getFormat() {
        return "SSH";
    }

    @Override
    public byte[] getEncoded() {
        return key.blob();
    }
}
