package io.keywright.rotation;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.PosixRename;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Chooses how to edit, by asking the server what it can do; the best way that it can comes first. */
final class EditorChoice {
    /** Where OpenWrt's dropbear looks for root's keys. */
    private static final String OPENWRT_ROOT = "/etc/dropbear/authorized_keys";

    private static final String OPENWRT_MARK = "/etc/openwrt_release";

    private final SshConnection connection;
    private final Supplier<SshConnection> second;
    private final RemoteLock.Owner owner;
    private final SecureRandom random;
    private final Pause pause;
    private final List<String> soon;

    /**
     * Begins.
     *
     * @param second opens a second connection to the same account, or gives the first again
     * @param soon files that are looked at next, relative to the home
     */
    EditorChoice(
            SshConnection connection,
            Supplier<SshConnection> second,
            RemoteLock.Owner owner,
            SecureRandom random,
            Pause pause,
            List<String> soon) {
        this.connection = connection;
        this.second = second;
        this.owner = owner;
        this.random = random;
        this.pause = pause;
        this.soon = List.copyOf(soon);
    }

    /** For another account than the one that is logged in. */
    FileEditor forAccount(String account) {
        return PrivilegedEditor.open(connection, account, owner, random, pause);
    }

    /** For the account that is logged in: SFTP with a rename over the file, else a shell, else SFTP into the file. */
    FileEditor forOwnAccount() {
        SftpSession sftp;
        try {
            sftp = connection.openSftp();
        } catch (ChannelRefusedException e) {
            return shell().orElseThrow(() -> new ChannelRefusedException(
                    connection.target(),
                    e.phase(),
                    "the server, or the key logged in with, allows neither SFTP nor a POSIX shell",
                    e));
        }
        Optional<FileEditor> editor = Optional.empty();
        try {
            editor = Optional.of(over(sftp));
            return editor.get();
        } finally {
            if (editor.isEmpty() || editor.get().method() == EditMethod.SHELL) {
                sftp.close();
            }
        }
    }

    private FileEditor over(SftpSession sftp) {
        Optional<PosixRename> rename = sftp.posixRename();
        SftpFiles files = new SftpFiles(sftp, soon);
        if (WindowsFiles.areOn(connection)) {
            // A rename would leave the file with the directory's access list in place of its own.
            return editor(
                    files,
                    new InPlaceReplacement(
                            files,
                            EditMethod.WINDOWS,
                            random,
                            connection,
                            second,
                            path -> WindowsFiles.protect(connection, path)),
                    WindowsFiles.standard(connection, sftp));
        } else if (rename.isPresent()) {
            return editor(
                    files,
                    new RenameReplacement(files, rename.get(), new SelinuxContext(connection, sftp), random),
                    standardFiles(sftp));
        }
        return shell().orElseGet(() -> editor(
                files,
                new InPlaceReplacement(files, EditMethod.SFTP_IN_PLACE, random, connection, second, path -> {}),
                standardFiles(sftp)));
    }

    private Optional<FileEditor> shell() {
        return ShellEditor.open(connection, RunAs.SELF, owner, random, pause).map(FileEditor.class::cast);
    }

    private FileEditor editor(SftpFiles files, SftpReplacement replacement, List<String> standardFiles) {
        return new SftpEditor(files, replacement, standardFiles, owner, random, pause);
    }

    private List<String> standardFiles(SftpSession sftp) {
        boolean dropbear = DropbearLimits.applyTo(connection.serverVersion());
        boolean openWrtRoot = dropbear
                && connection.target().user().equals("root")
                && sftp.stat(OPENWRT_MARK).isPresent();
        return standardFiles(dropbear, openWrtRoot);
    }

    /** The files that a server reads unless it is configured otherwise. */
    static List<String> standardFiles(boolean dropbear, boolean openWrtRoot) {
        if (openWrtRoot) {
            return List.of(OPENWRT_ROOT, "%h/.ssh/authorized_keys");
        }
        return dropbear ? List.of("%h/.ssh/authorized_keys") : Device.DEFAULT_AUTHORIZED_KEYS_FILES;
    }
}
