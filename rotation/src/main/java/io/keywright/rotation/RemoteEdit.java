package io.keywright.rotation;

import java.util.List;

/**
 * What became of an edit of one remote file.
 *
 * @param path the file's real path on the server
 * @param method how it was edited
 * @param changed false when the file was already right
 * @param atomic whether readers saw the old file or the new one and nothing between
 * @param durable whether the new content was forced to the disk before it took the old one's place
 * @param retries how often a foreign writer made the edit start again
 * @param warnings trouble that did not stop the edit, each a sentence
 */
public record RemoteEdit(
        String path,
        EditMethod method,
        boolean changed,
        boolean atomic,
        boolean durable,
        int retries,
        List<String> warnings) {

    /** Copies the list. */
    public RemoteEdit {
        warnings = List.copyOf(warnings);
    }

    /**
     * Says how the file was edited and what that promises.
     *
     * @return e.g. {@code "by sftp, atomic, durable"}
     */
    public String describe() {
        return "by " + method.label() + promise(atomic, durable);
    }

    /** Says what one edit, or the weakest of several, promises. */
    static String promise(boolean atomic, boolean durable) {
        return (atomic ? ", atomic" : ", not atomic") + (durable ? ", durable" : ", not forced to the disk");
    }

    /** A file that was right already: nothing was written, so nothing could be torn or lost. */
    static RemoteEdit unchanged(String path, EditMethod method, int retries) {
        return new RemoteEdit(path, method, false, true, true, retries, List.of());
    }
}
