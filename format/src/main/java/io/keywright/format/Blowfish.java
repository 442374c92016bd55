package io.keywright.format;

/**
 * Blowfish (Schneier, 1993) with the key schedule of bcrypt, for one state and for two in step.
 *
 * <p>A state is 18 words P and four tables S of 256 words, in one array. Keys and salts are 16 words here.
 */
final class Blowfish {
    static final int P_WORDS = 18;
    static final int S_WORDS = 1024;

    private static final int ROUNDS = 16;

    private Blowfish() {}

    /** Sets a state to its start: the hexadecimal digits of pi. */
    static void reset(int[] p, int[] s) {
        BlowfishPi.copyTo(p, s);
    }

    /** Mixes a key in: bcrypt's ExpandKey with a zero salt. */
    static void expand(int[] p, int[] s, int[] key) {
        mix(p, key);
        int l = 0;
        int r = 0;
        for (int i = 0; i < P_WORDS; i += 2) {
            long lr = encipher(p, s, l, r);
            p[i] = l = (int) (lr >>> 32);
            p[i + 1] = r = (int) lr;
        }
        for (int i = 0; i < S_WORDS; i += 2) {
            long lr = encipher(p, s, l, r);
            s[i] = l = (int) (lr >>> 32);
            s[i + 1] = r = (int) lr;
        }
    }

    /** Mixes a key and a salt in: bcrypt's ExpandKey. */
    static void expand(int[] p, int[] s, int[] key, int[] salt) {
        mix(p, key);
        int l = 0;
        int r = 0;
        int j = 0;
        for (int i = 0; i < P_WORDS; i += 2, j += 2) {
            long lr = encipher(p, s, l ^ salt[j & 15], r ^ salt[(j + 1) & 15]);
            p[i] = l = (int) (lr >>> 32);
            p[i + 1] = r = (int) lr;
        }
        for (int i = 0; i < S_WORDS; i += 2, j += 2) {
            long lr = encipher(p, s, l ^ salt[j & 15], r ^ salt[(j + 1) & 15]);
            s[i] = l = (int) (lr >>> 32);
            s[i + 1] = r = (int) lr;
        }
    }

    /** Does {@link #expand(int[], int[], int[])} for two states at once. */
    static void expandPair(int[] pa, int[] sa, int[] keyA, int[] pb, int[] sb, int[] keyB) {
        mix(pa, keyA);
        mix(pb, keyB);
        int la = 0;
        int ra = 0;
        int lb = 0;
        int rb = 0;
        for (int i = 0; i < P_WORDS + S_WORDS; i += 2) {
            la ^= pa[0];
            lb ^= pb[0];
            for (int n = 1; n < ROUNDS; n += 2) {
                ra ^= pa[n] ^ f(sa, la);
                rb ^= pb[n] ^ f(sb, lb);
                la ^= pa[n + 1] ^ f(sa, ra);
                lb ^= pb[n + 1] ^ f(sb, rb);
            }
            int swapA = ra ^ pa[17];
            int swapB = rb ^ pb[17];
            ra = la;
            rb = lb;
            la = swapA;
            lb = swapB;
            if (i < P_WORDS) {
                pa[i] = la;
                pa[i + 1] = ra;
                pb[i] = lb;
                pb[i + 1] = rb;
            } else {
                sa[i - P_WORDS] = la;
                sa[i - P_WORDS + 1] = ra;
                sb[i - P_WORDS] = lb;
                sb[i - P_WORDS + 1] = rb;
            }
        }
    }

    /** Encrypts pairs of words in place, each on its own. */
    static void encrypt(int[] p, int[] s, int[] text) {
        for (int i = 0; i < text.length; i += 2) {
            long lr = encipher(p, s, text[i], text[i + 1]);
            text[i] = (int) (lr >>> 32);
            text[i + 1] = (int) lr;
        }
    }

    private static void mix(int[] p, int[] key) {
        for (int i = 0; i < P_WORDS; i++) {
            p[i] ^= key[i & 15];
        }
    }

    private static long encipher(int[] p, int[] s, int left, int right) {
        int l = left ^ p[0];
        int r = right;
        for (int n = 1; n < ROUNDS; n += 2) {
            r ^= p[n] ^ f(s, l);
            l ^= p[n + 1] ^ f(s, r);
        }
        return ((long) (r ^ p[17])) << 32 | (l & 0xffffffffL);
    }

    private static int f(int[] s, int x) {
        return ((s[x >>> 24] + s[256 + (x >>> 16 & 0xff)]) ^ s[512 + (x >>> 8 & 0xff)]) + s[768 + (x & 0xff)];
    }
}
