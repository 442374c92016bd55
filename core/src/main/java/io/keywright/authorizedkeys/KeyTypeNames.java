package io.keywright.authorizedkeys;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words that sshd(8) takes for a key type in front of a blob.
 *
 * <p>A word counts when it names a key or, which is easy to miss, a signature algorithm of that key: OpenSSH looks both up
 * in one table, so that {@code rsa-sha2-256 AAAA...} in front of an ssh-rsa blob is a live line.
 */
final class KeyTypeNames {
    private static final String SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com";

    private static final List<Name> NAMES = List.of(
            new Name("ssh-ed25519", "ssh-ed25519"),
            new Name("ssh-rsa", "ssh-rsa"),
            new Name("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
            new Name("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
            new Name("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"),
            new Name("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com"),
            new Name(SK_ECDSA, SK_ECDSA),
            new Name("ssh-dss", "ssh-dss"),
            new Name("rsa-sha2-256", "ssh-rsa"),
            new Name("rsa-sha2-512", "ssh-rsa"),
            new Name("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", SK_ECDSA),
            new Name("ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com"),
            new Name("ssh-rsa-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com"),
            new Name("ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256-cert-v01@openssh.com"),
            new Name("ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384-cert-v01@openssh.com"),
            new Name("ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521-cert-v01@openssh.com"),
            new Name("sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com"),
            new Name("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"),
            new Name("ssh-dss-cert-v01@openssh.com", "ssh-dss-cert-v01@openssh.com"));

    /** RFC 4251, section 6: an algorithm's name has at most 64 characters. */
    private static final int MAX_NAME_LENGTH = 64;

    private KeyTypeNames() {}

    /** Returns how the blob must begin, or null when sshd does not take the word for a type. */
    static Base64Text.@Nullable Beginning blobBeginning(byte[] data, int from, int to) {
        for (Name name : NAMES) {
            if (name.stands(data, from, to)) {
                return name.beginning;
            }
        }
        return null;
    }

    /** Returns the word, when an algorithm that is not invented yet could have that name, or null. */
    static @Nullable String possibleAlgorithm(byte[] data, int from, int to) {
        if (to - from > MAX_NAME_LENGTH) {
            return null;
        }
        for (int i = from; i < to; i++) {
            if (data[i] <= ' ' || data[i] == 0x7f || data[i] == ',' || data[i] == '"') {
                return null;
            }
        }
        return new String(data, from, to - from, StandardCharsets.US_ASCII);
    }

    static boolean isCertificate(String algorithm) {
        return algorithm.endsWith("-cert-v01@openssh.com") || algorithm.endsWith("-cert-v00@openssh.com");
    }

    private static final class Name {
        private final byte[] word;
        private final Base64Text.Beginning beginning;

        Name(String word, String algorithm) {
            this.word = word.getBytes(StandardCharsets.US_ASCII);
            this.beginning = new Base64Text.Beginning(algorithm);
        }

        boolean stands(byte[] data, int from, int to) {
            return to - from == word.length && java.util.Arrays.equals(data, from, to, word, 0, word.length);
        }
    }
}
