package io.keywright.rotation.audit;

import java.util.Locale;

/** What an audit has to say about a key or an account. A closed choice that may grow. */
public enum Finding {
    /** A DSA key: its 1024 bits are too few, and OpenSSH dropped it in 10.0. */
    DSA(Severity.ALARM, "a DSA key"),
    /** An RSA key shorter than what is required. */
    RSA_TOO_SHORT(Severity.ALARM, "an RSA key that is too short"),
    /** An RSA key shorter than what is advised, and long enough for what is required. */
    RSA_SHORT(Severity.NOTE, "an RSA key shorter than advised"),
    /** An RSA key of the Infineon library whose private half can be computed (CVE-2017-15361, "ROCA"). */
    ROCA(Severity.ALARM, "an RSA key whose private half can be computed (ROCA, CVE-2017-15361)"),
    /** A key on the caller's list, such as those that Debian's OpenSSL made from 2006 to 2008 (CVE-2008-0166). */
    LISTED(Severity.ALARM, "a key on the list of weak keys"),
    /** A key that no credential of the store has or had. */
    UNKNOWN(Severity.WARNING, "a key that no credential has"),
    /** A key whose private half the store has destroyed, and that is still, or again, in a file. */
    DESTROYED(Severity.ALARM, "a key that was destroyed, and is in a file all the same"),
    /** A credential's key that is not its current one. */
    OUTDATED(Severity.WARNING, "not the credential's current key"),
    /** A credential's key on an account that is none of the credential's. */
    ELSEWHERE(Severity.WARNING, "on an account that is none of the credential's"),
    /** A credential's key that was changed longer ago than its policy's interval. */
    OVERDUE(Severity.WARNING, "older than the credential's interval"),
    /** A key on more than one account, where no credential says so. */
    SHARED(Severity.WARNING, "on more than one account"),
    /** The current key of a credential that names the account is in none of its files. */
    MISSING(Severity.WARNING, "a credential's current key is in none of the files"),
    /** Something else writes one of the account's files, too, and may bring back a line that is removed. */
    MANAGED(Severity.NOTE, "a file that something else writes, too"),
    /** The line's {@code expiry-time} has passed. */
    EXPIRED(Severity.NOTE, "expired"),
    /** The line lets its key in from anywhere, for ever, and for anything. */
    UNRESTRICTED(Severity.NOTE, "without any restriction"),
    /** The key is on more than one line of the account. */
    DUPLICATED(Severity.NOTE, "on more than one line"),
    /** sshd drops the line: an option or the key itself is wrong. */
    UNUSABLE(Severity.NOTE, "on a line that sshd drops"),
    /** The line admits whatever this authority signs. */
    CERT_AUTHORITY(Severity.NOTE, "an authority whose certificates are admitted");

    private final Severity severity;
    private final String words;

    Finding(Severity severity, String words) {
        this.severity = severity;
        this.words = words;
    }

    /**
     * Returns how much it matters.
     *
     * @return the severity
     */
    public Severity severity() {
        return severity;
    }

    /**
     * Says what was found.
     *
     * @return a few words, without a final stop
     */
    public String description() {
        return words;
    }

    /**
     * Names the finding in tables and JSON.
     *
     * @return e.g. {@code "rsa-too-short"}
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
