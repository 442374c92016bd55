package io.keywright.rotation;

import io.keywright.authorizedkeys.AuthorizedKeys;
import java.util.List;

/**
 * One {@code authorized_keys} file as it was found on a server.
 *
 * @param path its real path
 * @param exists whether it is there
 * @param keys its content, empty when it is not there
 * @param strictModesTrouble what sshd's StrictModes will refuse about it, each a sentence; empty when all is well
 */
public record RemoteFile(String path, boolean exists, AuthorizedKeys keys, List<String> strictModesTrouble) {

    /** Copies the list. */
    public RemoteFile {
        strictModesTrouble = List.copyOf(strictModesTrouble);
    }
}
