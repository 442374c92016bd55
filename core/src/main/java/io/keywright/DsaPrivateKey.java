package io.keywright;

import java.math.BigInteger;
import java.util.Objects;

/** The private number of a DSA key. Legacy: it is read, converted and wiped, and does not sign. */
public final class DsaPrivateKey extends SshPrivateKey {
    private final SecretBytes x;

    private DsaPrivateKey(SecretBytes x) {
        this.x = Objects.requireNonNull(x, "x");
    }

    /**
     * Makes a private half of its number and takes it over.
     *
     * @param x unsigned big-endian, between 0 and q
     * @return the private half
     */
    public static DsaPrivateKey takeOver(SecretBytes x) {
        return new DsaPrivateKey(x);
    }

    /**
     * Lends the private number.
     *
     * @return x
     */
    public SecretBytes x() {
        return x;
    }

    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof DsaPublicKey dsa)) {
            throw mismatch("key type");
        }
        BigInteger secret = RsaPrivateKey.number(x);
        if (secret.signum() <= 0
                || secret.compareTo(dsa.q()) >= 0
                || !dsa.g().modPow(secret, dsa.p()).equals(dsa.y())) {
            throw mismatch("DSA x and y");
        }
    }

    @Override
    DsaPrivateKey copy() {
        return new DsaPrivateKey(x.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        throw new UnsupportedKeyException(
                DsaPublicKey.ALGORITHM, "DSA keys do not sign any more: generate another key");
    }

    @Override
    void wipe() {
        x.close();
    }
}
