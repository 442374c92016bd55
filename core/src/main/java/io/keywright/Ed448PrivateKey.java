package io.keywright;

import org.bouncycastle.math.ec.rfc8032.Ed448;

/** The private seed of an Ed448 key (RFC 8032). */
public final class Ed448PrivateKey extends SshPrivateKey {
    /** The length of a seed, in bytes. */
    public static final int SEED_BYTES = 57;

    private final SecretBytes seed;

    private Ed448PrivateKey(SecretBytes seed) {
        if (seed.length() != SEED_BYTES) {
            seed.close();
            throw new MalformedKeyException(
                    Ed448PublicKey.ALGORITHM, "seed", SEED_BYTES + " bytes expected, got " + seed.length());
        }
        this.seed = seed;
    }

    /**
     * Makes a private half of its seed and takes it over.
     *
     * @param seed {@value #SEED_BYTES} bytes
     * @return the private half
     * @throws MalformedKeyException when the length is wrong; the seed is wiped then
     */
    public static Ed448PrivateKey takeOver(SecretBytes seed) {
        return new Ed448PrivateKey(seed);
    }

    /**
     * Lends the seed.
     *
     * @return {@value #SEED_BYTES} bytes
     */
    public SecretBytes seed() {
        return seed;
    }

    /**
     * Computes the public half, for formats that leave it out.
     *
     * @return the public key, without a comment
     */
    public Ed448PublicKey derivePublicKey() {
        byte[] point = new byte[Ed448PublicKey.KEY_BYTES];
        seed.use(bytes -> {
            Ed448.generatePublicKey(bytes, 0, point, 0);
            return point;
        });
        return Ed448PublicKey.of(point);
    }

    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof Ed448PublicKey)) {
            throw mismatch("key type");
        }
        if (!derivePublicKey().equals(publicKey)) {
            throw mismatch("Ed448 seed and point");
        }
    }

    @Override
    Ed448PrivateKey copy() {
        return new Ed448PrivateKey(seed.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        // The public half is passed along so that it is not computed again; it was checked against the seed.
        byte[] point = ((Ed448PublicKey) publicKey).point();
        byte[] signature = new byte[Ed448.SIGNATURE_SIZE];
        seed.use(bytes -> {
            Ed448.sign(bytes, 0, point, 0, new byte[0], message, 0, message.length, signature, 0);
            return signature;
        });
        return signature;
    }

    @Override
    void wipe() {
        seed.close();
    }
}
