package io.keywright;

import java.math.BigInteger;
import java.util.Arrays;

/** Uncompressed points of SEC 1, section 2.3.3: {@code 04 || x || y}, each coordinate of the field's full length. */
final class EcPoints {
    private EcPoints() {}

    /** Checks form and curve equation. Infinity is one zero byte and so fails the length check. */
    static void requireOnCurve(EcdsaCurve curve, byte[] point, String algorithm) {
        if (point.length != 1 + 2 * curve.fieldBytes() || point[0] != 4) {
            throw new MalformedKeyException(
                    algorithm,
                    "point",
                    "an uncompressed point of " + (1 + 2 * curve.fieldBytes()) + " bytes is expected");
        }
        if (!curve.contains(x(curve, point), y(curve, point))) {
            throw new MalformedKeyException(algorithm, "point", "it is not on the curve " + curve.sshName());
        }
    }

    static BigInteger x(EcdsaCurve curve, byte[] point) {
        return new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + curve.fieldBytes()));
    }

    static BigInteger y(EcdsaCurve curve, byte[] point) {
        return new BigInteger(1, Arrays.copyOfRange(point, 1 + curve.fieldBytes(), point.length));
    }
}
