package io.keywright;

import org.jspecify.annotations.Nullable;

/** Thrown when the format of a key is recognised and its content is broken. */
public class MalformedKeyException extends SshKeyException {
    private static final long serialVersionUID = 1;

    private final String format;
    private final String where;

    /**
     * Creates the exception.
     *
     * @param format the format that was being read, e.g. {@code "openssh-key-v1"}
     * @param where the part of the format that is broken, e.g. {@code "private section, padding"}
     * @param problem expectation against fact, without any of the input's bytes
     */
    public MalformedKeyException(String format, String where, String problem) {
        this(format, where, problem, null);
    }

    /**
     * Creates the exception with a cause.
     *
     * @param format the format that was being read
     * @param where the part of the format that is broken
     * @param problem expectation against fact, without any of the input's bytes
     * @param cause the underlying failure
     */
    public MalformedKeyException(String format, String where, String problem, @Nullable Throwable cause) {
        super(format + ", " + where + ": " + problem, cause);
        this.format = format;
        this.where = where;
    }

    /**
     * Returns the format that is broken.
     *
     * @return the format's name
     */
    public String format() {
        return format;
    }

    /**
     * Returns the part of the format that is broken.
     *
     * @return a short description of the place
     */
    public String where() {
        return where;
    }
}
