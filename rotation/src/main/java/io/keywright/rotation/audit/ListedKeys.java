package io.keywright.rotation.audit;

import io.keywright.Fingerprint;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Keys that are known to be weak, by fingerprint. Reads the files of Debian's packages {@code openssh-blacklist} and {@code
 * openssh-blacklist-extra}, which list what OpenSSL made there from 2006 to 2008 (CVE-2008-0166): in each line the last 20
 * hex digits of a key's MD5 fingerprint; lines that begin with {@code #} are comments. Whole MD5 fingerprints may stand there
 * as well, with or without {@code MD5:} and colons.
 *
 * <p>The last 16 digits are compared. A key that is not on a list of a million matches with a probability of one in 10<sup>13
 * </sup>. Immutable and thread-safe.
 */
public final class ListedKeys {
    /** More than all lists of Debian's together, which have some 700,000; 16 MB. */
    public static final int MAX_KEYS = 2_000_000;

    /** No keys. */
    public static final ListedKeys NONE = new ListedKeys(new long[0]);

    private static final Pattern LINE = Pattern.compile("[0-9a-f]{20}|[0-9a-f]{32}");
    private static final int COMPARED_DIGITS = 16;

    private final long[] sorted;

    private ListedKeys(long[] sorted) {
        this.sorted = sorted;
    }

    /**
     * Reads a list, and adds it to this one.
     *
     * @param file the file
     * @return the keys of both
     * @throws MalformedKeyException when a line is no fingerprint; names file and line
     * @throws LimitExceededException when there are more than {@link #MAX_KEYS}
     * @throws IOException when the file cannot be read
     */
    public ListedKeys with(Path file) throws IOException {
        LongStream.Builder added = LongStream.builder();
        int count = sorted.length;
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                String text = line.strip();
                if (!text.isEmpty() && !text.startsWith("#")) {
                    if (++count > MAX_KEYS) {
                        throw new LimitExceededException("listed keys", count, MAX_KEYS, "the limit is fixed");
                    }
                    added.add(digits(text, file, number));
                }
            }
        }
        return new ListedKeys(
                LongStream.concat(Arrays.stream(sorted), added.build()).sorted().toArray());
    }

    /**
     * Returns how many keys are listed.
     *
     * @return the number of lines read
     */
    public int size() {
        return sorted.length;
    }

    /** Looks a key up. */
    boolean contains(Fingerprint md5) {
        byte[] digest = md5.digest();
        long last = 0;
        for (int i = digest.length - Long.BYTES; i < digest.length; i++) {
            last = (last << Byte.SIZE) | (digest[i] & 0xff);
        }
        return Arrays.binarySearch(sorted, last) >= 0;
    }

    private static long digits(String line, Path file, int number) {
        String lower = line.toLowerCase(Locale.ROOT);
        String hex = (lower.startsWith("md5:") ? lower.substring("md5:".length()) : lower).replace(":", "");
        if (!LINE.matcher(hex).matches()) {
            throw new MalformedKeyException(
                    "list of weak keys", file + ":" + number, "20 hex digits or a whole MD5 fingerprint are expected");
        }
        return Long.parseUnsignedLong(hex.substring(hex.length() - COMPARED_DIGITS), 16);
    }
}
