package io.keywright.format;

import java.util.Arrays;
import java.util.Optional;

/** The ciphers that encrypt an openssh-key-v1 file, as {@code ssh-keygen -Z} names them. */
public enum OpensshCipher {
    /** Triple DES in CBC mode; outdated. */
    TRIPLE_DES_CBC("3des-cbc", Mode.CBC, 24, 8, 8),
    /** AES-128 in CBC mode. */
    AES128_CBC("aes128-cbc", Mode.CBC, 16, 16, 16),
    /** AES-192 in CBC mode. */
    AES192_CBC("aes192-cbc", Mode.CBC, 24, 16, 16),
    /** AES-256 in CBC mode, the default of OpenSSH up to 7.9. */
    AES256_CBC("aes256-cbc", Mode.CBC, 32, 16, 16),
    /** AES-128 in counter mode. */
    AES128_CTR("aes128-ctr", Mode.CTR, 16, 16, 16),
    /** AES-192 in counter mode. */
    AES192_CTR("aes192-ctr", Mode.CTR, 24, 16, 16),
    /** AES-256 in counter mode: the default, which every reader of the format knows. */
    AES256_CTR("aes256-ctr", Mode.CTR, 32, 16, 16),
    /** AES-128 in Galois/counter mode: authenticated. */
    AES128_GCM("aes128-gcm@openssh.com", Mode.GCM, 16, 12, 16),
    /** AES-256 in Galois/counter mode: authenticated. */
    AES256_GCM("aes256-gcm@openssh.com", Mode.GCM, 32, 12, 16),
    /** ChaCha20 and Poly1305 (OpenSSH's PROTOCOL.chacha20poly1305): authenticated. */
    CHACHA20_POLY1305("chacha20-poly1305@openssh.com", Mode.CHACHA20_POLY1305, 64, 0, 8);

    enum Mode {
        CBC,
        CTR,
        GCM,
        CHACHA20_POLY1305
    }

    private final String sshName;
    final Mode mode;
    final int keyBytes;
    final int ivBytes;
    /** The private section is padded to a multiple of this. */
    final int blockBytes;

    OpensshCipher(String sshName, Mode mode, int keyBytes, int ivBytes, int blockBytes) {
        this.sshName = sshName;
        this.mode = mode;
        this.keyBytes = keyBytes;
        this.ivBytes = ivBytes;
        this.blockBytes = blockBytes;
    }

    /**
     * Returns the cipher's name in SSH.
     *
     * @return e.g. {@code "aes256-ctr"}
     */
    public String sshName() {
        return sshName;
    }

    /**
     * Finds a cipher by its name in SSH.
     *
     * @param sshName e.g. {@code "aes256-ctr"}
     * @return the cipher, or empty
     */
    public static Optional<OpensshCipher> ofSshName(String sshName) {
        return Arrays.stream(values()).filter(c -> c.sshName.equals(sshName)).findFirst();
    }

    /** Tells whether a tag follows the ciphertext. */
    boolean isAuthenticated() {
        return mode == Mode.GCM || mode == Mode.CHACHA20_POLY1305;
    }
}
