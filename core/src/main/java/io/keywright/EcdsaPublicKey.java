package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.jspecify.annotations.Nullable;

/**
 * An ECDSA public key (RFC 5656, section 3.1): {@code string "ecdsa-sha2-" || curve, string curve, string Q}, where Q is an
 * uncompressed point.
 */
public final class EcdsaPublicKey extends SshPublicKey {
    private final EcdsaCurve curve;
    private final byte[] point;
    /**
     * Decoded when a signature is first verified. Bouncy Castle keeps multiples of it in there, which halve what the next
     * verification takes. Threads that race make equal ones.
     */
    private volatile @Nullable ECPublicKeyParameters parameters;

    private EcdsaPublicKey(EcdsaCurve curve, byte[] point, KeyComment comment) {
        super(encode(curve, point), comment);
        this.curve = curve;
        this.point = point;
    }

    /**
     * Makes a key of a point.
     *
     * @param curve the curve
     * @param point {@code 04 || x || y}; copied
     * @return the key, without a comment
     * @throws MalformedKeyException when the point is compressed, of the wrong length, infinity, or off the curve
     */
    public static EcdsaPublicKey of(EcdsaCurve curve, byte[] point) {
        EcPoints.requireOnCurve(curve, point, curve.algorithm());
        return new EcdsaPublicKey(curve, point.clone(), KeyComment.EMPTY);
    }

    /** Takes over a point that was just computed from a scalar, and so is on the curve. */
    static EcdsaPublicKey computed(EcdsaCurve curve, byte[] point) {
        return new EcdsaPublicKey(curve, point, KeyComment.EMPTY);
    }

    static EcdsaPublicKey read(EcdsaCurve curve, WireReader reader) {
        if (!reader.readName("curve").equals(curve.sshName())) {
            throw reader.malformed("curve", "it must be " + curve.sshName() + " for " + curve.algorithm());
        }
        return of(curve, reader.readString("point"));
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
     * Returns the public point.
     *
     * @return {@code 04 || x || y}, a copy
     */
    public byte[] point() {
        return point.clone();
    }

    ECPublicKeyParameters parameters() {
        ECPublicKeyParameters known = parameters;
        if (known == null) {
            known = new ECPublicKeyParameters(curve.domain().getCurve().decodePoint(point), curve.domain());
            parameters = known;
        }
        return known;
    }

    @Override
    public String algorithm() {
        return curve.algorithm();
    }

    @Override
    public int bits() {
        return curve.bits();
    }

    @Override
    public String shortName() {
        return "ECDSA";
    }

    @Override
    EcdsaPublicKey copyWith(KeyComment newComment) {
        return new EcdsaPublicKey(curve, point, newComment);
    }

    private static byte[] encode(EcdsaCurve curve, byte[] point) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(curve.algorithm())
                    .writeString(curve.sshName())
                    .writeString(point)
                    .toByteArray();
        }
    }
}
