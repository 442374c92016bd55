package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.util.Objects;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/** An Ed25519 public key (RFC 8709, section 4): {@code string "ssh-ed25519", string key} of 32 bytes. */
public final class Ed25519PublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "ssh-ed25519";
    /** The length of the encoded point, in bytes. */
    public static final int KEY_BYTES = 32;

    private final byte[] point;
    /** Decoded when a signature is first verified: a seventh of a verification. Threads that race make equal ones. */
    private volatile Ed25519.@Nullable PublicPoint decoded;

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

    /** Takes over a point that was just computed from a seed, and so is one of the curve: finding that out takes a quarter as long again. */
    static Ed25519PublicKey computed(byte[] point) {
        return new Ed25519PublicKey(point, KeyComment.EMPTY);
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

    boolean verifies(byte[] message, byte[] signature) {
        Ed25519.PublicPoint known = decoded;
        if (known == null) {
            known = Ed25519.validatePublicKeyPartialExport(point, 0);
            decoded = known;
        }
        return signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, Objects.requireNonNull(known), message, 0, message.length);
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
