package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.SshConnection;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The {@code authorized_keys} files of one account on a server, edited so that cooperating writers lose nothing and, where the
 * server can do it, readers see the old file or the new one.
 *
 * <p>A file that sshd reads beside others is edited like any other: a key that is removed from one file and left in another
 * still works, so callers go through all of them; {@link #standardFiles()} has those of a server with the usual settings.
 *
 * <p>How that is done is chosen by asking the server: over SFTP with a rename in one step; by a script in a POSIX shell; over
 * SFTP into the file itself. Each edit says which it was and what it promises. All take the same lock, so editors that use
 * different ones exclude each other. In every case: what is no regular file of this account is refused; the original is compared
 * with what was edited just before it is replaced, and the edit starts over when it is not the same; the new file is read back.
 *
 * <p>Belongs to one thread, as its connection does.
 */
public final class RemoteAuthorizedKeys implements AutoCloseable {
    /** The largest file that is edited, in bytes: some hundred thousand keys. */
    public static final int MAX_FILE_BYTES = FileEditor.MAX_FILE_BYTES;

    private final FileEditor editor;
    private final String user;
    private final boolean dropbear;

    private RemoteAuthorizedKeys(FileEditor editor, String user, SshConnection connection) {
        this.editor = editor;
        this.user = user;
        this.dropbear = DropbearLimits.applyTo(connection.serverVersion());
    }

    /**
     * Opens the files of the account that a connection is logged in to.
     *
     * @param connection stays the caller's
     * @param editor names this editor in the lock, so that others can tell who holds it; no blanks
     * @return the account's files; the caller closes them, which does not close the connection
     * @throws io.keywright.transport.ChannelRefusedException when the server, or the key logged in with, allows neither SFTP
     *     nor a shell
     * @throws IllegalArgumentException when the editor's name has blanks
     */
    public static RemoteAuthorizedKeys open(SshConnection connection, String editor) {
        return new RemoteAuthorizedKeys(
                choice(connection, editor).forOwnAccount(), connection.target().user(), connection);
    }

    /**
     * Opens the files of another account, by a shell: as that account where the one that is logged in may act as it, else as
     * root, who gives what is made to the account. Root goes there by {@code su}, anybody else by {@code sudo -n}, which
     * never asks for a password.
     *
     * @param connection logged in as root, or as somebody whom sudo lets in without a password; stays the caller's
     * @param account whose files are meant
     * @param editor names this editor in the lock; no blanks
     * @return the account's files; the caller closes them
     * @throws RemoteFileException with {@link RemoteFileException.Reason#NO_PRIVILEGE} when neither way leads there, or the
     *     account's name has other characters than letters, digits, dots, underscores and hyphens
     * @throws IllegalArgumentException when the editor's name has blanks
     */
    public static RemoteAuthorizedKeys openFor(SshConnection connection, String account, String editor) {
        return new RemoteAuthorizedKeys(choice(connection, editor).forAccount(account), account, connection);
    }

    private static EditorChoice choice(SshConnection connection, String editor) {
        if (!editor.matches("[!-~]{1,100}")) {
            throw new IllegalArgumentException("an editor's name has 1 to 100 printable characters and no blanks");
        }
        return new EditorChoice(
                connection,
                () -> connection,
                new RemoteLock.Owner(editor, 0, false),
                new SecureRandom(),
                Pause.sleeping(),
                List.of());
    }

    /** Opens the files of an account, whoever the connection is logged in as. */
    static RemoteAuthorizedKeys open(EditorChoice choice, SshConnection connection, String account) {
        boolean own = connection.target().user().equals(account);
        return new RemoteAuthorizedKeys(own ? choice.forOwnAccount() : choice.forAccount(account), account, connection);
    }

    /**
     * Returns how this server's files are edited.
     *
     * @return the way, as chosen when this was opened
     */
    public EditMethod method() {
        return editor.method();
    }

    /**
     * Returns the files that this server reads for the account unless it is configured otherwise.
     *
     * @return as in sshd_config(5), the one to add to first
     */
    public List<String> standardFiles() {
        return editor.standardFiles();
    }

    /**
     * Reads a file.
     *
     * @param file as in sshd_config(5): {@code %h}, {@code %u}, {@code %%}, or relative to the home
     * @return what was found
     * @throws RemoteFileException when it is nothing that sshd would read
     */
    public RemoteFile read(String file) {
        return editor.read(expand(file));
    }

    /** Reads a file for its keys alone. */
    AuthorizedKeys keys(String file) {
        return editor.keys(expand(file));
    }

    /**
     * Edits a file. The edit may be called several times and must depend on its argument only. A file, and its directory,
     * that are missing are made when the edit adds something.
     *
     * @param file as in sshd_config(5)
     * @param edit makes the new content of the old
     * @return what became of it
     * @throws RemoteFileException when the file cannot be edited
     * @throws io.keywright.authorizedkeys.EditRefusedException when the edit itself refuses
     * @throws io.keywright.transport.TransportException when the server gives no answer; where the method is atomic the file
     *     is then the old one or the new one, and the edit can be done again
     */
    public RemoteEdit edit(String file, UnaryOperator<AuthorizedKeys> edit) {
        return edit(file, edit, () -> {});
    }

    /** As {@link #edit(String, UnaryOperator)}, with a check that runs as the last thing before the change. */
    RemoteEdit edit(String file, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        String path = expand(file);
        UnaryOperator<AuthorizedKeys> fitting = edit;
        if (dropbear) {
            fitting = keys -> DropbearLimits.check(path, keys, edit.apply(keys));
        } else if (editor.method() == EditMethod.WINDOWS) {
            fitting = keys -> WindowsFiles.withLineEnds(keys, edit.apply(keys));
        }
        return editor.edit(path, fitting, guard);
    }

    /** Expands the tokens of sshd_config(5). */
    private String expand(String pattern) {
        String file = WindowsFiles.expand(pattern);
        StringBuilder expanded = new StringBuilder();
        for (int i = 0; i < file.length(); i++) {
            char c = file.charAt(i);
            char token = c == '%' && i + 1 < file.length() ? file.charAt(++i) : 0;
            switch (token) {
                case 0 -> expanded.append(c);
                case 'h' -> expanded.append(editor.home());
                case 'u' -> expanded.append(user);
                case '%' -> expanded.append('%');
                default ->
                    throw new IllegalArgumentException(
                            "authorized_keys file " + file + ": only %h, %u and %% are known");
            }
        }
        String path = expanded.charAt(0) == '/' ? expanded.toString() : editor.home() + "/" + expanded;
        return path.startsWith("//") ? path.substring(1) : path; // a home may be the root
    }

    /** Closes what was opened on the connection, not the connection. */
    @Override
    public void close() {
        editor.close();
    }
}
