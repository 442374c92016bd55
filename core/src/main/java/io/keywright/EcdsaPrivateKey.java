package io.keywright;

import java.math.BigInteger;
import java.util.Objects;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** The private scalar of an ECDSA key. */
public final class EcdsaPrivateKey extends SshPrivateKey {
    private final EcdsaCurve curve;
    private final SecretBytes scalar;

    private EcdsaPrivateKey(EcdsaCurve curve, SecretBytes scalar) {
        this.curve = Objects.requireNonNull(curve, "curve");
        this.scalar = Objects.requireNonNull(scalar, "scalar");
    }

    /**
     * Makes a private half of its scalar and takes it over.
     *
     * @param curve the curve
     * @param scalar unsigned big-endian, between 0 and the order of the curve; may be shorter or longer than the field
     * @return the private half
     */
    public static EcdsaPrivateKey takeOver(EcdsaCurve curve, SecretBytes scalar) {
        return new EcdsaPrivateKey(curve, scalar);
    }

    /**
     * Returns the curve.
     *
     * @return the curve
     */
    public EcdsaCurve curve() {
        return curve;
    }

    /**
     * Lends the private scalar.
     *
     * @return unsigned big-endian bytes
     */
    public SecretBytes scalar() {
        return scalar;
    }

    /**
     * Computes the public half, for formats that leave it out.
     *
     * @return the public key, without a comment
     * @throws MalformedKeyException when the scalar is out of range
     */
    public EcdsaPublicKey derivePublicKey() {
        BigInteger secret = RsaPrivateKey.number(scalar);
        ECDomainParameters domain = curve.domain();
        if (secret.signum() <= 0 || secret.compareTo(domain.getN()) >= 0) {
            throw new MalformedKeyException(curve.algorithm(), "private scalar", "it is out of range");
        }
        byte[] point =
                new FixedPointCombMultiplier().multiply(domain.getG(), secret).getEncoded(false);
        return EcdsaPublicKey.computed(curve, point);
    }

    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof EcdsaPublicKey ecdsa) || ecdsa.curve() != curve) {
            throw mismatch("key type");
        }
        if (!derivePublicKey().equals(publicKey)) {
            throw mismatch("ECDSA scalar and point");
        }
    }

    @Override
    EcdsaPrivateKey copy() {
        return new EcdsaPrivateKey(curve, scalar.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        return Signing.signEcdsa(curve, scalar, message);
    }

    @Override
    void wipe() {
        scalar.close();
    }
}
