package io.keywright;

import java.util.Objects;

/**
 * The private half of a FIDO/U2F-backed key, as OpenSSH keeps it (PROTOCOL.u2f): flags, key handle and reserved bytes. The
 * secret itself never leaves the token, so this cannot sign and cannot be checked against its public half.
 */
public final class SkPrivateKey extends SshPrivateKey {
    private final int flags;
    private final SecretBytes keyHandle;
    private final SecretBytes reserved;

    private SkPrivateKey(int flags, SecretBytes keyHandle, SecretBytes reserved) {
        this.flags = flags;
        this.keyHandle = Objects.requireNonNull(keyHandle, "keyHandle");
        this.reserved = Objects.requireNonNull(reserved, "reserved");
    }

    /**
     * Makes a private half of its parts and takes them over.
     *
     * @param flags one byte, 0..255
     * @param keyHandle what the token needs to find its secret
     * @param reserved usually empty
     * @return the private half
     * @throws IllegalArgumentException when the flags are not within 0..255
     */
    public static SkPrivateKey takeOver(int flags, SecretBytes keyHandle, SecretBytes reserved) {
        if (flags < 0 || flags > 0xff) {
            throw new IllegalArgumentException("flags are one byte, 0..255, got " + flags);
        }
        return new SkPrivateKey(flags, keyHandle, reserved);
    }

    /**
     * Returns the flags.
     *
     * @return 0..255
     */
    public int flags() {
        return flags;
    }

    /**
     * Lends the key handle.
     *
     * @return the handle
     */
    public SecretBytes keyHandle() {
        return keyHandle;
    }

    /**
     * Lends the reserved bytes.
     *
     * @return the bytes
     */
    public SecretBytes reserved() {
        return reserved;
    }

    @Override
    void requireMatches(SshPublicKey publicKey) {
        if (!(publicKey instanceof SkEcdsaPublicKey) && !(publicKey instanceof SkEd25519PublicKey)) {
            throw mismatch("key type");
        }
    }

    @Override
    SkPrivateKey copy() {
        return new SkPrivateKey(flags, keyHandle.copy(), reserved.copy());
    }

    @Override
    byte[] signWithoutProvider(SignatureAlgorithm algorithm, SshPublicKey publicKey, byte[] message) {
        throw new UnsupportedKeyException(
                publicKey.algorithm(), "only the security token itself can sign with this key: use an agent");
    }

    @Override
    void wipe() {
        keyHandle.close();
        reserved.close();
    }
}
