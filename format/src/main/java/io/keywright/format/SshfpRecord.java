package io.keywright.format;

import io.keywright.DsaPublicKey;
import io.keywright.EcdsaPublicKey;
import io.keywright.Ed25519PublicKey;
import io.keywright.Ed448PublicKey;
import io.keywright.LimitExceededException;
import io.keywright.MalformedKeyException;
import io.keywright.RsaPublicKey;
import io.keywright.SshPublicKey;
import io.keywright.UnsupportedKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fingerprint of a host's public key in the DNS (RFC 4255), as it stands in a zone file:
 *
 * <pre>
 *   host.example. IN SSHFP 4 2 33ee093861ee7d37...
 *   owner, class, type;  algorithm: 1 RSA, 2 DSA (RFC 4255), 3 ECDSA (RFC 6594), 4 Ed25519 (RFC 7479), 6 Ed448 (RFC 8709);
 *   hash: 1 SHA-1, 2 SHA-256 (RFC 6594);  the hash of the public key blob in hexadecimal
 * </pre>
 *
 * <p>Immutable and thread-safe. Whether a record may be believed is a question of DNSSEC, which is not asked here.
 *
 * @param owner the host's name, as it stands in the record
 * @param algorithm the number of the key's algorithm, 0 to 255
 * @param hash the number of the hash, 0 to 255
 * @param fingerprint in hexadecimal, lower case
 */
public record SshfpRecord(String owner, int algorithm, int hash, String fingerprint) {
    /** The longest text of a record that is parsed, in characters: names end at 255, and the longest hash known has 64. */
    public static final int MAX_TEXT_LENGTH = 4096;

    private static final String FORMAT = "SSHFP record";
    /** A name as zone files have it; what would need a backslash there is no host's name. */
    private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9._*@-]{1,255}");

    private static final Pattern TTL = Pattern.compile("[0-9]{1,10}|([0-9]{1,9}[smhdwSMHDW])+");
    /** The type's number in RFC 3597, section 5: {@code TYPE44 \# length rdata}. */
    private static final Pattern GENERIC = Pattern.compile("TYPE44 \\\\# ([0-9]{1,3}) ((?:[0-9A-F]{2})+)");

    private static final Pattern NAMED = Pattern.compile("SSHFP ([0-9]{1,3}) ([0-9]{1,3}) ((?:[0-9A-F]{2})+)");

    /** A hash of a record. */
    public enum Hash {
        /** SHA-1 (RFC 4255), for resolvers of long ago. */
        SHA1(1, "SHA-1", 20),
        /** SHA-256 (RFC 6594). */
        SHA256(2, "SHA-256", 32);

        private final int number;
        private final String jcaName;
        private final int bytes;

        Hash(int number, String jcaName, int bytes) {
            this.number = number;
            this.jcaName = jcaName;
            this.bytes = bytes;
        }

        /**
         * Returns the number that stands for the hash in a record.
         *
         * @return 1 or 2
         */
        public int number() {
            return number;
        }
    }

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException when the owner is no host's name, a number is out of range, the fingerprint is not
     *     hexadecimal, or has another length than its hash
     */
    public SshfpRecord {
        requireOwner(owner);
        requireByte("algorithm", algorithm);
        requireByte("hash", hash);
        fingerprint = fingerprint.toLowerCase(Locale.ROOT);
        if (!fingerprint.matches("([0-9a-f]{2})+")) {
            throw new IllegalArgumentException("the fingerprint is not hexadecimal");
        }
        for (Hash known : Hash.values()) {
            if (known.number == hash && fingerprint.length() != 2 * known.bytes) {
                throw new IllegalArgumentException(
                        known.jcaName + " has " + known.bytes + " bytes, the fingerprint " + fingerprint.length() / 2);
            }
        }
    }

    /**
     * Makes the record of a key.
     *
     * @param owner the host's name: ASCII letters, digits, {@code . _ * @ -}; a final dot makes it absolute
     * @param key the host's public key
     * @param hash which hash
     * @return the record
     * @throws UnsupportedKeyException when there is no number for such keys
     * @throws IllegalArgumentException when the owner is no host's name
     */
    public static SshfpRecord of(String owner, SshPublicKey key, Hash hash) {
        return new SshfpRecord(owner, number(key), hash.number, digest(key, hash));
    }

    /**
     * Makes the records that {@code ssh-keygen -r} prints for a key, one a hash.
     *
     * @param owner the host's name, see {@link #of}
     * @param key the host's public key
     * @return SHA-1 and SHA-256
     * @throws UnsupportedKeyException when there is no number for such keys
     * @throws IllegalArgumentException when the owner is no host's name
     */
    public static List<SshfpRecord> allOf(String owner, SshPublicKey key) {
        return List.of(of(owner, key, Hash.SHA1), of(owner, key, Hash.SHA256));
    }

    /**
     * Parses a record as it stands in a zone file or is printed by {@code dig} and {@code ssh-keygen -r}, with {@code -g} too:
     * owner, maybe a time to live and a class, {@code SSHFP} or {@code TYPE44}, numbers, and hexadecimal that may be broken
     * by blanks. Parentheses, with line ends within them, a byte order mark and comments after a semicolon are passed over.
     *
     * @param text one record
     * @return the record
     * @throws MalformedKeyException when it is none
     * @throws LimitExceededException when it is longer than {@value #MAX_TEXT_LENGTH} characters
     */
    public static SshfpRecord parse(String text) {
        if (text.length() > MAX_TEXT_LENGTH) {
            throw new LimitExceededException(
                    "SSHFP record, characters", text.length(), MAX_TEXT_LENGTH, "this limit is fixed");
        }
        String plain = withoutParentheses(text.replaceAll("^\ufeff|;[^\r\n]*", ""));
        String[] words = plain.strip().split("[ \t\r\n]+", -1);
        int at = 1;
        while (at < words.length
                && (TTL.matcher(words[at]).matches()
                        || words[at].toUpperCase(Locale.ROOT).equals("IN"))
                && at < 3) {
            at++;
        }
        if (at >= words.length || !OWNER.matcher(words[0]).matches()) {
            throw malformed("owner", "a host's name, IN SSHFP, two numbers and a fingerprint are expected");
        }
        String data = joined(words, at).toUpperCase(Locale.ROOT);
        Matcher named = NAMED.matcher(data);
        if (named.matches()) {
            return checked(
                    words[0], Integer.parseInt(named.group(1)), Integer.parseInt(named.group(2)), named.group(3));
        }
        Matcher generic = GENERIC.matcher(data);
        if (generic.matches()) {
            byte[] bytes = HexFormat.of().parseHex(generic.group(2));
            if (bytes.length < 3 || bytes.length != Integer.parseInt(generic.group(1))) {
                throw malformed("length", generic.group(1) + " bytes expected, got " + bytes.length);
            }
            String fingerprint = HexFormat.of().formatHex(bytes, 2, bytes.length);
            return checked(words[0], bytes[0] & 0xff, bytes[1] & 0xff, fingerprint);
        }
        throw malformed("data", "SSHFP, two numbers and hexadecimal are expected");
    }

    /** Parentheses hold a record together that has several lines; a line end anywhere else begins another one. */
    private static String withoutParentheses(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        int depth = 0;
        for (char c : text.strip().toCharArray()) {
            if (c == '(' || c == ')') {
                depth += c == '(' ? 1 : -1;
                plain.append(' ');
            } else if ((c == '\n' || c == '\r') && depth == 0) {
                throw malformed("line end", "more than one line where one record is expected");
            } else {
                plain.append(c);
            }
            if (depth < 0 || depth > 1) {
                throw malformed("parentheses", "one pair at most is expected");
            }
        }
        if (depth != 0) {
            throw malformed("parentheses", "one is not closed");
        }
        return plain.toString();
    }

    /** Joins the words of the data with one blank each, and those of the hexadecimal, which is last, with none. */
    private static String joined(String[] words, int from) {
        StringBuilder data = new StringBuilder();
        for (int i = from; i < words.length; i++) {
            data.append(i > from && i <= from + 3 ? " " : "").append(words[i]);
        }
        return data.toString();
    }

    private static SshfpRecord checked(String owner, int algorithm, int hash, String fingerprint) {
        try {
            return new SshfpRecord(owner, algorithm, hash, fingerprint);
        } catch (IllegalArgumentException e) {
            throw malformed("data", String.valueOf(e.getMessage()));
        }
    }

    /**
     * Tells whether this is the fingerprint of a key.
     *
     * @param key the key
     * @return false also when the algorithm or the hash is unknown here
     */
    public boolean matches(SshPublicKey key) {
        for (Hash known : Hash.values()) {
            if (known.number == hash) {
                return findNumber(key).equals(OptionalInt.of(algorithm)) && fingerprint.equals(digest(key, known));
            }
        }
        return false;
    }

    /**
     * Writes the record as {@code ssh-keygen -r} does.
     *
     * @return e.g. {@code "host.example. IN SSHFP 4 2 33ee..."}, without a line end
     */
    public String toText() {
        return owner + " IN SSHFP " + algorithm + " " + hash + " " + fingerprint;
    }

    private static int number(SshPublicKey key) {
        return findNumber(key)
                .orElseThrow(() -> new UnsupportedKeyException(
                        key.algorithm(),
                        "SSHFP has no number for keys of type " + key.algorithm() + ", which are not written"));
    }

    private static OptionalInt findNumber(SshPublicKey key) {
        if (key instanceof RsaPublicKey) {
            return OptionalInt.of(1);
        } else if (key instanceof DsaPublicKey) {
            return OptionalInt.of(2);
        } else if (key instanceof EcdsaPublicKey) {
            return OptionalInt.of(3);
        } else if (key instanceof Ed25519PublicKey) {
            return OptionalInt.of(4);
        } else if (key instanceof Ed448PublicKey) {
            return OptionalInt.of(6);
        }
        return OptionalInt.empty();
    }

    private static String digest(SshPublicKey key, Hash hash) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(hash.jcaName).digest(key.blob()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + hash.jcaName, e);
        }
    }

    private static void requireOwner(String owner) {
        if (!OWNER.matcher(Objects.requireNonNull(owner, "owner")).matches()) {
            throw new IllegalArgumentException(
                    "the owner must be a host's name of ASCII letters, digits and . _ * @ -");
        }
    }

    private static void requireByte(String what, int value) {
        if (value < 0 || value > 255) {
            throw new IllegalArgumentException("the " + what + " must be 0 to 255, got " + value);
        }
    }

    private static MalformedKeyException malformed(String where, String problem) {
        return new MalformedKeyException(FORMAT, where, problem);
    }
}
