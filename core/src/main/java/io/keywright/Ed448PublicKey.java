package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import org.bouncycastle.math.ec.rfc8032.Ed448;

/** An Ed448 public key (RFC 8709, section 4): {@code string "ssh-ed448", string key} of 57 bytes. */
public final class Ed448PublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "ssh-ed448";
    /** The length of the encoded point, in bytes. */
    public static final int KEY_BYTES = 57;

    private final byte[] point;

    private Ed448PublicKey(byte[] point, KeyComment comment) {
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
    public static Ed448PublicKey of(byte[] point) {
        if (point.length != KEY_BYTES) {
            throw new MalformedKeyException(ALGORITHM, "key", KEY_BYTES + " bytes expected, got " + point.length);
        }
        if (!Ed448.validatePublicKeyPartial(point, 0)) {
            throw new MalformedKeyException(ALGORITHM, "key", "the bytes encode no point of the curve");
        }
        return new Ed448PublicKey(point.clone(), KeyComment.EMPTY);
    }

    static Ed448PublicKey read(WireReader reader) {
        return of(reader.readString("Ed448 key"));
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
        return 448;
    }

    @Override
    public String shortName() {
        return "ED448";
    }

    @Override
    Ed448PublicKey copyWith(KeyComment newComment) {
        return new Ed448PublicKey(point, newComment);
    }

    private static byte[] encode(byte[] point) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(ALGORITHM).writeString(point).toByteArray();
        }
    }
}
