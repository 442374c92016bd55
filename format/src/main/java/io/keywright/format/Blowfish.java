package io.keywright.format;

import java.util.Arrays;

/**
 * Blowfish (Schneier, 1993) with the key schedule of bcrypt, for one state and for two in step.
 *
 * <p>A state is one array: four tables S of 256 words, then 18 words P. Keys and salts are 16 words here.
 *
 * <p>The loops work on arrays that they allocate themselves, since only then does the just-in-time compiler know the lengths
 * and drop every bounds check: a quarter of the time. They are short, for a loop that never returns is compiled without that
 * knowledge. Copying the state in and out costs one part in a hundred.
 */
final class Blowfish {
    /** The length of a state. */
    static final int STATE_WORDS = 1024 + 18;

    private static final int S_WORDS = 1024;
    private static final int P_WORDS = 18;
    private static final int ROUNDS = 16;

    /** Where the parts of two states lie when both are in one array: S and S, then P and P. */
    private static final int SB = S_WORDS;

    private static final int PA = 2 * S_WORDS;
    private static final int PB = PA + P_WORDS;

    private static final int[] NO_SALT = new int[16];

    private Blowfish() {}

    /** Mixes a key in: bcrypt's ExpandKey without a salt. */
    static void expand(int[] state, int[] key) {
        expand(state, key, NO_SALT);
    }

    /** Mixes a key and a salt in: bcrypt's ExpandKey. */
    static void expand(int[] state, int[] key, int[] salt) {
        int[] s = new int[STATE_WORDS];
        System.arraycopy(state, 0, s, 0, STATE_WORDS);
        for (int i = 0; i < P_WORDS; i++) {
            s[S_WORDS + i] ^= key[i & 15];
        }
        int l = 0;
        int r = 0;
        for (int i = 0; i < STATE_WORDS; i += 2) {
            l ^= salt[i & 15] ^ s[S_WORDS];
            r ^= salt[(i + 1) & 15];
            for (int n = 1; n < ROUNDS; n += 2) {
                r ^= s[S_WORDS + n] ^ f(s, l);
                l ^= s[S_WORDS + n + 1] ^ f(s, r);
            }
            int swap = r ^ s[S_WORDS + 17];
            r = l;
            l = swap;
            int at = i < P_WORDS ? S_WORDS + i : i - P_WORDS;
            s[at] = l;
            s[at + 1] = r;
        }
        System.arraycopy(s, 0, state, 0, STATE_WORDS);
        Arrays.fill(s, 0);
    }

    /** Does {@link #expand(int[], int[])} for two states at once. */
    static void expandPair(int[] stateA, int[] keyA, int[] stateB, int[] keyB) {
        int[] s = new int[2 * STATE_WORDS];
        System.arraycopy(stateA, 0, s, 0, S_WORDS);
        System.arraycopy(stateB, 0, s, SB, S_WORDS);
        for (int i = 0; i < P_WORDS; i++) {
            s[PA + i] = stateA[S_WORDS + i] ^ keyA[i & 15];
            s[PB + i] = stateB[S_WORDS + i] ^ keyB[i & 15];
        }
        int la = 0;
        int ra = 0;
        int lb = 0;
        int rb = 0;
        for (int i = 0; i < STATE_WORDS; i += 2) {
            la ^= s[PA];
            lb ^= s[PB];
            for (int n = 1; n < ROUNDS; n += 2) {
                ra ^= s[PA + n] ^ f(s, la);
                rb ^= s[PB + n] ^ fOfB(s, lb);
                la ^= s[PA + n + 1] ^ f(s, ra);
                lb ^= s[PB + n + 1] ^ fOfB(s, rb);
            }
            int swapA = ra ^ s[PA + 17];
            int swapB = rb ^ s[PB + 17];
            ra = la;
            rb = lb;
            la = swapA;
            lb = swapB;
            if (i < P_WORDS) {
                s[PA + i] = la;
                s[PA + i + 1] = ra;
                s[PB + i] = lb;
                s[PB + i + 1] = rb;
            } else {
                s[i - P_WORDS] = la;
                s[i - P_WORDS + 1] = ra;
                s[SB + i - P_WORDS] = lb;
                s[SB + i - P_WORDS + 1] = rb;
            }
        }
        System.arraycopy(s, 0, stateA, 0, S_WORDS);
        System.arraycopy(s, SB, stateB, 0, S_WORDS);
        System.arraycopy(s, PA, stateA, S_WORDS, P_WORDS);
        System.arraycopy(s, PB, stateB, S_WORDS, P_WORDS);
        Arrays.fill(s, 0);
    }

    /** Encrypts pairs of words in place, each on its own. */
    static void encrypt(int[] state, int[] text) {
        for (int i = 0; i < text.length; i += 2) {
            int l = text[i] ^ state[S_WORDS];
            int r = text[i + 1];
            for (int n = 1; n < ROUNDS; n += 2) {
                r ^= state[S_WORDS + n] ^ f(state, l);
                l ^= state[S_WORDS + n + 1] ^ f(state, r);
            }
            text[i] = r ^ state[S_WORDS + 17];
            text[i + 1] = l;
        }
    }

    private static int f(int[] s, int x) {
        return ((s[x >>> 24] + s[256 + (x >>> 16 & 0xff)]) ^ s[512 + (x >>> 8 & 0xff)]) + s[768 + (x & 0xff)];
    }

    private static int fOfB(int[] s, int x) {
        return ((s[SB + (x >>> 24)] + s[SB + 256 + (x >>> 16 & 0xff)]) ^ s[SB + 512 + (x >>> 8 & 0xff)])
                + s[SB + 768 + (x & 0xff)];
    }
}
