package io.keywright.rotation;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.PosixRename;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.security.SecureRandom;
import java.util.Optional;

/** Chooses how to edit, by asking the server what it can do; the best way that it can comes first. */
final class EditorChoice {
    private EditorChoice() {}

    /** For the account that is logged in: SFTP with a rename over the file, else a shell. */
    static FileEditor forOwnAccount(
            SshConnection connection, RemoteLock.Owner owner, SecureRandom random, Pause pause) {
        SftpSession sftp;
        try {
            sftp = connection.openSftp();
        } catch (ChannelRefusedException e) {
            return ShellEditor.open(connection, ShellAccess.SELF, owner, random, pause)
                    .orElseThrow(() -> new ChannelRefusedException(
                            connection.target(),
                            e.phase(),
                            "the server, or the key logged in with, allows neither SFTP nor a POSIX shell",
                            e));
        }
        boolean chosen = false;
        try {
            Optional<PosixRename> rename = sftp.posixRename();
            if (rename.isPresent()) {
                SftpFiles files = new SftpFiles(sftp);
                chosen = true;
                return new SftpEditor(
                        files,
                        new RenameReplacement(files, rename.get(), random),
                        Device.DEFAULT_AUTHORIZED_KEYS_FILES,
                        owner,
                        random,
                        pause);
            }
            return ShellEditor.open(connection, ShellAccess.SELF, owner, random, pause)
                    .orElseThrow(() -> new UnsupportedOperationException("in place"));
        } finally {
            if (!chosen) {
                sftp.close();
            }
        }
    }
}
