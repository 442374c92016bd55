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
    MISSING_FINAL_NEWLINE("the final newline is missing: OpenSSH refuses such a file"),
    /** More padding than needed, as PuTTY writes it; some readers refuse it. */
    OVER_PADDED("more padding than needed: some programs refuse it"),
    /** A byte order mark, indentation, text in front of the key or carriage returns, which other programs may refuse. */
    UNUSUAL_TEXT("a byte order mark, indentation, text in front, or carriage returns: some programs refuse it"),
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
