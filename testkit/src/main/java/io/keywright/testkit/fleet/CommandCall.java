package io.keywright.testkit.fleet;

/** A command that a simulated server runs for a logged-in user. Immutable. */
public final class CommandCall {
    private final Account account;
    private final String command;
    private final String requested;
    private final byte[] stdin;

    CommandCall(Account account, String command, String requested, byte[] stdin) {
        this.account = account;
        this.command = command;
        this.requested = requested;
        this.stdin = stdin.clone();
    }

    /**
     * Returns who runs it, and so where: {@link Account#files()} acts as that user.
     *
     * @return the account
     */
    public Account account() {
        return account;
    }

    /**
     * Returns what is run: the forced command where the key or the server names one, else what was requested.
     *
     * @return the command line
     */
    public String command() {
        return command;
    }

    /**
     * Returns what the client asked for: {@code SSH_ORIGINAL_COMMAND}.
     *
     * @return the command line
     */
    public String requested() {
        return requested;
    }

    /**
     * Returns what the command can read.
     *
     * @return a copy of its standard input
     */
    public byte[] stdin() {
        return stdin.clone();
    }
}
