package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;

/**
 * A DSA public key, {@code ssh-dss} (RFC 4253, section 6.6): {@code string "ssh-dss", mpint p, q, g, y}.
 *
 * <p>Legacy: read, listed, converted and removed, never generated, and never used to sign; OpenSSH dropped it in 10.0.
 */
public final class DsaPublicKey extends SshPublicKey {
    /** The algorithm's name. */
    public static final String ALGORITHM = "ssh-dss";

    private final BigInteger p;
    private final BigInteger q;
    private final BigInteger g;
    private final BigInteger y;

    private DsaPublicKey(BigInteger p, BigInteger q, BigInteger g, BigInteger y, KeyComment comment) {
        super(encode(p, q, g, y), comment);
        this.p = p;
        this.q = q;
        this.g = g;
        this.y = y;
    }

    /**
     * Makes a key of its numbers.
     *
     * @param p prime modulus, 512 to 16384 bits
     * @param q prime order of the group, 160 to 256 bits
     * @param g generator, between 1 and p
     * @param y public value, between 1 and p
     * @return the key, without a comment
     * @throws MalformedKeyException when a number makes no sense
     */
    public static DsaPublicKey of(BigInteger p, BigInteger q, BigInteger g, BigInteger y) {
        requireSane(p, q, g, y);
        return new DsaPublicKey(p, q, g, y, KeyComment.EMPTY);
    }

    static DsaPublicKey read(WireReader reader) {
        BigInteger p = reader.readMpint("DSA p");
        BigInteger q = reader.readMpint("DSA q");
        BigInteger g = reader.readMpint("DSA g");
        return of(p, q, g, reader.readMpint("DSA y"));
    }

    /**
     * Returns the prime modulus.
     *
     * @return p
     */
    public BigInteger p() {
        return p;
    }

    /**
     * Returns the order of the group.
     *
     * @return q
     */
    public BigInteger q() {
        return q;
    }

    /**
     * Returns the generator.
     *
     * @return g
     */
    public BigInteger g() {
        return g;
    }

    /**
     * Returns the public value.
     *
     * @return y
     */
    public BigInteger y() {
        return y;
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public int bits() {
        return p.bitLength();
    }

    @Override
    public String shortName() {
        return "DSA";
    }

    @Override
    DsaPublicKey copyWith(KeyComment newComment) {
        return new DsaPublicKey(p, q, g, y, newComment);
    }

    private static void requireSane(BigInteger p, BigInteger q, BigInteger g, BigInteger y) {
        if (p.signum() <= 0 || !p.testBit(0) || p.bitLength() < 512 || p.bitLength() > WireReader.MAX_NUMBER_BITS) {
            throw new MalformedKeyException(ALGORITHM, "p", "it must be odd and have 512 to 16384 bits");
        }
        if (q.signum() <= 0 || !q.testBit(0) || q.bitLength() < 160 || q.bitLength() > 256) {
            throw new MalformedKeyException(ALGORITHM, "q", "it must be odd and have 160 to 256 bits");
        }
        if (g.compareTo(BigInteger.ONE) <= 0 || g.compareTo(p) >= 0) {
            throw new MalformedKeyException(ALGORITHM, "g", "it must lie between 1 and p");
        }
        if (y.compareTo(BigInteger.ONE) <= 0 || y.compareTo(p) >= 0) {
            throw new MalformedKeyException(ALGORITHM, "y", "it must lie between 1 and p");
        }
    }

    private static byte[] encode(BigInteger p, BigInteger q, BigInteger g, BigInteger y) {
        try (WireWriter writer = new WireWriter()) {
            writer.writeString(ALGORITHM)
                    .writeMpint(p)
                    .writeMpint(q)
                    .writeMpint(g)
                    .writeMpint(y);
            return writer.toByteArray();
        }
    }
}
