package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 public key (RFC 8709, section 4): {@code string "ssh-ed25519", string key} of 32 bytes. */
public final class Ed25519PublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "ssh-ed25519";
    /** The length of the encoded point, in bytes. */
    public static final int KEY_BYTES = 32;

    private final byte[] point;

    private Ed25519PublicKey(byte[] point, KeyComment comment) {
        super(encode(point), comment);
        this.point = point;
    }

    /**
     * Makes a key of an encoded point.
     *
     * @param point {@value #KEY_BYTES} bytes (RFC 8032); copied
     * @return the key, without a comment
     * @throws MalformedKeyException when the length is wrong or the bytes encode no point of the curve
     */
    public static Ed25519PublicKey of(byte[] point) {
        if (point.length != KEY_BYTES) {
            throw new MalformedKeyException(ALGORITHM, "key", KEY_BYTES + " bytes expected, got " + point.length);
        }
        if (!Ed25519.validatePublicKeyPartial(point, 0)) {
            throw new MalformedKeyException(ALGORITHM, "key", "the bytes encode no point of the curve");
        }
        return new Ed25519PublicKey(point.clone(), KeyComment.EMPTY);
    }

    static Ed25519PublicKey read(WireReader reader) {
        return of(reader.readString("Ed25519 key"));
    }

    /**
     * Returns the encoded point.
     *
     * @return {@value #KEY_BYTES} bytes, a copy
     */
    public byte[] point() {
        return point.clone();
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public int bits() {
        return 256;
    }

    @Override
    public String shortName() {
        return "ED25519";
    }

    @Override
    Ed25519PublicKey copyWith(KeyComment newComment) {
        return new Ed25519PublicKey(point, newComment);
    }

    private static byte[] encode(byte[] point) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(ALGORITHM).writeString(point).toByteArray();
        }
    }
}
