package io.keywright.format;

/** Lends Keywright's key derivations, which stand behind the formats and are not public, to the benchmarks. */
public final class KeyDerivations {
    private KeyDerivations() {}

    /**
     * Derives with bcrypt_pbkdf.
     *
     * @param passphrase not empty
     * @param salt not empty
     * @param rounds how many
     * @param bytes of the key
     * @return the key
     */
    public static byte[] bcrypt(byte[] passphrase, byte[] salt, int rounds, int bytes) {
        return BcryptPbkdf.derive(passphrase, salt, rounds, bytes);
    }

    /**
     * Derives with Argon2id in one lane.
     *
     * @param passphrase not empty
     * @param salt not empty
     * @param memoryKib memory in KiB
     * @param passes how many
     * @param bytes of the key
     * @return the key
     */
    public static byte[] argon2id(byte[] passphrase, byte[] salt, int memoryKib, int passes, int bytes) {
        return Argon2.derive(Argon2Kind.ARGON2ID, passphrase, salt, memoryKib, passes, 1, bytes);
    }

    /**
     * Derives with PBKDF2 and HMAC-SHA-256.
     *
     * @param passphrase not empty
     * @param salt not empty
     * @param iterations how many
     * @param bytes of the key
     * @return the key
     */
    public static byte[] pbkdf2(byte[] passphrase, byte[] salt, int iterations, int bytes) {
        return Pbkdf2.derive("HmacSHA256", passphrase, salt, iterations, bytes);
    }

    /**
     * Derives with scrypt, with blocks of 8 and no parallelism.
     *
     * @param passphrase not empty
     * @param salt not empty
     * @param cost a power of two
     * @param bytes of the key
     * @return the key
     */
    public static byte[] scrypt(byte[] passphrase, byte[] salt, int cost, int bytes) {
        return Scrypt.derive(passphrase, salt, cost, 8, 1, bytes);
    }
}
