package io.keywright.format.negative;

import static io.keywright.format.negative.Bytes.concat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;

/** DER (ITU-T X.690) by hand, so that it can be wrong. */
final class Der {
    static final String RSA = "2a864886f70d010101";
    static final String DSA = "2a8648ce380401";
    static final String EC = "2a8648ce3d0201";
    static final String P256 = "2a8648ce3d030107";
    static final String P384 = "2b81040022";
    static final String SECP256K1 = "2b8104000a";
    static final String ED25519 = "2b6570";
    static final String ED448 = "2b6571";
    static final String X25519 = "2b656e";
    static final String MD5_DES = "2a864886f70d010503";
    static final String PKCS12_3DES = "2a864886f70d010c0103";
    static final String PKCS12_RC4 = "2a864886f70d010c0101";
    static final String PBES2 = "2a864886f70d01050d";
    static final String PBKDF2 = "2a864886f70d01050c";
    static final String SCRYPT = "2b06010401da47040b";
    static final String HMAC_SHA256 = "2a864886f70d0209";
    static final String AES256_CBC = "60864801650304012a";
    /** 1.2.3.4, which is nobody's. */
    static final String UNKNOWN = "2a0304";

    static final byte[] NULL = {5, 0};

    private Der() {}

    static byte[] sequence(byte[]... elements) {
        return element(0x30, concat(elements));
    }

    static byte[] integer(BigInteger number) {
        return element(2, number.toByteArray());
    }

    static byte[] integer(long number) {
        return integer(BigInteger.valueOf(number));
    }

    static byte[] octets(byte[] content) {
        return element(4, content);
    }

    /** A BIT STRING of whole bytes. */
    static byte[] bits(byte[] content) {
        return element(3, concat(new byte[1], content));
    }

    static byte[] oid(String hex) {
        return element(6, HexFormat.of().parseHex(hex));
    }

    /** EXPLICIT brackets. */
    static byte[] explicit(int number, byte[] content) {
        return element(0xa0 + number, content);
    }

    static byte[] element(int tag, byte[] content) {
        byte[] length = content.length < 0x80
                ? new byte[] {(byte) content.length}
                : concat(new byte[] {(byte) 0x84}, Bytes.uint32(content.length));
        return concat(new byte[] {(byte) tag}, minimal(length), content);
    }

    /** DER allows no zeros in front of a length. */
    private static byte[] minimal(byte[] length) {
        if (length.length == 1) {
            return length;
        }
        int from = 1;
        while (length[from] == 0) {
            from++;
        }
        byte[] shorter = new byte[length.length - from + 1];
        shorter[0] = (byte) (0x80 + length.length - from);
        System.arraycopy(length, from, shorter, 1, length.length - from);
        return shorter;
    }

    /** So many SEQUENCEs, one in the other. */
    static byte[] nested(int depth) {
        // From the inside out; the lengths are written by hand, for growing an array a hundred thousand times takes
        // minutes.
        byte[] out = new byte[depth * 5];
        int at = out.length;
        for (int i = 0; i < depth; i++) {
            int length = out.length - at;
            int bytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            for (int j = 0; j < Math.max(1, bytes); j++) {
                out[--at] = (byte) (length >> (8 * j));
            }
            if (bytes > 0) {
                out[--at] = (byte) (0x80 + bytes);
            }
            out[--at] = 0x30;
        }
        return Arrays.copyOfRange(out, at, out.length);
    }
}
