package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;

/**
 * A FIDO/U2F-backed Ed25519 key (OpenSSH's PROTOCOL.u2f): {@code string algorithm, string key, string application}. Read,
 * listed and installed; signing needs the token.
 */
public final class SkEd25519PublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "sk-ssh-ed25519@openssh.com";

    private final byte[] point;
    private final byte[] application;

    private SkEd25519PublicKey(byte[] point, byte[] application, KeyComment comment) {
        super(encode(point, application), comment);
        this.point = point;
        this.application = application;
    }

    /**
     * Makes a key of its parts, which are copied.
     *
     * @param point 32 bytes (RFC 8032)
     * @param application the application, usually {@code "ssh:"}, as bytes
     * @return the key, without a comment
     * @throws MalformedKeyException when the bytes encode no point of the curve
     */
    public static SkEd25519PublicKey of(byte[] point, byte[] application) {
        byte[] checked = Ed25519PublicKey.of(point).point();
        return new SkEd25519PublicKey(checked, application.clone(), KeyComment.EMPTY);
    }

    static SkEd25519PublicKey read(WireReader reader) {
        byte[] point = reader.readString("Ed25519 key");
        return of(point, reader.readString("application"));
    }

    /**
     * Returns the encoded point.
     *
     * @return 32 bytes, a copy
     */
    public byte[] point() {
        return point.clone();
    }

    /**
     * Returns the application.
     *
     * @return usually {@code "ssh:"}
     */
    public String application() {
        return new String(application, StandardCharsets.UTF_8);
    }

    /**
     * Returns the application's bytes.
     *
     * @return a copy
     */
    public byte[] applicationBytes() {
        return application.clone();
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
        return "ED25519-SK";
    }

    @Override
    SkEd25519PublicKey copyWith(KeyComment newComment) {
        return new SkEd25519PublicKey(point, application, newComment);
    }

    private static byte[] encode(byte[] point, byte[] application) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(ALGORITHM)
                    .writeString(point)
                    .writeString(application)
                    .toByteArray();
        }
    }
}
