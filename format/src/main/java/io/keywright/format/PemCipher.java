package io.keywright.format;

/**
 * The ciphers that PEM files are encrypted with when they are written; more are read. Every program that reads encrypted PEM
 * knows all of them.
 */
public enum PemCipher {
    /** AES-128 in CBC mode: what {@code ssh-keygen -m PEM} writes. */
    AES128_CBC(CbcCipher.AES128),
    /** AES-192 in CBC mode. */
    AES192_CBC(CbcCipher.AES192),
    /** AES-256 in CBC mode: the default. */
    AES256_CBC(CbcCipher.AES256);

    final CbcCipher cipher;

    PemCipher(CbcCipher cipher) {
        this.cipher = cipher;
    }

    /**
     * Returns the cipher's name in {@code DEK-Info}, which is OpenSSL's.
     *
     * @return e.g. {@code "AES-256-CBC"}
     */
    public String pemName() {
        return cipher.pemName;
    }
}
