package io.keywright;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;

/**
 * Makes and verifies signatures with a JCA provider. Providers write ECDSA's two numbers in another way than SSH, see
 * {@link EcdsaDer}; the values of the others are the same in both.
 */
final class JcaSignatures {
    private JcaSignatures() {}

    /**
     * A provider's signature engine that is kept ready with one private key: making it ready costs more than a signature.
     * Thread-safe. It is dropped when the key is closed; a provider's key cannot be wiped.
     */
    static final class Signer {
        private final Provider provider;
        private final SignatureAlgorithm algorithm;
        private final SshPublicKey publicKey;
        private final Signature signature;

        Signer(Provider provider, SignatureAlgorithm algorithm, SshPublicKey publicKey, SshPrivateKey privateKey) {
            this.provider = provider;
            this.algorithm = algorithm;
            this.publicKey = publicKey;
            PrivateKey key = JcaKeys.toPrivateKey(publicKey, privateKey, offers(provider, publicKey) ? provider : null);
            try {
                signature = Signature.getInstance(algorithm.jcaName(), provider);
                signature.initSign(key);
            } catch (GeneralSecurityException e) {
                throw unsupported(provider, algorithm, e);
            }
        }

        SignatureAlgorithm algorithm() {
            return algorithm;
        }

        synchronized byte[] sign(byte[] message) {
            try {
                signature.update(message);
                byte[] value = signature.sign();
                return publicKey instanceof EcdsaPublicKey ? EcdsaDer.toSsh(value) : value;
            } catch (SignatureException e) {
                throw new SshKeyException(
                        "signing with " + algorithm.sshName() + " failed in the provider " + provider.getName(), e);
            }
        }
    }

    /** Makes the key object with which a provider verifies. */
    static PublicKey publicKey(Provider provider, SshPublicKey key) {
        return JcaKeys.toPublicKey(key, offers(provider, key) ? provider : null);
    }

    static boolean verify(
            Provider provider,
            SignatureAlgorithm algorithm,
            SshPublicKey key,
            PublicKey providersKey,
            byte[] message,
            byte[] value) {
        Signature signature;
        try {
            signature = Signature.getInstance(algorithm.jcaName(), provider);
            signature.initVerify(providersKey);
            signature.update(message);
        } catch (GeneralSecurityException e) {
            throw unsupported(provider, algorithm, e);
        }
        try {
            return signature.verify(key instanceof EcdsaPublicKey ecdsa ? EcdsaDer.toDer(ecdsa.curve(), value) : value);
        } catch (SignatureException | MalformedKeyException | LimitExceededException e) {
            // A value that is not even of the right form, which some providers answer with an exception, is a signature
            // that this key did not make.
            return false;
        }
    }

    /** Some providers sign with keys that they cannot make: they translate the JDK's. */
    private static boolean offers(Provider provider, SshPublicKey key) {
        String name = key instanceof RsaPublicKey ? "RSA" : key instanceof EcdsaPublicKey ? "EC" : key.shortName();
        return provider.getService("KeyFactory", name) != null;
    }

    private static UnsupportedKeyException unsupported(
            Provider provider, SignatureAlgorithm algorithm, GeneralSecurityException e) {
        return new UnsupportedKeyException(
                algorithm.sshName(),
                "the provider " + provider.getName() + " does not sign or verify with " + algorithm.jcaName() + " ("
                        + (e instanceof InvalidKeyException ? "it refuses the key" : "it has no such algorithm") + ")");
    }
}
