package io.keywright;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** The private seed of an Ed25519 key (RFC 8032). */
public final class Ed25519PrivateKey extends SshPrivateKey {
    /** The length of a seed, in bytes. */
    public static final int SEED_BYTES = 32;

    private final SecretBytes seed;

    private Ed25519PrivateKey(SecretBytes seed) {
        if (seed.length() != SEED_BYTES) {
            seed.close();
            throw new MalformedKeyException(
                    Ed25519PublicKey.ALGORITHM, "seed", SEED_BYTES + " bytes expected, got " + seed.length());
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
    public static Ed25519PrivateKey takeOver(SecretBytes seed) {
        return new Ed25519PrivateKey(seed);
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
    public Ed25519PublicKey derivePublicKey() {
        byte[] point = new byte[Ed25519PublicKey.KEY_BYTES];
        seed.use(bytes -> {
            Ed25519.generatePublicKey(bytes, 0, point, 0);
            return point;
        });
        return Ed25519PublicKey.computed(point);
    }

    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof Ed25519PublicKey)) {
            throw mismatch("key type");
        }
        if (!derivePublicKey().equals(publicKey)) {
            throw mismatch("Ed25519 seed and point");
        }
    }

    @Override
    Ed25519PrivateKey copy() {
        return new Ed25519PrivateKey(seed.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        // The public half is passed along so that it is not computed again; it was checked against the seed.
        byte[] point = ((Ed25519PublicKey) publicKey).point();
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        seed.use(bytes -> {
            Ed25519.sign(bytes, 0, point, 0, message, 0, message.length, signature, 0);
            return signature;
        });
        return signature;
    }

    @Override
    void wipe() {
        seed.close();
    }
}
