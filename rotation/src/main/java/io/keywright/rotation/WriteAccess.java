package io.keywright.rotation;

import io.keywright.transport.RemoteAttributes;
import io.keywright.transport.SftpSession;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells from owners and modes whether an account may replace a file, without trying. A file system that is full or read-only
 * is not seen this way.
 */
final class WriteAccess {
    private static final int OWNER_MAY_ADD = 0300;
    private static final int ANYBODY_MAY_ADD = 0003;

    private final SftpSession sftp;
    private final Optional<Integer> account;

    WriteAccess(SftpSession sftp) {
        this.sftp = sftp;
        this.account = sftp.stat(sftp.realPath(".")).flatMap(WriteAccess::owner);
    }

    /** Says what is in the way, if that can be told. */
    Optional<String> obstacle(String path) {
        // Root may write everywhere, and a home that root owns does not tell who we are.
        if (account.isEmpty() || account.get() == 0) {
            return Optional.empty();
        }
        Optional<Integer> owner = sftp.stat(path).flatMap(WriteAccess::owner);
        if (owner.isPresent() && !owner.equals(account)) {
            return Optional.of(path + " belongs to uid " + owner.get() + ", and the account is uid " + account.get());
        }
        String directory = FileEditor.parent(path);
        Optional<RemoteAttributes> found = sftp.stat(directory);
        while (found.isEmpty() && directory.length() > 1) {
            directory = FileEditor.parent(directory);
            found = sftp.stat(directory);
        }
        String place = directory;
        return found.filter(attributes -> attributes.permissions().isPresent())
                .filter(attributes -> !mayAdd(attributes))
                .map(attributes -> String.format(
                        Locale.ROOT,
                        "the account may not write in %s, which has mode %04o and belongs to uid %s",
                        place,
                        attributes.permissions().orElse(0),
                        owner(attributes).map(Object::toString).orElse("unknown")));
    }

    private boolean mayAdd(RemoteAttributes directory) {
        int needed = owner(directory).equals(account) ? OWNER_MAY_ADD : ANYBODY_MAY_ADD;
        boolean groupMay = needed == ANYBODY_MAY_ADD && (directory.permissions().orElse(0) & 0030) == 0030;
        return groupMay || (directory.permissions().orElse(0) & needed) == needed;
    }

    private static Optional<Integer> owner(RemoteAttributes attributes) {
        return attributes.uid().isPresent() ? Optional.of(attributes.uid().getAsInt()) : Optional.empty();
    }
}
