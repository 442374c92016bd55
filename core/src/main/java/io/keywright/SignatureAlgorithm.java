package io.keywright;

import java.util.Arrays;
import java.util.Optional;

/** Signature algorithms of SSH that are made and verified here. SHA-1 with RSA and DSA are not among them. */
public enum SignatureAlgorithm {
    /** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8332). */
    RSA_SHA2_256("rsa-sha2-256", "SHA256withRSA"),
    /** RSASSA-PKCS1-v1_5 with SHA-512 (RFC 8332). */
    RSA_SHA2_512("rsa-sha2-512", "SHA512withRSA"),
    /** ECDSA on P-256 with SHA-256 (RFC 5656). */
    ECDSA_NISTP256("ecdsa-sha2-nistp256", "SHA256withECDSA"),
    /** ECDSA on P-384 with SHA-384 (RFC 5656). */
    ECDSA_NISTP384("ecdsa-sha2-nistp384", "SHA384withECDSA"),
    /** ECDSA on P-521 with SHA-512 (RFC 5656). */
    ECDSA_NISTP521("ecdsa-sha2-nistp521", "SHA512withECDSA"),
    /** Ed25519 (RFC 8709). */
    ED25519("ssh-ed25519", "Ed25519"),
    /** Ed448 (RFC 8709). */
    ED448("ssh-ed448", "Ed448");

    private final String sshName;
    private final String jcaName;

    SignatureAlgorithm(String sshName, String jcaName) {
        this.sshName = sshName;
        this.jcaName = jcaName;
    }

    /**
     * Returns the name in a signature blob.
     *
     * @return e.g. {@code "rsa-sha2-512"}
     */
    public String sshName() {
        return sshName;
    }

    /** Returns the name of the JCA signature. */
    String jcaName() {
        return jcaName;
    }

    /**
     * Finds an algorithm by its name in a signature blob.
     *
     * @param sshName e.g. {@code "ssh-ed25519"}
     * @return the algorithm, or empty when signatures of that name are not supported
     */
    public static Optional<SignatureAlgorithm> ofSshName(String sshName) {
        return Arrays.stream(values()).filter(a -> a.sshName.equals(sshName)).findFirst();
    }

    /**
     * Returns what a key signs with unless told otherwise: for RSA, SHA-512.
     *
     * @param key the public half
     * @return the algorithm
     * @throws UnsupportedKeyException when keys of this kind do not sign here
     */
    public static SignatureAlgorithm defaultFor(SshPublicKey key) {
        if (key instanceof RsaPublicKey) {
            return RSA_SHA2_512;
        }
        return ofSshName(key.algorithm())
                .orElseThrow(() -> new UnsupportedKeyException(
                        key.algorithm(), "keys of type " + key.algorithm() + " do not sign or verify here"));
    }

    boolean fits(SshPublicKey key) {
        return key instanceof RsaPublicKey
                ? this == RSA_SHA2_256 || this == RSA_SHA2_512
                : sshName.equals(key.algorithm());
    }
}
