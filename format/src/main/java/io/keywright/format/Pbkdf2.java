package io.keywright.format;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * PBKDF2 (RFC 8018, section 5.2), which stops when its thread is interrupted: the JDK's does not, and takes characters
 * where a passphrase is bytes.
 */
final class Pbkdf2 {
    /** How many iterations pass between two looks at the interruption: less than a millisecond. */
    private static final int LOOK_EVERY = 1024;

    private Pbkdf2() {}

    /**
     * Derives a key.
     *
     * @param macName the JDK's name of the HMAC, e.g. {@code HmacSHA256}
     * @param passphrase not empty
     * @return the key, which the caller wipes
     * @throws KeyDerivationInterruptedException when the thread is interrupted
     */
    static byte[] derive(String macName, byte[] passphrase, byte[] salt, long iterations, int outputBytes) {
        Mac mac = keyed(macName, passphrase);
        byte[] output = new byte[outputBytes];
        for (int done = 0, block = 1; done < outputBytes; done += mac.getMacLength(), block++) {
            requireNoInterrupt();
            mac.update(salt);
            mac.update(new byte[] {(byte) (block >> 24), (byte) (block >> 16), (byte) (block >> 8), (byte) block});
            byte[] link = mac.doFinal();
            byte[] sum = link.clone();
            for (long i = 1; i < iterations; i++) {
                if (i % LOOK_EVERY == 0) {
                    requireNoInterrupt();
                }
                link = mac.doFinal(link);
                for (int j = 0; j < sum.length; j++) {
                    sum[j] ^= link[j];
                }
            }
            System.arraycopy(sum, 0, output, done, Math.min(sum.length, outputBytes - done));
            Arrays.fill(sum, (byte) 0);
        }
        return output;
    }

    private static void requireNoInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw new KeyDerivationInterruptedException("PBKDF2");
        }
    }

    private static Mac keyed(String macName, byte[] passphrase) {
        try {
            Mac mac = Mac.getInstance(macName);
            mac.init(new SecretKeySpec(passphrase, macName));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has " + macName, e);
        }
    }
}
