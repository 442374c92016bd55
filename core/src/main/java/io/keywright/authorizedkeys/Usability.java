package io.keywright.authorizedkeys;

/**
 * Whether a line can admit its key at some moment, as far as the line itself decides; {@code from=} comes on top.
 * Immutable and thread-safe.
 *
 * @param verdict the verdict
 * @param detail half a sentence for a person, without any value of the line
 */
public record Usability(Verdict verdict, String detail) {

    /** The verdict on a line; more may come. */
    public enum Verdict {
        /** The line admits its key. */
        USABLE,
        /** It depends on the server: DSA, Ed448, or a type that is not known here. */
        SERVER_DEPENDENT,
        /** An option is unknown, so that sshd drops the whole line. */
        UNKNOWN_OPTION,
        /** An option's value is wrong or stands too often, so that sshd drops the whole line. */
        BAD_OPTION,
        /** The line is a certificate authority and admits no plain key. */
        CERT_AUTHORITY,
        /** {@code principals=} on a line that is no certificate authority shuts the key out. */
        PRINCIPALS_WITHOUT_AUTHORITY,
        /** The expiry time has passed. */
        EXPIRED,
        /** A certificate stands where sshd looks for plain keys. */
        CERTIFICATE,
        /** The key is broken or too short. */
        BAD_KEY
    }

    /**
     * Tells whether the line surely admits its key.
     *
     * @return true for {@link Verdict#USABLE} only
     */
    public boolean isUsable() {
        return verdict == Verdict.USABLE;
    }

    /**
     * Tells whether the line may admit its key on some server.
     *
     * @return true for {@link Verdict#USABLE} and {@link Verdict#SERVER_DEPENDENT}
     */
    public boolean mayBeUsable() {
        return verdict == Verdict.USABLE || verdict == Verdict.SERVER_DEPENDENT;
    }
}
