package io.keywright.benchmarks.peers;

import java.util.Locale;

/** One library's keys of one algorithm: what a benchmark asks of it. Not thread-safe. */
public abstract class KeyCrypto {
    /** The algorithms that are compared. */
    public enum Algorithm {
        /** Ed25519. */
        ED25519("Ed25519", 256),
        /** ECDSA on P-256 with SHA-256. */
        P256("EC", 256),
        /** ECDSA on P-384 with SHA-384. */
        P384("EC", 384),
        /** ECDSA on P-521 with SHA-512. */
        P521("EC", 521),
        /** RSA of 2048 bits with SHA-512. */
        RSA2048("RSA", 2048),
        /** RSA of 3072 bits with SHA-512. */
        RSA3072("RSA", 3072),
        /** RSA of 4096 bits with SHA-512. */
        RSA4096("RSA", 4096);

        private final String jcaName;
        private final int bits;

        Algorithm(String jcaName, int bits) {
            this.jcaName = jcaName;
            this.bits = bits;
        }

        String jcaName() {
            return jcaName;
        }

        int bits() {
            return bits;
        }

        boolean isRsa() {
            return "RSA".equals(jcaName);
        }
    }

    /**
     * Finds a library by the name that benchmarks use as a parameter.
     *
     * @param peer {@code keywright} (without native providers), {@code keywright-native} (with the fastest), {@code
     *     keywright-conscrypt}, {@code jdk}, {@code bc} (Bouncy
     *     Castle's provider), {@code bc-direct}, {@code i2p}, {@code accp}, {@code conscrypt}, {@code mina}, {@code jsch},
     *     {@code maverick}
     * @param algorithm the algorithm, by its name in {@link Algorithm}
     * @return the library with a fresh key
     * @throws IllegalArgumentException when there is no such library
     */
    public static KeyCrypto of(String peer, String algorithm) {
        Algorithm chosen = Algorithm.valueOf(algorithm.toUpperCase(Locale.ROOT));
        KeyCrypto crypto = switch (peer) {
            case "keywright" -> new KeywrightCrypto(chosen, "false");
            case "keywright-native" -> new KeywrightCrypto(chosen, "true");
            case "keywright-conscrypt" -> new KeywrightCrypto(chosen, "conscrypt");
            case "bc-direct" -> new BouncyCastleCrypto(chosen);
            case "mina" -> new MinaCrypto(chosen);
            case "jsch" -> new JschCrypto(chosen);
            case "maverick" -> new MaverickCrypto(chosen);
            default -> JcaCrypto.of(peer, chosen);
        };
        try {
            crypto.generate();
            byte[] message = {1};
            if (!crypto.verify(message, crypto.sign(message))) {
                throw new IllegalStateException(peer + " does not verify what it signs with " + algorithm);
            }
        } catch (Exception e) {
            throw new IllegalStateException(peer + " cannot do " + algorithm, e);
        }
        return crypto;
    }

    /**
     * Generates a key pair, with which this signs and verifies from now on, as far as the public half's encoding: some native
     * providers leave a part of the work to whoever asks for that, and nobody makes a key without publishing it.
     *
     * @return the pair
     * @throws Exception as the library does
     */
    public abstract Object generate() throws Exception;

    /**
     * Signs.
     *
     * @param message what to sign
     * @return the signature, in the library's own encoding
     * @throws Exception as the library does
     */
    public abstract byte[] sign(byte[] message) throws Exception;

    /**
     * Verifies.
     *
     * @param message what was signed
     * @param signature made by {@link #sign}
     * @return whether the signature is right
     * @throws Exception as the library does
     */
    public abstract boolean verify(byte[] message, byte[] signature) throws Exception;
}
