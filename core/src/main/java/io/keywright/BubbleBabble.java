package io.keywright;

/** Bubble Babble, a pronounceable encoding with a checksum (Antti Huima, draft-huima-01). */
final class BubbleBabble {
    private static final String VOWELS = "aeiouy";
    private static final String CONSONANTS = "bcdfghklmnprstvzx";

    private BubbleBabble() {}

    static String encode(byte[] data) {
        StringBuilder out = new StringBuilder("x");
        int checksum = 1;
        int rounds = data.length / 2;
        for (int i = 0; i < rounds; i++) {
            int first = data[2 * i] & 0xff;
            int second = data[2 * i + 1] & 0xff;
            appendTriple(out, first, checksum);
            out.append(CONSONANTS.charAt(second >> 4 & 15)).append('-').append(CONSONANTS.charAt(second & 15));
            checksum = (checksum * 5 + first * 7 + second) % 36;
        }
        if (data.length % 2 != 0) {
            appendTriple(out, data[data.length - 1] & 0xff, checksum);
        } else {
            out.append(VOWELS.charAt(checksum % 6)).append('x').append(VOWELS.charAt(checksum / 6));
        }
        return out.append('x').toString();
    }

    private static void appendTriple(StringBuilder out, int value, int checksum) {
        out.append(VOWELS.charAt(((value >> 6 & 3) + checksum) % 6))
                .append(CONSONANTS.charAt(value >> 2 & 15))
                .append(VOWELS.charAt(((value & 3) + checksum / 6) % 6));
    }
}
