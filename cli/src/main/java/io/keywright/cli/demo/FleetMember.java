package io.keywright.cli.demo;

import io.keywright.SshPublicKey;
import java.nio.file.Path;

/**
 * A server of the fleet, as the process that started the fleet sees it.
 *
 * @param id its name
 * @param port where it listens on the loopback address
 * @param hostKey its host key, told by the fleet itself and not over SSH
 * @param keysFile its {@code authorized_keys}, on this machine
 */
record FleetMember(String id, int port, SshPublicKey hostKey, Path keysFile) {
    static final String HOST = EmbeddedFleet.HOST;
    static final String USER = "deploy";

    /** Where a server's file is, below its directory. */
    static Path keysFileIn(Path serverDirectory) {
        return serverDirectory.resolve("home").resolve(USER).resolve(".ssh").resolve("authorized_keys");
    }
}
