package io.keywright.authorizedkeys;

import io.keywright.SshKeyException;

/** Thrown when an edit of {@code authorized_keys} is refused; nothing was changed. The message says why and what would do. */
public final class EditRefusedException extends SshKeyException {
    private static final long serialVersionUID = 1;

    /** Why an edit is refused. */
    public enum Reason {
        /** The key to be edited or replaced is not in the file, and neither is the new one. Force does not help. */
        KEY_NOT_FOUND,
        /** The edit would leave no usable key where there was one. */
        LAST_USABLE_KEY,
        /** The edit would remove the key that the session is logged in with. */
        SESSION_KEY,
        /** The key is there with other options, and a second line would not do what it seems to. */
        OTHER_OPTIONS,
        /** A key, comment or option cannot be written so that sshd reads it back. Force does not help. */
        NOT_WRITABLE
    }

    private final Reason reason;

    /**
     * Creates the exception.
     *
     * @param reason why
     * @param message why in words, and what would do instead
     */
    public EditRefusedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * Returns why the edit is refused.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
