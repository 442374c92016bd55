package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;

/**
 * What a verifier thinks of a host key.
 *
 * @param status the verdict
 * @param known the keys that are on record for the host, for the error message
 */
public record HostKeyVerdict(Status status, List<SshPublicKey> known) {

    /** Copies the list. */
    public HostKeyVerdict {
        known = List.copyOf(known);
    }

    /** Verdicts. */
    public enum Status {
        /** The key is the right one. */
        ACCEPTED,
        /** Nothing is on record for this host. */
        UNKNOWN,
        /** Other keys are on record for this host: possibly another machine answers. */
        CHANGED,
        /** The key is marked as revoked. */
        REVOKED
    }
}
