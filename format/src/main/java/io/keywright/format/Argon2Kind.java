package io.keywright.format;

/** The kinds of Argon2 (RFC 9106) that a PPK file of version 3 can name. */
public enum Argon2Kind {
    /** The one that the RFC recommends, and PuTTY's own choice. */
    ARGON2ID("Argon2id"),
    /** The one whose memory accesses tell nothing of the passphrase; cheaper to attack with special hardware. */
    ARGON2I("Argon2i"),
    /** The one that is hardest on special hardware; its memory accesses depend on the passphrase. */
    ARGON2D("Argon2d");

    private final String displayName;

    Argon2Kind(String displayName) {
        this.displayName = displayName;
    }

    /**
     * Returns the name that stands in the file and that {@link KdfDescription} gives.
     *
     * @return e.g. {@code "Argon2id"}
     */
    public String displayName() {
        return displayName;
    }
}
