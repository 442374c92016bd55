package io.keywright;

import java.util.Locale;

/**
 * The picture of a fingerprint: a bishop walks over a field of 17 x 9 squares, two bits of the digest a step (Loss, Limmer
 * and von Gernler, "The drunken bishop", 2009; OpenSSH's sshkey.c draws the same).
 */
final class Randomart {
    private static final int WIDTH = 17;
    private static final int HEIGHT = 9;
    private static final String SYMBOLS = " .o+=*BOX@%&#/^SE";

    private Randomart() {}

    static String draw(SshPublicKey key, Fingerprint.Hash hash) {
        int[][] visits = walk(key.fingerprint(hash).digest());
        StringBuilder art = new StringBuilder();
        art.append(border(title(key))).append('\n');
        for (int y = 0; y < HEIGHT; y++) {
            art.append('|');
            for (int x = 0; x < WIDTH; x++) {
                art.append(SYMBOLS.charAt(Math.min(visits[x][y], SYMBOLS.length() - 1)));
            }
            art.append("|\n");
        }
        return art.append(border("[" + hash.name() + "]")).toString();
    }

    static int[][] walk(byte[] digest) {
        int[][] visits = new int[WIDTH][HEIGHT];
        int end = SYMBOLS.length() - 1;
        int x = WIDTH / 2;
        int y = HEIGHT / 2;
        for (byte b : digest) {
            int input = b & 0xff;
            for (int step = 0; step < 4; step++) {
                x = clamp(x + ((input & 1) != 0 ? 1 : -1), WIDTH);
                y = clamp(y + ((input & 2) != 0 ? 1 : -1), HEIGHT);
                // The last two symbols mark start and end and are never reached by counting.
                if (visits[x][y] < end - 2) {
                    visits[x][y]++;
                }
                input >>= 2;
            }
        }
        visits[WIDTH / 2][HEIGHT / 2] = end - 1;
        visits[x][y] = end;
        return visits;
    }

    private static int clamp(int value, int size) {
        return Math.max(0, Math.min(size - 1, value));
    }

    private static String title(SshPublicKey key) {
        String full = String.format(Locale.ROOT, "[%s %d]", key.shortName(), key.bits());
        // OpenSSH keeps the title in a buffer of WIDTH bytes that ends with NUL.
        return full.length() < WIDTH ? full : "[" + key.shortName() + "]";
    }

    private static String border(String text) {
        int left = (WIDTH - text.length()) / 2;
        return "+" + "-".repeat(left) + text + "-".repeat(WIDTH - text.length() - left) + "+";
    }
}
