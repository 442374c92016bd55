package io.keywright.format;

import io.keywright.UnsupportedKeyException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * bcrypt_pbkdf, the key derivation of openssh-key-v1 (OpenBSD's bcrypt_pbkdf(3)).
 *
 * <p>PBKDF2's frame around a bcrypt with 64-byte inputs: for each block of 32 output bytes,
 *
 * <pre>
 *   U1 = H(SHA512(passphrase), SHA512(salt || uint32 block)),  Ui = H(SHA512(passphrase), SHA512(Ui-1))
 *   block = U1 xor U2 xor ... xor Un
 *   H(p, s): Blowfish keyed by salt and password, then 64 times each by s and by p; encrypts
 *            "OxychromaticBlowfishSwatDynamite" 64 times; words leave little-endian
 * </pre>
 *
 * <p>With n blocks, byte i of block b becomes byte {@code i * n + b} of the output: the blocks are interleaved, so a short
 * output is no prefix of a longer one.
 *
 * <p>A key with its IV takes two blocks. They are independent, and each is one long chain of dependent table look-ups that
 * leaves the processor idle most of the time, so both run in step in one thread.
 */
final class BcryptPbkdf {
    /** The longest output: two blocks, as many as any cipher of the format needs. */
    static final int MAX_OUTPUT_BYTES = 64;

    private static final int BLOCK_BYTES = 32;
    private static final int STRETCHES = 64;
    private static final byte[] MAGIC = "OxychromaticBlowfishSwatDynamite".getBytes(StandardCharsets.US_ASCII);

    private BcryptPbkdf() {}

    /**
     * Derives a key.
     *
     * @param passphrase not empty
     * @param salt not empty
     * @param rounds at least 1
     * @param outputBytes 1 to {@value #MAX_OUTPUT_BYTES}
     * @return the key, which the caller wipes
     * @throws KeyDerivationInterruptedException when the thread is interrupted; looked at once a round
     */
    static byte[] derive(byte[] passphrase, byte[] salt, long rounds, int outputBytes) {
        if (passphrase.length == 0
                || salt.length == 0
                || rounds < 1
                || outputBytes < 1
                || outputBytes > MAX_OUTPUT_BYTES) {
            throw new IllegalArgumentException("passphrase, salt, rounds and output must not be empty");
        }
        int blocks = (outputBytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
        Lane[] lanes = new Lane[blocks];
        MessageDigest sha512 = sha512();
        int[] password = words(sha512.digest(passphrase));
        try {
            for (int i = 0; i < blocks; i++) {
                lanes[i] = new Lane(sha512, salt, i + 1);
            }
            for (long round = 0; round < rounds; round++) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new KeyDerivationInterruptedException("bcrypt");
                }
                if (blocks == 2) {
                    hashPair(password, lanes[0], lanes[1]);
                } else {
                    hash(password, lanes[0]);
                }
                for (Lane lane : lanes) {
                    lane.accumulate(sha512);
                }
            }
            return interleave(lanes, outputBytes);
        } finally {
            Arrays.fill(password, 0);
            for (Lane lane : lanes) {
                if (lane != null) {
                    lane.wipe();
                }
            }
        }
    }

    private static byte[] interleave(Lane[] lanes, int outputBytes) {
        byte[] output = new byte[outputBytes];
        int perLane = (outputBytes + lanes.length - 1) / lanes.length;
        for (int b = 0; b < lanes.length; b++) {
            for (int i = 0; i < perLane; i++) {
                int at = i * lanes.length + b;
                if (at < outputBytes) {
                    output[at] = lanes[b].sum[i];
                }
            }
        }
        return output;
    }

    /** What one block needs: Blowfish's state, the salt of the current round, and the sum so far. */
    private static final class Lane {
        final int[] state = new int[Blowfish.STATE_WORDS];
        final int[] text = new int[BLOCK_BYTES / 4];
        final byte[] output = new byte[BLOCK_BYTES];
        final byte[] sum = new byte[BLOCK_BYTES];
        int[] salt;

        Lane(MessageDigest sha512, byte[] fileSalt, int block) {
            sha512.update(fileSalt);
            sha512.update(new byte[] {0, 0, 0, (byte) block});
            salt = words(sha512.digest());
        }

        void start() {
            BlowfishPi.copyTo(state);
            for (int i = 0; i < text.length; i++) {
                text[i] = (MAGIC[4 * i] & 0xff) << 24
                        | (MAGIC[4 * i + 1] & 0xff) << 16
                        | (MAGIC[4 * i + 2] & 0xff) << 8
                        | (MAGIC[4 * i + 3] & 0xff);
            }
        }

        void accumulate(MessageDigest sha512) {
            for (int i = 0; i < output.length; i++) {
                output[i] = (byte) (text[i / 4] >>> (8 * (i % 4)));
                sum[i] ^= output[i];
            }
            Arrays.fill(salt, 0);
            salt = words(sha512.digest(output));
        }

        void wipe() {
            Arrays.fill(state, 0);
            Arrays.fill(text, 0);
            Arrays.fill(output, (byte) 0);
            Arrays.fill(sum, (byte) 0);
            Arrays.fill(salt, 0);
        }
    }

    private static void hash(int[] password, Lane lane) {
        lane.start();
        Blowfish.expand(lane.state, password, lane.salt);
        for (int i = 0; i < STRETCHES; i++) {
            Blowfish.expand(lane.state, lane.salt);
            Blowfish.expand(lane.state, password);
        }
        for (int i = 0; i < STRETCHES; i++) {
            Blowfish.encrypt(lane.state, lane.text);
        }
    }

    private static void hashPair(int[] password, Lane a, Lane b) {
        a.start();
        b.start();
        Blowfish.expand(a.state, password, a.salt);
        Blowfish.expand(b.state, password, b.salt);
        for (int i = 0; i < STRETCHES; i++) {
            Blowfish.expandPair(a.state, a.salt, b.state, b.salt);
            Blowfish.expandPair(a.state, password, b.state, password);
        }
        for (int i = 0; i < STRETCHES; i++) {
            Blowfish.encrypt(a.state, a.text);
            Blowfish.encrypt(b.state, b.text);
        }
    }

    /** Splits into big-endian words and wipes the bytes. */
    private static int[] words(byte[] digest) {
        int[] words = new int[digest.length / 4];
        for (int i = 0; i < words.length; i++) {
            words[i] = (digest[4 * i] & 0xff) << 24
                    | (digest[4 * i + 1] & 0xff) << 16
                    | (digest[4 * i + 2] & 0xff) << 8
                    | (digest[4 * i + 3] & 0xff);
        }
        Arrays.fill(digest, (byte) 0);
        return words;
    }

    private static MessageDigest sha512() {
        try {
            return MessageDigest.getInstance("SHA-512");
        } catch (NoSuchAlgorithmException e) {
            throw new UnsupportedKeyException("SHA-512", "this Java runtime offers no SHA-512");
        }
    }
}
