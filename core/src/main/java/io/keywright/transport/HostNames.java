package io.keywright.transport;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The first field of a {@code known_hosts} line: patterns, or one name that is hashed.
 *
 * <pre>
 * patterns: pattern *("," pattern)       "*" any run of characters, "?" any one, "!" in front: not, whatever else matches
 * hashed:   "|1|" base64(salt) "|" base64(HMAC-SHA1(key salt, message name))
 * name:     the host in lower case; "[host]:port" where the port is not 22
 * </pre>
 */
final class HostNames {
    private static final String HASHED = "|1|";
    /** The length of a salt that we make, in bytes: that of the hash, as OpenSSH has it. */
    static final int SALT_BYTES = 20;

    private static final int DEFAULT_PORT = 22;

    private HostNames() {}

    /** Returns the name under which a host and port are filed. */
    static String lookupName(String host, int port) {
        String name = host.toLowerCase(Locale.ROOT);
        return port == DEFAULT_PORT ? name : "[" + name + "]:" + port;
    }

    static boolean matches(String field, String lookupName) {
        if (field.startsWith("|")) {
            return matchesHash(field, lookupName);
        }
        boolean matched = false;
        for (String pattern : field.split(",", -1)) {
            boolean negated = pattern.startsWith("!");
            if (matchesPattern((negated ? pattern.substring(1) : pattern).toLowerCase(Locale.ROOT), lookupName)) {
                if (negated) {
                    return false;
                }
                matched = true;
            }
        }
        return matched;
    }

    static String hashed(String lookupName, byte[] salt) {
        Base64.Encoder base64 = Base64.getEncoder();
        return HASHED + base64.encodeToString(salt) + "|" + base64.encodeToString(hash(salt, lookupName));
    }

    private static boolean matchesHash(String field, String lookupName) {
        int bar = field.indexOf('|', HASHED.length());
        if (!field.startsWith(HASHED) || bar < 0) {
            return false;
        }
        Optional<byte[]> salt = decode(field.substring(HASHED.length(), bar));
        Optional<byte[]> hash = decode(field.substring(bar + 1));
        return salt.isPresent()
                && salt.get().length > 0
                && hash.isPresent()
                && MessageDigest.isEqual(hash.get(), hash(salt.get(), lookupName));
    }

    private static Optional<byte[]> decode(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not a hash, so it is nobody's
        }
    }

    private static byte[] hash(byte[] salt, String lookupName) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(salt, "HmacSHA1"));
            return mac.doFinal(lookupName.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA1", e);
        }
    }

    /** Matches in time proportional to the two lengths: of several stars only the last can need another try. */
    private static boolean matchesPattern(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int starMatchedTo = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starMatchedTo = n;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++starMatchedTo;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
