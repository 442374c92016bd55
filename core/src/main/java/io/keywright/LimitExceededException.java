package io.keywright;

/** Thrown when input asks for more memory, time or size than the reader's limits allow. */
public final class LimitExceededException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final String limit;
    private final long actual;
    private final long allowed;

    /**
     * Creates the exception.
     *
     * @param limit the limit's name, e.g. {@code "bcrypt rounds"}
     * @param actual what the input asks for
     * @param allowed the most that is allowed
     * @param howToRaise the call that raises the limit, or a statement that it is fixed
     */
    public LimitExceededException(String limit, long actual, long allowed, String howToRaise) {
        super(limit + ": " + actual + ", at most " + allowed + " allowed; " + howToRaise);
        this.limit = limit;
        this.actual = actual;
        this.allowed = allowed;
    }

    /**
     * Returns the limit's name.
     *
     * @return the name
     */
    public String limit() {
        return limit;
    }

    /**
     * Returns what the input asks for.
     *
     * @return the value found
     */
    public long actual() {
        return actual;
    }

    /**
     * Returns the most that is allowed.
     *
     * @return the greatest value accepted
     */
    public long allowed() {
        return allowed;
    }
}
