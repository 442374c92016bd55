package io.keywright.format;

/** The key file formats that are told apart. More will come: a switch over them needs a default. */
public enum KeyFormat {
    /** OpenSSH's own private key format, {@code openssh-key-v1} (OpenSSH's PROTOCOL.key). */
    OPENSSH("openssh-key-v1", true),
    /** The traditional PEM of OpenSSL: PKCS#1 RSA, SEC 1 EC, DSA; maybe with {@code DEK-Info} encryption (RFC 1421). */
    PEM("PEM", true),
    /** PKCS#8 in PEM, plain or encrypted (RFC 5958). */
    PKCS8("PKCS#8", true),
    /** PuTTY's private key file, versions 1 to 3; version 1 is never written. */
    PPK("PPK", true),
    /** The private key file of ssh.com, {@code SSH2 ENCRYPTED PRIVATE KEY}. */
    SSHCOM("ssh.com", true),
    /** JSON Web Key (RFC 7517, 7518, 8037), private or public: what a text holds tells {@link KeyInspection}. */
    JWK("JWK", true),
    /** OpenSSH's public key line (sshd(8), AUTHORIZED_KEYS FILE FORMAT), without options. */
    PUBLIC_LINE("public key line", false),
    /** The public key file of RFC 4716, {@code SSH2 PUBLIC KEY}. */
    PUBLIC_RFC4716("RFC 4716 public key", false),
    /** A public key in PEM: {@code PUBLIC KEY} (RFC 5280) or {@code RSA PUBLIC KEY} (RFC 8017). */
    PUBLIC_PEM("PEM public key", false);

    private final String displayName;
    private final boolean holdsPrivateKeys;

    KeyFormat(String displayName, boolean holdsPrivateKeys) {
        this.displayName = displayName;
        this.holdsPrivateKeys = holdsPrivateKeys;
    }

    /**
     * Returns the name that people know the format by; exceptions use the same.
     *
     * @return e.g. {@code "openssh-key-v1"}
     */
    public String displayName() {
        return displayName;
    }

    /**
     * Tells whether the format can hold a private key.
     *
     * @return false for formats of public keys only
     */
    public boolean holdsPrivateKeys() {
        return holdsPrivateKeys;
    }
}
