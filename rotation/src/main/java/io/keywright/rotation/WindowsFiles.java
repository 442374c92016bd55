package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where OpenSSH for Windows keeps keys (its sshd_config_default): those of the members of Administrators are all in one file
 * below the program data directory, which sshd ignores unless nobody but Administrators and SYSTEM may reach it.
 */
final class WindowsFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    private static final String VERSION = "OpenSSH_for_Windows";
    private static final String PROGRAM_DATA = "/C:/ProgramData";
    private static final String ADMINISTRATORS_FILE = "/ssh/administrators_authorized_keys";
    /** The group Administrators, in every language. */
    private static final String ADMINISTRATORS = "S-1-5-32-544";

    private WindowsFiles() {}

    static boolean areOn(SshConnection connection) {
        return connection.serverVersion().contains(VERSION);
    }

    /** Expands the token of OpenSSH for Windows. */
    static String expand(String file) {
        return file.replace("__PROGRAMDATA__", PROGRAM_DATA);
    }

    /** The files that sshd reads for the account: the common one for administrators, else the user's own. */
    static List<String> standard(SshConnection connection, SftpSession sftp) {
        return isAdministrator(connection, sftp)
                ? List.of("__PROGRAMDATA__" + ADMINISTRATORS_FILE)
                : List.of("%h/.ssh/authorized_keys");
    }

    /** A file that an edit begins has the line ends of its system; one that is there keeps its own. */
    static AuthorizedKeys withLineEnds(AuthorizedKeys before, AuthorizedKeys after) {
        if (!before.lines().isEmpty() || after.lines().isEmpty()) {
            return after;
        }
        String text = new String(after.toBytes(), StandardCharsets.ISO_8859_1);
        return AuthorizedKeys.parse(
                text.replace("\r\n", "\n").replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isAdministrator(SshConnection connection, SftpSession sftp) {
        try {
            ExecResult groups = connection.exec(ExecRequest.of("whoami /groups"));
            if (groups.succeeded()) {
                return groups.stdoutText().contains(ADMINISTRATORS);
            }
        } catch (ChannelRefusedException e) {
            LOG.debug("{} runs no commands: asking for the file instead", connection.target());
        }
        try {
            // Nobody else may even look at it.
            return sftp.stat(PROGRAM_DATA + ADMINISTRATORS_FILE).isPresent();
        } catch (SftpException e) {
            return false;
        }
    }

    /** Gives a new file that all administrators share the access list that sshd asks for. */
    static void protect(SshConnection connection, String path) {
        if (!path.endsWith(ADMINISTRATORS_FILE)) {
            return; // below a user's profile, the inherited list is the right one
        }
        String local = path.substring(1).replace('/', '\\');
        try {
            ExecResult result = connection.exec(ExecRequest.of("icacls.exe \"" + local + "\" /inheritance:r /grant \"*"
                    + ADMINISTRATORS + ":F\" /grant \"*S-1-5-18:F\""));
            if (result.succeeded()) {
                return;
            }
        } catch (ChannelRefusedException e) {
            LOG.debug("{} runs no commands", connection.target());
        }
        throw new RemoteFileException(
                RemoteFileException.Reason.NOT_WRITABLE,
                path,
                "it was missing, and icacls could not give it the access list that sshd asks for: make it by hand, for"
                        + " Administrators and SYSTEM alone",
                null);
    }
}
