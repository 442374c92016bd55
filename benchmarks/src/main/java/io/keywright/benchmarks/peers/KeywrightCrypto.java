package io.keywright.benchmarks.peers;

import io.keywright.EcdsaCurve;
import io.keywright.NativeCrypto;
import io.keywright.SshKeyPair;
import io.keywright.SshKeyPairGenerator;
import io.keywright.SshSignature;
import org.jspecify.annotations.Nullable;

/** Keywright's own, with the fastest native provider, with one by its name, or without. */
final class KeywrightCrypto extends KeyCrypto {
    private final SshKeyPairGenerator generator;
    private @Nullable SshKeyPair pair;

    /**
     * Makes a key.
     *
     * @param nativeProvider a value of {@link NativeCrypto#PROPERTY}
     */
    KeywrightCrypto(Algorithm algorithm, String nativeProvider) {
        // Read when the first key is used, and so before that; each combination of parameters has a JVM of its own.
        System.setProperty(NativeCrypto.PROPERTY, nativeProvider);
        this.generator = switch (algorithm) {
            case ED25519 -> SshKeyPairGenerator.ed25519();
            case P256 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP256);
            case P384 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP384);
            case P521 -> SshKeyPairGenerator.ecdsa(EcdsaCurve.NISTP521);
            case RSA2048, RSA3072, RSA4096 -> SshKeyPairGenerator.rsa(algorithm.bits());
        };
    }

    private SshKeyPair pair() {
        if (pair == null) {
            throw new IllegalStateException("no key was generated");
        }
        return pair;
    }

    @Override
    public Object generate() {
        if (pair != null) {
            pair.close();
        }
        pair = generator.generate();
        return pair;
    }

    @Override
    public byte[] sign(byte[] message) {
        return pair().sign(message).encode();
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        return pair().publicKey().verify(message, SshSignature.decode(signature));
    }
}
