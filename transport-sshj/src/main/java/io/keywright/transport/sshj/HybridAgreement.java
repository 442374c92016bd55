package io.keywright.transport.sshj;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.EncapsulatedSecretExtractor;
import org.bouncycastle.crypto.generators.MLKEMKeyPairGenerator;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.params.MLKEMKeyGenerationParameters;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKEMExtractor;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKeyGenerationParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeKeyPairGenerator;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimeParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimePrivateKeyParameters;
import org.bouncycastle.pqc.crypto.ntruprime.SNTRUPrimePublicKeyParameters;

/**
 * A key encapsulation that withstands quantum computers, and Curve25519 for the case that it does not withstand anything
 * (draft-ietf-sshm-mlkem-hybrid-kex, draft-ietf-sshm-ntruprime-ssh).
 *
 * <pre>
 * client: encapsulation key, point                server: ciphertext, point
 * secret: hash(encapsulated secret, Curve25519's), as a string
 * </pre>
 */
final class HybridAgreement implements Agreement {
    private static final int POINT_BYTES = 32;

    private final String hash;
    private final byte[] encapsulationKey;
    private final EncapsulatedSecretExtractor extractor;
    private final X25519Agreement curve;

    private HybridAgreement(
            String hash, byte[] encapsulationKey, EncapsulatedSecretExtractor extractor, SecureRandom random) {
        this.hash = hash;
        this.encapsulationKey = encapsulationKey;
        this.extractor = extractor;
        this.curve = new X25519Agreement(random);
    }

    static HybridAgreement mlKem768(SecureRandom random) {
        MLKEMKeyPairGenerator generator = new MLKEMKeyPairGenerator();
        generator.init(new MLKEMKeyGenerationParameters(random, MLKEMParameters.ml_kem_768));
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        return new HybridAgreement(
                "SHA-256",
                ((MLKEMPublicKeyParameters) pair.getPublic()).getEncoded(),
                new MLKEMExtractor((MLKEMPrivateKeyParameters) pair.getPrivate()),
                random);
    }

    static HybridAgreement sntrup761(SecureRandom random) {
        SNTRUPrimeKeyPairGenerator generator = new SNTRUPrimeKeyPairGenerator();
        generator.init(new SNTRUPrimeKeyGenerationParameters(random, SNTRUPrimeParameters.sntrup761));
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        return new HybridAgreement(
                "SHA-512",
                ((SNTRUPrimePublicKeyParameters) pair.getPublic()).getEncoded(),
                new SNTRUPrimeKEMExtractor((SNTRUPrimePrivateKeyParameters) pair.getPrivate()),
                random);
    }

    @Override
    public byte[] publicValue() {
        byte[] both = Arrays.copyOf(encapsulationKey, encapsulationKey.length + POINT_BYTES);
        System.arraycopy(curve.publicValue(), 0, both, encapsulationKey.length, POINT_BYTES);
        return both;
    }

    @Override
    public BigInteger agree(byte[] serverValue) throws GeneralSecurityException {
        int ciphertext = extractor.getEncapsulationLength();
        if (serverValue.length != ciphertext + POINT_BYTES) {
            throw new GeneralSecurityException(
                    "the server's value has " + serverValue.length + " bytes, not " + (ciphertext + POINT_BYTES));
        }
        byte[] encapsulated = extractor.extractSecret(Arrays.copyOf(serverValue, ciphertext));
        byte[] agreed = curve.secret(Arrays.copyOfRange(serverValue, ciphertext, serverValue.length));
        return new SecretString(JcaDigest.hash(hash, encapsulated, agreed));
    }
}
