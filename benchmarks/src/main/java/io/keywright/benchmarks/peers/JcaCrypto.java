package io.keywright.benchmarks.peers;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Map;
import net.i2p.crypto.eddsa.EdDSASecurityProvider;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/** A JCA provider, called directly: its key objects stay in its own form. */
final class JcaCrypto extends KeyCrypto {
    private static final Map<String, String> NATIVE = Map.of(
            "accp", "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider",
            "conscrypt", "org.conscrypt.OpenSSLProvider");

    private final Provider provider;
    private final String keys;
    private final @Nullable AlgorithmParameterSpec parameters;
    private final String signature;
    private @Nullable KeyPair pair;

    private JcaCrypto(Provider provider, Algorithm algorithm) {
        boolean i2p = provider instanceof EdDSASecurityProvider;
        this.provider = provider;
        this.keys = i2p ? "EdDSA" : algorithm.jcaName();
        this.signature = switch (algorithm) {
            case ED25519 -> i2p ? "NONEwithEdDSA" : "Ed25519";
            case P256 -> "SHA256withECDSA";
            case P384 -> "SHA384withECDSA";
            case P521 -> "SHA512withECDSA";
            case RSA2048, RSA3072, RSA4096 -> "SHA512withRSA";
        };
        this.parameters = switch (algorithm) {
            case ED25519 -> null;
            case P256, P384, P521 -> new ECGenParameterSpec("secp" + algorithm.bits() + "r1");
            case RSA2048, RSA3072, RSA4096 -> new RSAKeyGenParameterSpec(algorithm.bits(), RSAKeyGenParameterSpec.F4);
        };
    }

    static KeyCrypto of(String peer, Algorithm algorithm) {
        try {
            return new JcaCrypto(provider(peer, algorithm), algorithm);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(peer + " cannot do " + algorithm, e);
        }
    }

    private static Provider provider(String peer, Algorithm algorithm) throws ReflectiveOperationException {
        String nativeClass = NATIVE.get(peer);
        if (nativeClass != null) {
            return Class.forName(nativeClass)
                    .asSubclass(Provider.class)
                    .getConstructor()
                    .newInstance();
        }
        return switch (peer) {
            case "jdk" -> Security.getProvider(algorithm.isRsa() ? "SunRsaSign" : "SunEC");
            case "bc" -> new BouncyCastleProvider();
            case "i2p" -> new EdDSASecurityProvider();
            default -> throw new IllegalArgumentException("no peer is called " + peer);
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
        // None of these is for several threads, so whoever generates a key makes one, as with signatures.
        KeyPairGenerator generator = KeyPairGenerator.getInstance(keys, provider);
        if (parameters != null) {
            generator.initialize(parameters);
        }
        pair = generator.generateKeyPair();
        return pair.getPublic().getEncoded();
    }

    @Override
    public byte[] sign(byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(signature, provider);
        signer.initSign(pair().getPrivate());
        signer.update(message);
        return signer.sign();
    }

    @Override
    public boolean verify(byte[] message, byte[] value) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(signature, provider);
        verifier.initVerify(pair().getPublic());
        verifier.update(message);
        return verifier.verify(value);
    }
}
