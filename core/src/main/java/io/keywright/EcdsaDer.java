package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;
import java.security.SignatureException;

/**
 * ECDSA signatures from JCA's encoding to SSH's and back, byte for byte: the numbers are written alike in both.
 *
 * <pre>
 *   JCA  30 length, 02 length r, 02 length s       (RFC 3279, section 2.2.3, in DER)
 *   SSH  mpint r, mpint s                          (RFC 5656, section 3.1.2)
 * </pre>
 */
final class EcdsaDer {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 2;
    /** A longer length is announced by this byte and follows in one of its own; P-521 needs that, nothing needs two. */
    private static final int LONG_LENGTH = 0x81;

    private EcdsaDer() {}

    /** Encodes for SSH what a provider has signed. */
    static byte[] toSsh(byte[] der) throws SignatureException {
        WireReader reader = new WireReader("signature", der);
        try (WireWriter writer = new WireWriter()) {
            readHeader(reader, SEQUENCE);
            for (int i = 0; i < 2; i++) {
                int length = readHeader(reader, INTEGER);
                writer.writeUnsigned(reader.readBytes(length, "number"));
            }
            reader.requireEnd("end of the signature");
            return writer.toByteArray();
        } catch (MalformedKeyException e) {
            throw new SignatureException("the provider made a signature that is not in DER", e);
        }
    }

    private static int readHeader(WireReader reader, int tag) {
        if (reader.readByte("tag") != tag) {
            throw reader.malformed("tag", "another one is expected");
        }
        int length = reader.readByte("length");
        return length == LONG_LENGTH ? reader.readByte("length") : length;
    }

    /**
     * Encodes for a provider what came over SSH.
     *
     * @throws SignatureException when a number is zero or not below the order: not every provider has always refused those
     *     (CVE-2022-21449)
     * @throws MalformedKeyException when there are no two numbers
     */
    static byte[] toDer(EcdsaCurve curve, byte[] value) throws SignatureException {
        BigInteger[] numbers = Signing.ecdsaNumbers(value);
        byte[] r = inRange(curve, numbers[0]).toByteArray();
        byte[] s = inRange(curve, numbers[1]).toByteArray();
        int length = 4 + r.length + s.length;
        try (WireWriter writer = new WireWriter()) {
            writer.writeByte(SEQUENCE);
            if (length >= 0x80) {
                writer.writeByte(LONG_LENGTH);
            }
            return writer.writeByte(length)
                    .writeByte(INTEGER)
                    .writeByte(r.length)
                    .writeBytes(r)
                    .writeByte(INTEGER)
                    .writeByte(s.length)
                    .writeBytes(s)
                    .toByteArray();
        }
    }

    private static BigInteger inRange(EcdsaCurve curve, BigInteger number) throws SignatureException {
        if (number.signum() == 0 || number.compareTo(curve.domain().getN()) >= 0) {
            throw new SignatureException("a number of the signature is out of range");
        }
        return number;
    }
}
