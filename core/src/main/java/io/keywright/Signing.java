package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.rfc8032.Ed448;

/**
 * Makes and verifies signatures, with {@link NativeCrypto} where there is one. Else RSA with the JDK, whose native-speed
 * modular exponentiation Bouncy Castle does not match; ECDSA and EdDSA with Bouncy Castle's own classes, several times faster
 * than the JDK's. Their ECDSA nonces are deterministic (RFC 6979), so a weak random source cannot leak a key.
 */
final class Signing {
    private Signing() {}

    static byte[] signRsa(PrivateKey key, SignatureAlgorithm algorithm, byte[] message) {
        try {
            Signature signature = JcaKeys.rsaSignature(algorithm.jcaName());
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new SshKeyException("RSA signing failed in the JCA provider", e);
        }
    }

    static byte[] signEcdsa(EcdsaCurve curve, SecretBytes scalar, byte[] message) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(
                switch (curve) {
                    case NISTP256 -> new SHA256Digest();
                    case NISTP384 -> new SHA384Digest();
                    case NISTP521 -> new SHA512Digest();
                }));
        signer.init(true, new ECPrivateKeyParameters(RsaPrivateKey.number(scalar), curve.domain()));
        BigInteger[] rs = signer.generateSignature(digest(curve, message));
        try (WireWriter writer = new WireWriter()) {
            return writer.writeMpint(rs[0]).writeMpint(rs[1]).toByteArray();
        }
    }

    static boolean verify(SshPublicKey key, byte[] message, SshSignature signature) {
        Provider fastest = NativeCrypto.forAlgorithm(signature.algorithm());
        if (fastest != null) {
            requireFits(key, signature);
            return verify(key, message, signature, fastest, key.nativeKey(fastest));
        }
        requireFits(key, signature);
        byte[] value = signature.valueInPlace();
        if (key instanceof RsaPublicKey rsa) {
            return verifyRsa(rsa, signature.algorithm(), message, value);
        } else if (key instanceof EcdsaPublicKey ecdsa) {
            return verifyEcdsa(ecdsa, message, value);
        } else if (key instanceof Ed25519PublicKey ed25519) {
            return ed25519.verifies(message, value);
        } else if (key instanceof Ed448PublicKey ed448) {
            return value.length == Ed448.SIGNATURE_SIZE
                    && Ed448.verify(value, 0, ed448.point(), 0, new byte[0], message, 0, message.length);
        }
        throw new UnsupportedKeyException(key.algorithm(), "keys of type " + key.algorithm() + " do not verify here");
    }

    static boolean verify(SshPublicKey key, byte[] message, SshSignature signature, Provider provider) {
        requireFits(key, signature);
        return verify(key, message, signature, provider, JcaSignatures.publicKey(provider, key));
    }

    private static boolean verify(
            SshPublicKey key, byte[] message, SshSignature signature, Provider provider, PublicKey providersKey) {
        byte[] value = signature.valueInPlace();
        if (key instanceof RsaPublicKey rsa) {
            if (value.length > modulusBytes(rsa)) {
                return false;
            }
            value = padded(rsa, value);
        }
        return JcaSignatures.verify(provider, signature.algorithm(), key, providersKey, message, value);
    }

    private static void requireFits(SshPublicKey key, SshSignature signature) {
        if (!signature.algorithm().fits(key)) {
            throw new UnsupportedKeyException(
                    signature.algorithm().sshName(),
                    "a key of type " + key.algorithm() + " does not make signatures of type "
                            + signature.algorithm().sshName());
        }
    }

    private static int modulusBytes(RsaPublicKey key) {
        return (key.bits() + 7) / 8;
    }

    /** RFC 8332 fixes no length; OpenSSH pads signatures that lost leading zeros, and so do we. */
    private static byte[] padded(RsaPublicKey key, byte[] value) {
        byte[] padded = new byte[modulusBytes(key)];
        System.arraycopy(value, 0, padded, padded.length - value.length, value.length);
        return padded;
    }

    private static boolean verifyRsa(RsaPublicKey key, SignatureAlgorithm algorithm, byte[] message, byte[] value) {
        if (value.length > modulusBytes(key)) {
            return false;
        }
        try {
            Signature signature = JcaKeys.rsaSignature(algorithm.jcaName());
            signature.initVerify(key.toPublicKey());
            signature.update(message);
            return signature.verify(padded(key, value));
        } catch (SignatureException e) {
            // A provider may throw where a padding does not even look like one: that is a forged signature, not a
            // fault.
            return false;
        } catch (GeneralSecurityException e) {
            throw new SshKeyException("RSA verification failed in the JCA provider", e);
        }
    }

    /** Reads {@code mpint r, mpint s} (RFC 5656, section 3.1.2). */
    static BigInteger[] ecdsaNumbers(byte[] value) {
        WireReader reader = new WireReader("signature", value);
        BigInteger[] rs = {reader.readMpint("ECDSA r"), reader.readMpint("ECDSA s")};
        reader.requireEnd("end of the ECDSA signature");
        return rs;
    }

    private static boolean verifyEcdsa(EcdsaPublicKey key, byte[] message, byte[] value) {
        BigInteger[] rs;
        try {
            rs = ecdsaNumbers(value);
        } catch (MalformedKeyException | LimitExceededException e) {
            // As with RSA and EdDSA: a value of the wrong form is a signature that this key did not make.
            return false;
        }
        ECDSASigner verifier = new ECDSASigner();
        verifier.init(false, key.parameters());
        return verifier.verifySignature(digest(key.curve(), message), rs[0], rs[1]);
    }

    private static byte[] digest(EcdsaCurve curve, byte[] message) {
        return Fingerprint.digest(
                switch (curve) {
                    case NISTP256 -> "SHA-256";
                    case NISTP384 -> "SHA-384";
                    case NISTP521 -> "SHA-512";
                },
                message);
    }
}
