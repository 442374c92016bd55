package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;

/**
 * What a server said when it was asked about public keys.
 *
 * @param hostKey the host key that the server proved to own
 * @param serverVersion its identification string, e.g. {@code "SSH-2.0-OpenSSH_9.2p1"}
 * @param answers one answer for each key that was asked about, in the same order
 */
public record ProbeReport(SshPublicKey hostKey, String serverVersion, List<ProbeAnswer> answers) {

    /** Copies the list. */
    public ProbeReport {
        answers = List.copyOf(answers);
    }
}
