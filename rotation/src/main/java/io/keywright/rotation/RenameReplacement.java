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
import java.util.OptionalInt;
import java.util.function.Supplier;
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
        SftpFiles.Begun begun = files.begin(temporary, change.after());
        boolean renamed = false;
        Supplier<SftpFiles.Sight> result;
        try {
            if (!mayReplace(change, temporary, begun, warnings)) {
                return new Result.Again(false);
            }
            Runnable renaming = rename.send(temporary, path);
            result = files.sendLook(path);
            change.changed().run();
            renaming.run();
            renamed = true;
        } catch (SftpException e) {
            throw SftpFiles.notWritable(path, e);
        } finally {
            if (!renamed) {
                files.removeQuietly(temporary);
            }
        }
        // Whoever wrote into the original in the round trip since it was compared has written into what is gone now.
        Optional<Supplier<byte[]>> replaced = change.held().map(held -> held.sendRead(FileEditor.MAX_FILE_BYTES));
        if (!Arrays.equals(change.after(), result.get().content())) {
            return new Result.Again(true);
        }
        Optional<byte[]> overtaken = replaced.map(reading -> SftpFiles.content(reading, path))
                .filter(content -> !Arrays.equals(content, change.before()));
        if (overtaken.isPresent()) {
            return new Result.Overtaken(overtaken.get());
        }
        context.restore(path).ifPresent(warnings::add);
        return new Result.Done(true, begun.durable(), warnings);
    }

    /**
     * Waits for the temporary file, which gets the original's owner and mode, and looks at the original for the last time. All
     * of this is asked at once.
     *
     * @return false when the original is not what was edited
     */
    private boolean mayReplace(Change change, String temporary, SftpFiles.Begun begun, List<String> warnings) {
        String path = change.path();
        int mode = mode(change.original());
        Runnable modeSet = mode == FileEditor.NEW_FILE_MODE ? () -> {} : sftp.sendPermissions(temporary, mode);
        Supplier<Optional<RemoteAttributes>> ours = sftp.sendLstat(temporary);
        Supplier<SftpFiles.Sight> original = files.sendLook(path);
        Runnable mayWrite = change.mayWrite().get();
        begun.written().run();
        modeSet.run();
        RemoteAttributes made = ours.get()
                .orElseThrow(() -> new RemoteFileException(
                        RemoteFileException.Reason.KEEPS_CHANGING, temporary, "the temporary file has vanished", null));
        SftpFiles.Sight seen = original.get();
        Optional<RemoteAttributes> like = seen.attributes().or(change::original);
        if (like.isPresent() && keepOwnerAndMode(path, temporary, made, like.get(), warnings)) {
            // That took its time, in which others may have written.
            original = files.sendLook(path);
            mayWrite = change.mayWrite().get();
            seen = original.get();
        }
        if (!Arrays.equals(change.before(), seen.content())) {
            return false;
        }
        mayWrite.run();
        return true;
    }

    private static int mode(Optional<RemoteAttributes> original) {
        return original.map(RemoteAttributes::permissions)
                .orElse(OptionalInt.empty())
                .orElse(FileEditor.NEW_FILE_MODE);
    }

    /**
     * sshd wants the file to belong to the user or root, and the owner wants the mode that was there.
     *
     * @return whether anything had to be asked for that
     */
    private boolean keepOwnerAndMode(
            String path, String temporary, RemoteAttributes ours, RemoteAttributes original, List<String> warnings) {
        boolean asked = false;
        if (original.uid().isPresent()
                && ours.uid().isPresent()
                && !original.uid().equals(ours.uid())) {
            boolean atHome = path.startsWith(files.home() + "/");
            if (atHome && original.uid().getAsInt() != 0) {
                throw foreignOwner(path, original, null);
            }
            asked = true;
            try {
                sftp.setOwner(
                        temporary, original.uid().getAsInt(), original.gid().orElse(0));
            } catch (SftpException e) {
                throw foreignOwner(path, original, e);
            }
        } else if (original.gid().isPresent() && !original.gid().equals(ours.gid())) {
            asked = true;
            try {
                sftp.setOwner(
                        temporary, original.uid().orElseThrow(), original.gid().getAsInt());
            } catch (SftpException e) {
                // The group of this file decides nothing unless the mode gives it something.
                warnings.add("the file's group could not be kept");
            }
        }
        int mode = mode(Optional.of(original));
        if (ours.permissions().orElse(-1) != mode) {
            asked = true;
            sftp.setPermissions(temporary, mode);
        }
        return asked;
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
