package io.keywright.transport;

/** Thrown when the SFTP server answers a request with an error status. */
public final class SftpException extends TransportException {
    private static final long serialVersionUID = 1;

    /** The server's answer (draft-ietf-secsh-filexfer, section "Responses from the Server to the Client"). */
    public enum Status {
        /** There is no such file or directory. */
        NO_SUCH_FILE,
        /** The user may not do that. */
        PERMISSION_DENIED,
        /** Failed without a reason: version 3's answer to nearly everything, "exists already" included. */
        FAILURE,
        /** The file exists already (later drafts, and some version 3 servers). */
        FILE_ALREADY_EXISTS,
        /** The disk or the quota is full (later drafts, and some version 3 servers). */
        NO_SPACE,
        /** The server does not know this request. */
        UNSUPPORTED,
        /** Any other status. */
        OTHER
    }

    private final Status status;
    private final String path;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param status the server's answer
     * @param operation what was asked, e.g. {@code "open"}
     * @param path the path it was about
     * @param serverMessage the server's own words
     */
    public SftpException(SshTarget target, Status status, String operation, String path, String serverMessage) {
        super(
                target,
                Phase.SFTP,
                false,
                "SFTP " + operation + " of " + path + ": " + status + " (" + serverMessage + ")",
                null);
        this.status = status;
        this.path = path;
    }

    /**
     * Returns the server's answer.
     *
     * @return the status
     */
    public Status status() {
        return status;
    }

    /**
     * Returns the path that the request was about.
     *
     * @return the remote path
     */
    public String path() {
        return path;
    }
}
