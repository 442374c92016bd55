package io.keywright;

/** Thrown when input is outside a limit of the reader: it asks for more memory, time or size than allowed, or is too small. */
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

    private LimitExceededException(String limit, long actual, String message, long bound) {
        super(message);
        this.limit = limit;
        this.actual = actual;
        this.allowed = bound;
    }

    /**
     * Creates the exception for a lower limit.
     *
     * @param limit the limit's name, e.g. {@code "RSA modulus size in bits"}
     * @param actual what the input has
     * @param least the least that is allowed
     * @param howToLower the call that lowers the limit, or a statement that it is fixed
     * @return the exception; {@link #allowed()} is the least value
     */
    public static LimitExceededException tooSmall(String limit, long actual, long least, String howToLower) {
        String message = limit + ": " + actual + ", at least " + least + " required; " + howToLower;
        return new LimitExceededException(limit, actual, message, least);
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
     * Returns the bound.
     *
     * @return the greatest value accepted, or the least where the input is too small
     */
    public long allowed() {
        return allowed;
    }
}
