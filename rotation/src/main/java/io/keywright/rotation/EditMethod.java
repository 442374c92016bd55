package io.keywright.rotation;

/** How a remote file was edited; chosen by asking the server what it can do. A choice that may grow. */
public enum EditMethod {
    /** Over SFTP: a file written beside it was renamed over it in one step ({@code posix-rename@openssh.com}). */
    SFTP("sftp"),
    /** By a script in the account's POSIX shell, where there is no SFTP or none that can rename over a file. */
    SHELL("shell"),
    /** By the same script, run for the account by root or through sudo. */
    PRIVILEGED_SHELL("privileged-shell"),
    /** Over SFTP, into the file itself: the server can neither rename over a file nor run a shell. */
    SFTP_IN_PLACE("sftp-in-place"),
    /** Over SFTP, into the file itself, which so keeps its access list: Windows. */
    WINDOWS("windows");

    private final String label;

    EditMethod(String label) {
        this.label = label;
    }

    /**
     * Names the method in reports.
     *
     * @return e.g. {@code "sftp-in-place"}
     */
    public String label() {
        return label;
    }

    static EditMethod ofLabel(String label) {
        for (EditMethod method : values()) {
            if (method.label.equals(label)) {
                return method;
            }
        }
        throw new JournalException("a journal names the unknown way to edit " + label, null);
    }
}
