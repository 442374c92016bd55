package io.keywright.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * scrypt (RFC 7914), which stops when its thread is interrupted: Bouncy Castle's does not, and within the default limits it
 * may run for many seconds.
 *
 * <pre>
 *   B = PBKDF2-HMAC-SHA256(passphrase, salt, 1, 128 r p), as p blocks of 128 r bytes
 *   each block X:  N times  V[i] = X, X = BlockMix(X);  N times  X = BlockMix(X xor V[Integerify(X) mod N])
 *   key = PBKDF2-HMAC-SHA256(passphrase, B, 1, length)
 *   BlockMix: T = the last 64 bytes; each 64 bytes B[i]: T = Salsa20/8(T xor B[i]); even ones first, then odd ones
 * </pre>
 */
final class Scrypt {
    private static final String MAC = "HmacSHA256";
    private static final VarHandle LITTLE_ENDIAN_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    /** Words in one block of Salsa20. */
    private static final int WORDS = 16;

    private Scrypt() {}

    /**
     * Derives a key. The memory it takes is {@code 128 r (N + p + 2)} bytes.
     *
     * @param passphrase not empty
     * @param cost N, a power of two above 1
     * @param blockSize r, at least 1
     * @param parallelism p, at least 1; they run one after the other
     * @return the key, which the caller wipes
     * @throws KeyDerivationInterruptedException when the thread is interrupted; looked at once a block of 128 r bytes
     */
    static byte[] derive(byte[] passphrase, byte[] salt, int cost, int blockSize, int parallelism, int outputBytes) {
        int words = 2 * WORDS * blockSize;
        byte[] blocks = Pbkdf2.derive(MAC, passphrase, salt, 1, parallelism * words * Integer.BYTES);
        int[] x = new int[words];
        int[] y = new int[words];
        int[][] table = new int[cost][];
        try {
            for (int i = 0; i < parallelism; i++) {
                int at = i * words * Integer.BYTES;
                for (int j = 0; j < words; j++) {
                    x[j] = (int) LITTLE_ENDIAN_INT.get(blocks, at + j * Integer.BYTES);
                }
                mix(x, y, table);
                for (int j = 0; j < words; j++) {
                    LITTLE_ENDIAN_INT.set(blocks, at + j * Integer.BYTES, x[j]);
                }
            }
            return Pbkdf2.derive(MAC, passphrase, blocks, 1, outputBytes);
        } finally {
            Arrays.fill(blocks, (byte) 0);
            Arrays.fill(x, 0);
            Arrays.fill(y, 0);
            for (int[] row : table) {
                if (row != null) {
                    Arrays.fill(row, 0);
                }
            }
        }
    }

    /** ROMix (RFC 7914, section 5), in place. The table's rows are made as they are needed. */
    private static void mix(int[] x, int[] scratch, int[][] table) {
        int mask = table.length - 1;
        int last = x.length - WORDS;
        for (int i = 0; i <= mask; i++) {
            requireNoInterrupt();
            if (table[i] == null) {
                table[i] = x.clone();
            } else {
                System.arraycopy(x, 0, table[i], 0, x.length);
            }
            mixBlock(x, scratch);
        }
        for (int i = 0; i <= mask; i++) {
            requireNoInterrupt();
            int[] row = table[x[last] & mask];
            for (int j = 0; j < x.length; j++) {
                x[j] ^= row[j];
            }
            mixBlock(x, scratch);
        }
    }

    private static void requireNoInterrupt() {
        if (Thread.currentThread().isInterrupted()) {
            throw new KeyDerivationInterruptedException("scrypt");
        }
    }

    /** BlockMix (RFC 7914, section 4), in place. */
    private static void mixBlock(int[] x, int[] y) {
        int half = x.length / 2;
        int from = x.length - WORDS;
        int[] before = x;
        for (int i = 0; i < x.length; i += WORDS) {
            int to = (i / WORDS % 2 == 0 ? 0 : half) + i / (2 * WORDS) * WORDS;
            salsa8(before, from, x, i, y, to);
            before = y;
            from = to;
        }
        System.arraycopy(y, 0, x, 0, x.length);
    }

    /** Writes Salsa20/8 (RFC 7914, section 3) of the xor of two blocks. */
    private static void salsa8(int[] a, int aFrom, int[] b, int bFrom, int[] out, int outFrom) {
        int s0 = a[aFrom] ^ b[bFrom];
        int s1 = a[aFrom + 1] ^ b[bFrom + 1];
        int s2 = a[aFrom + 2] ^ b[bFrom + 2];
        int s3 = a[aFrom + 3] ^ b[bFrom + 3];
        int s4 = a[aFrom + 4] ^ b[bFrom + 4];
        int s5 = a[aFrom + 5] ^ b[bFrom + 5];
        int s6 = a[aFrom + 6] ^ b[bFrom + 6];
        int s7 = a[aFrom + 7] ^ b[bFrom + 7];
        int s8 = a[aFrom + 8] ^ b[bFrom + 8];
        int s9 = a[aFrom + 9] ^ b[bFrom + 9];
        int s10 = a[aFrom + 10] ^ b[bFrom + 10];
        int s11 = a[aFrom + 11] ^ b[bFrom + 11];
        int s12 = a[aFrom + 12] ^ b[bFrom + 12];
        int s13 = a[aFrom + 13] ^ b[bFrom + 13];
        int s14 = a[aFrom + 14] ^ b[bFrom + 14];
        int s15 = a[aFrom + 15] ^ b[bFrom + 15];
        int x0 = s0, x1 = s1, x2 = s2, x3 = s3, x4 = s4, x5 = s5, x6 = s6, x7 = s7;
        int x8 = s8, x9 = s9, x10 = s10, x11 = s11, x12 = s12, x13 = s13, x14 = s14, x15 = s15;
        for (int round = 0; round < 8; round += 2) {
            x4 ^= Integer.rotateLeft(x0 + x12, 7);
            x8 ^= Integer.rotateLeft(x4 + x0, 9);
            x12 ^= Integer.rotateLeft(x8 + x4, 13);
            x0 ^= Integer.rotateLeft(x12 + x8, 18);
            x9 ^= Integer.rotateLeft(x5 + x1, 7);
            x13 ^= Integer.rotateLeft(x9 + x5, 9);
            x1 ^= Integer.rotateLeft(x13 + x9, 13);
            x5 ^= Integer.rotateLeft(x1 + x13, 18);
            x14 ^= Integer.rotateLeft(x10 + x6, 7);
            x2 ^= Integer.rotateLeft(x14 + x10, 9);
            x6 ^= Integer.rotateLeft(x2 + x14, 13);
            x10 ^= Integer.rotateLeft(x6 + x2, 18);
            x3 ^= Integer.rotateLeft(x15 + x11, 7);
            x7 ^= Integer.rotateLeft(x3 + x15, 9);
            x11 ^= Integer.rotateLeft(x7 + x3, 13);
            x15 ^= Integer.rotateLeft(x11 + x7, 18);
            x1 ^= Integer.rotateLeft(x0 + x3, 7);
            x2 ^= Integer.rotateLeft(x1 + x0, 9);
            x3 ^= Integer.rotateLeft(x2 + x1, 13);
            x0 ^= Integer.rotateLeft(x3 + x2, 18);
            x6 ^= Integer.rotateLeft(x5 + x4, 7);
            x7 ^= Integer.rotateLeft(x6 + x5, 9);
            x4 ^= Integer.rotateLeft(x7 + x6, 13);
            x5 ^= Integer.rotateLeft(x4 + x7, 18);
            x11 ^= Integer.rotateLeft(x10 + x9, 7);
            x8 ^= Integer.rotateLeft(x11 + x10, 9);
            x9 ^= Integer.rotateLeft(x8 + x11, 13);
            x10 ^= Integer.rotateLeft(x9 + x8, 18);
            x12 ^= Integer.rotateLeft(x15 + x14, 7);
            x13 ^= Integer.rotateLeft(x12 + x15, 9);
            x14 ^= Integer.rotateLeft(x13 + x12, 13);
            x15 ^= Integer.rotateLeft(x14 + x13, 18);
        }
        out[outFrom] = s0 + x0;
        out[outFrom + 1] = s1 + x1;
        out[outFrom + 2] = s2 + x2;
        out[outFrom + 3] = s3 + x3;
        out[outFrom + 4] = s4 + x4;
        out[outFrom + 5] = s5 + x5;
        out[outFrom + 6] = s6 + x6;
        out[outFrom + 7] = s7 + x7;
        out[outFrom + 8] = s8 + x8;
        out[outFrom + 9] = s9 + x9;
        out[outFrom + 10] = s10 + x10;
        out[outFrom + 11] = s11 + x11;
        out[outFrom + 12] = s12 + x12;
        out[outFrom + 13] = s13 + x13;
        out[outFrom + 14] = s14 + x14;
        out[outFrom + 15] = s15 + x15;
    }
}
