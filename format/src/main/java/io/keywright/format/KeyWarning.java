package io.keywright.format;

/** What is legal in a key file and still worth telling its owner. */
public enum KeyWarning {
    /** RSA with less than 2048 bits. */
    WEAK_RSA("RSA with less than 2048 bits is weak: make a new key"),
    /** DSA, which OpenSSH no longer accepts. */
    LEGACY_DSA("DSA is no longer accepted by OpenSSH: make a new key"),
    /** Encrypted with DES, triple DES, or another outdated cipher. */
    OUTDATED_CIPHER("the cipher is outdated: write the key anew"),
    /** A KDF whose cost is below today's defaults, so that a stolen file is cheap to try passphrases on. */
    CHEAP_KDF("the key derivation is cheaper than today's defaults: write the key anew"),
    /** A KDF whose cost is above the reader's limits: reading will be refused unless they are raised. */
    KDF_ABOVE_LIMIT("the key derivation costs more than the limits allow: reading needs ReadLimits raised"),
    /** No line end after the last line; OpenSSH refuses its own format without one. */
    MISSING_FINAL_NEWLINE("the final newline is missing: some programs refuse such a file, OpenSSH for one"),
    /** More padding than needed, as PuTTY writes it; some readers refuse it. */
    OVER_PADDED("more padding than needed: some programs refuse it"),
    /** A byte order mark, indentation, text in front of the key or carriage returns, which other programs may refuse. */
    UNUSUAL_TEXT("a byte order mark, indentation, text in front, or carriage returns: some programs refuse it"),
    /**
     * A P-521 key that PuTTY holds. PuTTY 0.68 to 0.80 signed with it so that some 60 signatures give the private key away
     * (CVE-2024-31497), wherever it was made. A file does not tell which version of PuTTY wrote it, nor which used it: this
     * is said of every PPK file with such a key, and of an openssh-key-v1 file that is padded as PuTTY alone pads it.
     */
    PUTTY_P521("PuTTY before 0.81 gave P-521 keys away by signing with them (CVE-2024-31497):"
            + " make a new key unless no such version ever used this one"),
    /** Options stand in front of a public key: it is a line of {@code authorized_keys}. */
    OPTIONS_IN_FRONT("options stand in front of the key: only authorized_keys knows what they mean"),
    /** The private key's file can be read by its group or by everyone; OpenSSH refuses such a file. */
    FILE_READABLE_BY_OTHERS("the file can be read by others: OpenSSH refuses it, and the key may be known");

    private final String description;

    KeyWarning(String description) {
        this.description = description;
    }

    /**
     * Returns the warning for people.
     *
     * @return a sentence, and what to do
     */
    public String description() {
        return description;
    }
}
