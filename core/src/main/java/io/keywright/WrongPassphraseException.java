package io.keywright;

/** Thrown when an encrypted key cannot be opened with the passphrase that was given. */
public final class WrongPassphraseException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final boolean maybeCorrupted;

    /**
     * Creates the exception.
     *
     * @param format the format of the encrypted key
     * @param maybeCorrupted true where the format cannot tell a wrong passphrase from damaged data
     */
    public WrongPassphraseException(String format, boolean maybeCorrupted) {
        super("the " + format + " key cannot be opened: "
                + (maybeCorrupted ? "wrong passphrase, or the data is damaged" : "wrong passphrase"));
        this.maybeCorrupted = maybeCorrupted;
    }

    /**
     * Tells whether damaged data would look the same.
     *
     * @return false when the passphrase alone is to blame
     */
    public boolean maybeCorrupted() {
        return maybeCorrupted;
    }
}
