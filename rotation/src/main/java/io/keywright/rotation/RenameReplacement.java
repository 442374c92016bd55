package io.keywright.rotation;

import io.keywright.transport.PosixRename;
import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpException;
import io.keywright.transport.SftpSession;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file written beside, with the original's owner and mode, and renamed over it in one step. */
final class RenameReplacement implements SftpReplacement {
    private final SftpFiles files;
    private final SftpSession sftp;
    private final PosixRename rename;
    private final SelinuxContext context;
    private final SecureRandom random;

    RenameReplacement(SftpFiles files, PosixRename rename, SelinuxContext context, SecureRandom random) {
        this.files = files;
        this.sftp = files.session();
        this.rename = rename;
        this.context = context;
        this.random = random;
    }

    @Override
    public EditMethod method() {
        return EditMethod.SFTP;
    }

    @Override
    public Result replace(Change change) {
        List<String> warnings = new ArrayList<>();
        String path = change.path();
        String temporary = FileEditor.parent(path) + "/.keywright-" + RemoteLock.nonce(random);
        boolean durable = files.create(temporary, change.after());
        boolean renamed = false;
        try {
            change.original().ifPresent(attributes -> keepOwnerAndMode(path, temporary, attributes, warnings));
            if (!Arrays.equals(change.before(), files.contentAgain(path))) {
                return new Result.Again(false);
            }
            change.mayWrite().run();
            rename.posixRename(temporary, path);
            renamed = true;
        } catch (SftpException e) {
            throw SftpFiles.notWritable(path, e);
        } finally {
            if (!renamed) {
                files.removeQuietly(temporary);
            }
        }
        if (!Arrays.equals(change.after(), files.contentAgain(path))) {
            return new Result.Again(true);
        }
        // Whoever wrote into the original in the one round trip since it was compared has written into what is gone
        // now.
        Optional<byte[]> replaced = change.held().map(held -> held.read(FileEditor.MAX_FILE_BYTES));
        if (replaced.isPresent() && !Arrays.equals(replaced.get(), change.before())) {
            return new Result.Overtaken(replaced.get());
        }
        context.restore(path).ifPresent(warnings::add);
        return new Result.Done(true, durable, warnings);
    }

    /** sshd wants the file to belong to the user or root, and the owner wants the mode that was there. */
    private void keepOwnerAndMode(String path, String temporary, RemoteAttributes original, List<String> warnings) {
        RemoteAttributes ours = sftp.lstat(temporary)
                .orElseThrow(() -> new RemoteFileException(
                        RemoteFileException.Reason.KEEPS_CHANGING, temporary, "the temporary file has vanished", null));
        if (original.uid().isPresent()
                && ours.uid().isPresent()
                && !original.uid().equals(ours.uid())) {
            boolean atHome = path.startsWith(files.home() + "/");
            if (atHome && original.uid().getAsInt() != 0) {
                throw foreignOwner(path, original, null);
            }
            try {
                sftp.setOwner(
                        temporary, original.uid().getAsInt(), original.gid().orElse(0));
            } catch (SftpException e) {
                throw foreignOwner(path, original, e);
            }
        } else if (original.gid().isPresent() && !original.gid().equals(ours.gid())) {
            try {
                sftp.setOwner(
                        temporary, original.uid().orElseThrow(), original.gid().getAsInt());
            } catch (SftpException e) {
                // The group of this file decides nothing unless the mode gives it something.
                warnings.add("the file's group could not be kept");
            }
        }
        int mode = original.permissions().orElse(FileEditor.NEW_FILE_MODE);
        if (ours.permissions().orElse(-1) != mode) {
            sftp.setPermissions(temporary, mode);
        }
    }

    private static RemoteFileException foreignOwner(
            String path, RemoteAttributes original, @Nullable SftpException cause) {
        return new RemoteFileException(
                RemoteFileException.Reason.FOREIGN_OWNER,
                path,
                "it belongs to uid " + original.uid().orElse(-1)
                        + ", who is not this account's user: sshd reads it for nobody else, and only its owner or root"
                        + " may replace it",
                cause);
    }
}
