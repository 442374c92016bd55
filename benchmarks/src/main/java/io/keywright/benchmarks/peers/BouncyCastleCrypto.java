package io.keywright.benchmarks.peers;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** Bouncy Castle's own classes, without JCA around them: Ed25519 and ECDSA. */
final class BouncyCastleCrypto extends KeyCrypto {
    private final Algorithm algorithm;
    private final SecureRandom random = new SecureRandom();
    private final byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
    private final byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
    private final @Nullable ECDomainParameters domain;
    private @Nullable AsymmetricCipherKeyPair pair;

    BouncyCastleCrypto(Algorithm algorithm) {
        if (algorithm.isRsa()) {
            throw new IllegalArgumentException("bc-direct is measured on curves only");
        }
        this.algorithm = algorithm;
        this.domain = algorithm == Algorithm.ED25519
                ? null
                : new ECDomainParameters(CustomNamedCurves.getByName("secp" + algorithm.bits() + "r1"));
    }

    @Override
    public Object generate() {
        if (domain == null) {
            random.nextBytes(seed);
            Ed25519.generatePublicKey(seed, 0, point, 0);
            return point;
        }
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(domain, random));
        pair = generator.generateKeyPair();
        return pair;
    }

    private AsymmetricCipherKeyPair pair() {
        if (pair == null) {
            throw new IllegalStateException("no key was generated");
        }
        return pair;
    }

    private byte[] digest(byte[] message) throws GeneralSecurityException {
        return MessageDigest.getInstance(
                        algorithm == Algorithm.P256 ? "SHA-256" : algorithm == Algorithm.P384 ? "SHA-384" : "SHA-512")
                .digest(message);
    }

    @Override
    public byte[] sign(byte[] message) throws Exception {
        if (domain == null) {
            byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
            Ed25519.sign(seed, 0, point, 0, message, 0, message.length, signature, 0);
            return signature;
        }
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(
                algorithm == Algorithm.P256
                        ? new SHA256Digest()
                        : algorithm == Algorithm.P384 ? new SHA384Digest() : new SHA512Digest()));
        signer.init(true, pair().getPrivate());
        BigInteger[] rs = signer.generateSignature(digest(message));
        return StandardDSAEncoding.INSTANCE.encode(domain.getN(), rs[0], rs[1]);
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) throws Exception {
        if (domain == null) {
            return Ed25519.verify(signature, 0, point, 0, message, 0, message.length);
        }
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, pair().getPublic());
        BigInteger[] rs = StandardDSAEncoding.INSTANCE.decode(domain.getN(), signature);
        return verifier.verifySignature(digest(message), rs[0], rs[1]);
    }
}
