package io.keywright.benchmarks.peers;

import com.sshtools.common.publickey.SshKeyPairGenerator;
import com.sshtools.common.ssh.components.SshKeyPair;
import org.jspecify.annotations.Nullable;

/** Maverick Synergy. */
final class MaverickCrypto extends KeyCrypto {
    private final String type;
    private final int bits;
    private @Nullable SshKeyPair pair;

    MaverickCrypto(Algorithm algorithm) {
        this.bits = algorithm.bits();
        this.type = switch (algorithm) {
            case ED25519 -> SshKeyPairGenerator.ED25519;
            case P256, P384, P521 -> SshKeyPairGenerator.ECDSA;
            case RSA2048, RSA3072, RSA4096 -> SshKeyPairGenerator.SSH2_RSA;
        };
    }

    private SshKeyPair pair() {
        if (pair == null) {
            throw new IllegalStateException("no key was generated");
        }
        return pair;
    }

    @Override
    public Object generate() throws Exception {
        pair = SshKeyPairGenerator.generateKeyPair(type, bits);
        return pair;
    }

    @Override
    public byte[] sign(byte[] message) throws Exception {
        return pair().getPrivateKey().sign(message);
    }

    @Override
    public boolean verify(byte[] message, byte[] value) throws Exception {
        return pair().getPublicKey().verifySignature(value, message);
    }
}
