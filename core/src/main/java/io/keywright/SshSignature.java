package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A signature in SSH's encoding: {@code string algorithm, string signature} (RFC 4253, section 6.6; RFC 5656, section 3.1.2;
 * RFC 8332, section 3; RFC 8709, section 6). Immutable.
 */
public final class SshSignature {
    private final SignatureAlgorithm algorithm;
    private final byte[] value;

    SshSignature(SignatureAlgorithm algorithm, byte[] value) {
        this.algorithm = algorithm;
        this.value = value;
    }

    /**
     * Decodes a signature.
     *
     * @param encoded {@code string algorithm, string signature}
     * @return the signature
     * @throws MalformedKeyException when it is broken
     * @throws UnsupportedKeyException when its algorithm is not supported
     */
    public static SshSignature decode(byte[] encoded) {
        WireReader reader = new WireReader("signature", encoded);
        String name = reader.readName("algorithm");
        byte[] value = reader.readString("value");
        reader.requireEnd("end of the signature");
        SignatureAlgorithm algorithm = SignatureAlgorithm.ofSshName(name)
                .orElseThrow(
                        () -> new UnsupportedKeyException(name, "signatures of type " + name + " are not supported"));
        return new SshSignature(algorithm, value);
    }

    /**
     * Encodes the signature.
     *
     * @return {@code string algorithm, string signature}
     */
    public byte[] encode() {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(algorithm.sshName()).writeString(value).toByteArray();
        }
    }

    /**
     * Returns the algorithm.
     *
     * @return the algorithm
     */
    public SignatureAlgorithm algorithm() {
        return algorithm;
    }

    /**
     * Returns the inner value: for RSA the number, for ECDSA {@code mpint r, mpint s}, for EdDSA the 64 or 114 bytes.
     *
     * @return a copy
     */
    public byte[] value() {
        return value.clone();
    }

    byte[] valueInPlace() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SshSignature that && algorithm == that.algorithm && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "SshSignature[" + algorithm.sshName() + ", " + value.length + " bytes]";
    }
}
