package io.keywright;

import io.keywright.internal.WireReader;
import io.keywright.internal.WireWriter;
import java.math.BigInteger;

/** An RSA public key, {@code ssh-rsa} (RFC 4253, section 6.6): {@code string "ssh-rsa", mpint e, mpint n}. */
public final class RsaPublicKey extends SshPublicKey {
    /** The algorithm's name in a blob; signatures use {@code rsa-sha2-256} or {@code rsa-sha2-512} (RFC 8332). */
    public static final String ALGORITHM = "ssh-rsa";
    /** The smallest modulus that is read, in bits: OpenSSH's own bound. Whatever is below 2048 is weak. */
    public static final int MIN_BITS = 1024;
    /** The largest modulus that is read, in bits: OpenSSH's own bound. */
    public static final int MAX_BITS = WireReader.MAX_NUMBER_BITS;

    private final BigInteger exponent;
    private final BigInteger modulus;

    private RsaPublicKey(BigInteger exponent, BigInteger modulus, KeyComment comment) {
        super(encode(exponent, modulus), comment);
        this.exponent = exponent;
        this.modulus = modulus;
    }

    /**
     * Makes a key of its numbers.
     *
     * @param exponent e: odd, 3 to 2^32 - 1
     * @param modulus n: odd, {@value #MIN_BITS} to {@value #MAX_BITS} bits
     * @return the key, without a comment
     * @throws MalformedKeyException when a number makes no sense
     * @throws LimitExceededException when the modulus is too short or too long
     */
    public static RsaPublicKey of(BigInteger exponent, BigInteger modulus) {
        requireSane(exponent, modulus);
        return new RsaPublicKey(exponent, modulus, KeyComment.EMPTY);
    }

    static RsaPublicKey read(WireReader reader) {
        BigInteger exponent = reader.readMpint("RSA exponent");
        return of(exponent, reader.readMpint("RSA modulus"));
    }

    /**
     * Returns the public exponent.
     *
     * @return e
     */
    public BigInteger exponent() {
        return exponent;
    }

    /**
     * Returns the modulus.
     *
     * @return n
     */
    public BigInteger modulus() {
        return modulus;
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public int bits() {
        return modulus.bitLength();
    }

    @Override
    public String shortName() {
        return "RSA";
    }

    @Override
    RsaPublicKey copyWith(KeyComment newComment) {
        return new RsaPublicKey(exponent, modulus, newComment);
    }

    private static void requireSane(BigInteger exponent, BigInteger modulus) {
        if (modulus.signum() <= 0 || !modulus.testBit(0)) {
            throw new MalformedKeyException(ALGORITHM, "modulus", "it must be positive and odd");
        }
        if (modulus.bitLength() < MIN_BITS) {
            throw LimitExceededException.tooSmall(
                    "RSA modulus size in bits", modulus.bitLength(), MIN_BITS, "this limit is fixed");
        }
        if (modulus.bitLength() > MAX_BITS) {
            throw new LimitExceededException(
                    "RSA modulus size in bits", modulus.bitLength(), MAX_BITS, "this limit is fixed");
        }
        if (!exponent.testBit(0) || exponent.compareTo(BigInteger.valueOf(3)) < 0 || exponent.bitLength() > 32) {
            throw new MalformedKeyException(ALGORITHM, "exponent", "it must be odd and between 3 and 2^32 - 1");
        }
    }

    private static byte[] encode(BigInteger exponent, BigInteger modulus) {
        try (WireWriter writer = new WireWriter()) {
            return writer.writeString(ALGORITHM)
                    .writeMpint(exponent)
                    .writeMpint(modulus)
                    .toByteArray();
        }
    }
}
