package io.keywright;

import java.math.BigInteger;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.jce.spec.ECNamedCurveSpec;

/** The curves of RFC 5656, section 10.1, that OpenSSH speaks. */
public enum EcdsaCurve {
    /** NIST P-256, {@code secp256r1}. */
    NISTP256(256, "secp256r1"),
    /** NIST P-384, {@code secp384r1}. */
    NISTP384(384, "secp384r1"),
    /** NIST P-521, {@code secp521r1}. */
    NISTP521(521, "secp521r1");

    private final int bits;
    private final String jcaName;

    @SuppressWarnings("ImmutableEnumChecker") // Bouncy Castle does not annotate it; it is immutable.
    private final ECDomainParameters domain;

    /**
     * The curve for JCA, made once and by no provider: a provider that an application has put in front must not matter. It
     * carries the name, without which Bouncy Castle writes the parameters out in every encoded key.
     */
    @SuppressWarnings("ImmutableEnumChecker")
    private final ECParameterSpec jcaParameters;

    EcdsaCurve(int bits, String jcaName) {
        this.bits = bits;
        this.jcaName = jcaName;
        X9ECParameters parameters = CustomNamedCurves.getByName(jcaName);
        this.domain = new ECDomainParameters(parameters);
        this.jcaParameters = new ECNamedCurveSpec(
                jcaName, parameters.getCurve(), parameters.getG(), parameters.getN(), parameters.getH());
    }

    /**
     * Returns the curve's name in SSH.
     *
     * @return e.g. {@code "nistp256"}
     */
    public String sshName() {
        return "nistp" + bits;
    }

    /**
     * Returns the curve's name in JCA.
     *
     * @return e.g. {@code "secp256r1"}
     */
    public String jcaName() {
        return jcaName;
    }

    /**
     * Returns the public key algorithm that uses this curve.
     *
     * @return e.g. {@code "ecdsa-sha2-nistp256"}
     */
    public String algorithm() {
        return "ecdsa-sha2-" + sshName();
    }

    /**
     * Returns the size of the field.
     *
     * @return bits
     */
    public int bits() {
        return bits;
    }

    /**
     * Returns the size of one coordinate, and of a private scalar.
     *
     * @return bytes
     */
    public int fieldBytes() {
        return (bits + 7) / 8;
    }

    /**
     * Finds a curve by its SSH name.
     *
     * @param sshName e.g. {@code "nistp384"}
     * @return the curve, or empty
     */
    public static Optional<EcdsaCurve> ofSshName(String sshName) {
        return Arrays.stream(values()).filter(c -> c.sshName().equals(sshName)).findFirst();
    }

    ECDomainParameters domain() {
        return domain;
    }

    ECParameterSpec jcaParameters() {
        return jcaParameters;
    }

    BigInteger prime() {
        return domain.getCurve().getField().getCharacteristic();
    }

    /** Checks {@code y^2 = x^3 + ax + b (mod p)} for coordinates in range. The cofactor is 1, so this is all there is to check. */
    boolean contains(BigInteger x, BigInteger y) {
        BigInteger p = prime();
        if (x.signum() < 0 || y.signum() < 0 || x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
            return false;
        }
        BigInteger a = domain.getCurve().getA().toBigInteger();
        BigInteger b = domain.getCurve().getB().toBigInteger();
        BigInteger right = x.multiply(x).add(a).multiply(x).add(b).mod(p);
        return y.multiply(y).mod(p).equals(right);
    }
}
