package io.keywright.benchmarks.peers;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.jspecify.annotations.Nullable;

/** Apache MINA SSHD, with i2p's EdDSA on the class path as its documentation has it. */
final class MinaCrypto extends KeyCrypto {
    private final String type;
    private final int bits;
    private final BuiltinSignatures signature;
    private @Nullable KeyPair pair;

    MinaCrypto(Algorithm algorithm) {
        this.bits = algorithm.bits();
        this.type = switch (algorithm) {
            case ED25519 -> KeyPairProvider.SSH_ED25519;
            case P256, P384, P521 -> "ecdsa-sha2-nistp" + algorithm.bits();
            case RSA2048, RSA3072, RSA4096 -> KeyPairProvider.SSH_RSA;
        };
        this.signature = switch (algorithm) {
            case ED25519 -> BuiltinSignatures.ed25519;
            case P256 -> BuiltinSignatures.nistp256;
            case P384 -> BuiltinSignatures.nistp384;
            case P521 -> BuiltinSignatures.nistp521;
            case RSA2048, RSA3072, RSA4096 -> BuiltinSignatures.rsaSHA512;
        };
    }

    private KeyPair pair() {
        if (pair == null) {
            throw new IllegalStateException("no key was generated");
        }
        return pair;
    }

    @Override
    public Object generate() throws GeneralSecurityException {
        pair = KeyUtils.generateKeyPair(type, bits);
        return pair;
    }

    @Override
    public byte[] sign(byte[] message) throws Exception {
        Signature signer = signature.create();
        signer.initSigner(null, pair().getPrivate());
        signer.update(null, message);
        return signer.sign(null);
    }

    @Override
    public boolean verify(byte[] message, byte[] value) throws Exception {
        Signature verifier = signature.create();
        verifier.initVerifier(null, pair().getPublic());
        verifier.update(null, message);
        return verifier.verify(null, value);
    }
}
