package io.keywright.benchmarks.peers;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.KeyPair;
import com.jcraft.jsch.Signature;
import org.jspecify.annotations.Nullable;

/** JSch, the fork that is kept up. */
final class JschCrypto extends KeyCrypto {
    private final JSch jsch = new JSch();
    private final int type;
    private final int bits;
    private final @Nullable String signature;
    private @Nullable KeyPair pair;

    JschCrypto(Algorithm algorithm) {
        this.bits = algorithm.bits();
        this.type = switch (algorithm) {
            case ED25519 -> KeyPair.ED25519;
            case P256, P384, P521 -> KeyPair.ECDSA;
            case RSA2048, RSA3072, RSA4096 -> KeyPair.RSA;
        };
        this.signature = algorithm.isRsa() ? "rsa-sha2-512" : null;
    }

    private KeyPair pair() {
        if (pair == null) {
            throw new IllegalStateException("no key was generated");
        }
        return pair;
    }

    @Override
    public Object generate() throws JSchException {
        pair = KeyPair.genKeyPair(jsch, type, bits);
        return pair;
    }

    @Override
    public byte[] sign(byte[] message) {
        return signature == null ? pair().getSignature(message) : pair().getSignature(message, signature);
    }

    @Override
    public boolean verify(byte[] message, byte[] value) throws Exception {
        Signature verifier = signature == null ? pair().getVerifier() : pair().getVerifier(signature);
        verifier.update(message);
        return verifier.verify(value);
    }
}
