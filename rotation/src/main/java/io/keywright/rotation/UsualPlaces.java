package io.keywright.rotation;

import io.keywright.SshPublicKey;
import io.keywright.transport.SftpException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where servers keep keys that are configured otherwise than usual, as far as packages and manuals propose it. */
final class UsualPlaces {
    private static final List<String> FILES = List.of(
            "%h/.ssh/authorized_keys",
            "%h/.ssh/authorized_keys2",
            "/etc/ssh/authorized_keys/%u",
            "/etc/ssh/authorized_keys.d/%u",
            "/etc/ssh/keys/%u");

    private UsualPlaces() {}

    /**
     * Looks for keys in them.
     *
     * @param seen real paths of files that need no look
     * @return the real paths of the others that have one of the keys
     */
    static List<String> holding(RemoteAuthorizedKeys remote, Collection<String> seen, Collection<SshPublicKey> keys) {
        List<String> holding = new ArrayList<>();
        for (String file : FILES) {
            try {
                RemoteFile found = remote.read(file);
                if (!seen.contains(found.path()) && keys.stream().anyMatch(found.keys()::contains)) {
                    holding.add(found.path());
                }
            } catch (SftpException | RemoteFileException e) {
                // What this account cannot read is no file of its own.
            }
        }
        return holding;
    }
}
