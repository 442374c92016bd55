package io.keywright.rotation;

import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.TransportException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SELinux contexts of files that are written over SFTP, which knows nothing of them: a new file gets that of its
 * directory. Where the server has SELinux and runs commands, {@code restorecon} gives a file the one that the policy names for
 * its place; else that is said.
 */
final class SelinuxContext {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteAuthorizedKeys.class);
    // Of selinuxfs, which is mounted where SELinux is on.
    private static final String MARK = "/sys/fs/selinux/enforce";
    private static final int NOT_FOUND = 127;

    private final SshConnection connection;
    private final Supplier<Optional<RemoteAttributes>> mark;
    private @Nullable Boolean on;

    SelinuxContext(SshConnection connection, SftpSession sftp) {
        this.connection = connection;
        this.mark = sftp.sendStat(MARK);
    }

    /**
     * Gives a file the context of its place.
     *
     * @return what to warn of; empty when all is well
     */
    Optional<String> restore(String path) {
        return !isOn() || restored(path)
                ? Optional.empty()
                : Optional.of(
                        "the server has SELinux, and restorecon could not be run over this connection: the file has"
                                + " the context of its directory (ls -Z shows it)");
    }

    private boolean isOn() {
        if (on == null) {
            try {
                on = mark.get().isPresent();
            } catch (SftpException e) {
                on = false; // nobody is shut out from it where it is
            }
        }
        return on;
    }

    private boolean restored(String path) {
        try {
            // Not every account has it on its path.
            for (String program : List.of("restorecon", "/usr/sbin/restorecon")) {
                ExecResult result = connection.exec(ExecRequest.of(program + " " + RemoteShell.word(path)));
                if (result.exitStatus().orElse(NOT_FOUND) != NOT_FOUND) {
                    return result.succeeded();
                }
            }
        } catch (TransportException | RemoteFileException e) {
            LOG.debug("{} runs no such command: {}", connection.target(), e.getMessage());
        }
        return false;
    }
}
