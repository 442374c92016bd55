package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.SshConnection;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Edits the files of another account than the one that is logged in: as that account where that is allowed and enough, else as
 * root, who gives the file to the account.
 */
final class PrivilegedEditor implements FileEditor {
    private final List<ShellEditor> ways;

    private PrivilegedEditor(List<ShellEditor> ways) {
        this.ways = ways;
    }

    static FileEditor open(
            SshConnection connection, String account, RemoteLock.Owner owner, SecureRandom random, Pause pause) {
        ShellEditor own = ShellEditor.open(connection, RunAs.SELF, owner, random, pause)
                .orElseThrow(() -> refused(connection, account, "there is no POSIX shell to do it in"));
        List<ShellEditor> ways = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        for (RunAs way : RunAs.to(account, own.uid() == 0)) {
            Optional<ShellEditor> found = ShellEditor.open(connection, way, owner, random, pause);
            if (found.isPresent()) {
                ways.add(found.get());
            } else {
                complaints.add(way.description() + ": "
                        + ShellEditor.hello(new RemoteShell(connection, way)).complaint());
            }
        }
        if (ways.isEmpty()) {
            throw refused(
                    connection,
                    account,
                    complaints.isEmpty()
                            ? "a shell is given no account name but of letters, digits, '.', '_' and '-'"
                            : String.join("; ", complaints));
        }
        return new PrivilegedEditor(ways);
    }

    private static RemoteFileException refused(SshConnection connection, String account, String why) {
        return new RemoteFileException(
                RemoteFileException.Reason.NO_PRIVILEGE,
                account,
                connection.target() + " may not edit this account's keys: " + why
                        + " (it takes root, or sudo without a password)",
                null);
    }

    @Override
    public EditMethod method() {
        return EditMethod.PRIVILEGED_SHELL;
    }

    @Override
    public String home() {
        return ways.get(0).home();
    }

    @Override
    public List<String> standardFiles() {
        return ways.get(0).standardFiles();
    }

    @Override
    public RemoteFile read(String path) {
        return firstThatMay(way -> way.read(path));
    }

    @Override
    public RemoteEdit edit(String path, UnaryOperator<AuthorizedKeys> edit, Runnable guard) {
        return firstThatMay(way -> way.edit(path, edit, guard));
    }

    /** Files outside the home, in a directory that is root's, are nothing that the account itself can write. */
    private <T> T firstThatMay(Function<ShellEditor, T> action) {
        for (int i = 0; ; i++) {
            try {
                return action.apply(ways.get(i));
            } catch (RemoteFileException e) {
                boolean permission = e.reason() == RemoteFileException.Reason.NOT_WRITABLE
                        || e.reason() == RemoteFileException.Reason.FOREIGN_OWNER;
                if (!permission || i == ways.size() - 1) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void close() {
        ways.forEach(ShellEditor::close);
    }
}
