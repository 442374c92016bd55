package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.nio.charset.StandardCharsets;

/**
 * A FIDO/U2F-backed ECDSA key on P-256 (OpenSSH's PROTOCOL.u2f): {@code string algorithm, string "nistp256", string Q,
 * string application}. Read, listed and installed; signing needs the token.
 */
public final class SkEcdsaPublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "sk-ecdsa-sha2-nistp256@openssh.com";

    private final byte[] point;
    private final byte[] application;

    private SkEcdsaPublicKey(byte[] point, byte[] application, KeyComment comment) {
        super(encode(point, application), comment);
        this.point = point;
        this.application = application;
    }

    /**
     * Makes a key of its parts, which are copied.
     *
     * @param point {@code 04 || x || y} on P-256
     * @param application the application, usually {@code "ssh:"}, as bytes
     * @return the key, without a comment
     * @throws MalformedKeyException when the point is not an uncompressed point of the curve
     */
    public static SkEcdsaPublicKey of(byte[] point, byte[] application) {
        EcPoints.requireOnCurve(EcdsaCurve.NISTP256, point, ALGORITHM);
        return new SkEcdsaPublicKey(point.clone(), application.clone(), KeyComment.EMPTY);
    }

    static SkEcdsaPublicKey read(WireReader reader) {
        if (!reader.readName("curve").equals("nistp256")) {
            throw reader.malformed("curve", "it must be nistp256 for " + ALGORITHM);
        }
        byte[] point = reader.readString("point");
        return of(point, reader.readString("application"));
    }

    /**
     * Returns the public point.
     *
     * @return {@code 04 || x || y}, a copy
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
        return "ECDSA-SK";
    }

    @Override
    SkEcdsaPublicKey copyWith(KeyComment newComment) {
        return new SkEcdsaPublicKey(point, application, newComment);
    }

    private static byte[] encode(byte[] point, byte[] application) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(ALGORITHM)
                    .writeString("nistp256")
                    .writeString(point)
                    .writeString(application)
                    .toByteArray();
        }
    }
}
