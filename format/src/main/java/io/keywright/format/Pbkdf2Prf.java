package io.keywright.format;

import org.jspecify.annotations.Nullable;

/** The pseudo-random functions of PBKDF2 (RFC 8018, appendix B.1): HMAC with a hash function. */
public enum Pbkdf2Prf {
    /** HMAC-SHA1, PBKDF2's own default: for programs that know nothing newer. */
    SHA1("1.2.840.113549.2.7", "SHA1"),
    /** HMAC-SHA224. */
    SHA224("1.2.840.113549.2.8", "SHA224"),
    /** HMAC-SHA256: the default, which OpenSSL and Java have known since 2014. */
    SHA256("1.2.840.113549.2.9", "SHA256"),
    /** HMAC-SHA384. */
    SHA384("1.2.840.113549.2.10", "SHA384"),
    /** HMAC-SHA512. */
    SHA512("1.2.840.113549.2.11", "SHA512"),
    /** HMAC-SHA512/224. */
    SHA512_224("1.2.840.113549.2.12", "SHA512/224"),
    /** HMAC-SHA512/256. */
    SHA512_256("1.2.840.113549.2.13", "SHA512/256");

    final String oid;
    /** As it stands behind "HMAC-", and behind the JDK's "Hmac". */
    final String hashName;

    Pbkdf2Prf(String oid, String hashName) {
        this.oid = oid;
        this.hashName = hashName;
    }

    static @Nullable Pbkdf2Prf ofOid(String oid) {
        for (Pbkdf2Prf prf : values()) {
            if (prf.oid.equals(oid)) {
                return prf;
            }
        }
        return null;
    }

    /** The JDK's name of the HMAC. */
    String macName() {
        return "Hmac" + hashName;
    }
}
