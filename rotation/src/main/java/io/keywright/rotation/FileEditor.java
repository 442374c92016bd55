package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A way to read and change the key files of one account on a server. All ways take the same lock, so that editors that use
 * different ones exclude each other: {@code FILE.keywright-lock}, a file when it was made over SFTP and a directory when a
 * shell made it.
 *
 * <p>Belongs to one thread.
 */
interface FileEditor extends AutoCloseable {
    /** The largest file that is edited, in bytes: some hundred thousand keys. */
    int MAX_FILE_BYTES = 64 << 20;

    /** How often an edit starts again because others changed the file meanwhile. */
    int MAX_STARTS = 10;

    /** The mode of a file that an edit makes. */
    int NEW_FILE_MODE = 0600;

    /** Returns how it edits. */
    EditMethod method();

    /** Returns the account's home directory, without symbolic links where the server resolves them. */
    String home();

    /** Returns the files that this server reads unless it is configured otherwise, the one to add to first. */
    List<String> standardFiles();

    /**
     * Reads a file.
     *
     * @param path absolute; may lead over symbolic links
     */
    RemoteFile read(String path);

    /** Reads a file for its keys alone, which takes fewer requests where permissions are requests of their own. */
    default AuthorizedKeys keys(String path) {
        return read(path).keys();
    }

    /**
     * Edits a file.
     *
     * @param path absolute; may lead over symbolic links
     * @param edit makes the new content of the old; may be asked several times
     * @param guard runs inside the lock, as the last thing before the change
     */
    RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard);

    @Override
    void close();

    /** Refuses a path that started at the home and leads out of it. */
    static void requireInside(String home, String path, String real) {
        String inside = home.equals("/") ? "/" : home + "/";
        if (path.startsWith(inside) && !real.startsWith(inside)) {
            throw new RemoteFileException(
                    RemoteFileException.Reason.OUTSIDE_HOME,
                    path,
                    "a symbolic link leads out of the home directory, to " + real,
                    null);
        }
    }

    /** What is thrown when a file never keeps still. */
    static RemoteFileException keepsChanging(String path) {
        return new RemoteFileException(
                RemoteFileException.Reason.KEEPS_CHANGING,
                path,
                "another program changed the file " + MAX_STARTS + " times while it was being edited; try later",
                null);
    }

    /** The directory of a path; empty above the root. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? (path.length() > 1 && slash == 0 ? "/" : "") : path.substring(0, slash);
    }
}
