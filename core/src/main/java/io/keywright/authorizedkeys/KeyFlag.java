package io.keywright.authorizedkeys;

/**
 * A flag that has a {@code no-} form (sshd(8), AUTHORIZED_KEYS FILE FORMAT); {@code restrict} and {@code cert-authority} have
 * none. See {@link KeyOption#on} and {@link KeyOption#off}.
 */
public enum KeyFlag {
    /** Agent forwarding. */
    AGENT_FORWARDING("agent-forwarding"),
    /** TCP forwarding, both ways. */
    PORT_FORWARDING("port-forwarding"),
    /** A terminal. */
    PTY("pty"),
    /** A FIDO key must be touched; on unless switched off. */
    TOUCH_REQUIRED("touch-required"),
    /** The commands of {@code ~/.ssh/rc}. */
    USER_RC("user-rc"),
    /** A FIDO key must verify its user, by a PIN for one; off unless switched on. */
    VERIFY_REQUIRED("verify-required"),
    /** X11 forwarding. */
    X11_FORWARDING("x11-forwarding");

    private final String optionName;

    KeyFlag(String optionName) {
        this.optionName = optionName;
    }

    /**
     * Returns the option's name.
     *
     * @return the name without {@code no-}
     */
    public String optionName() {
        return optionName;
    }
}
