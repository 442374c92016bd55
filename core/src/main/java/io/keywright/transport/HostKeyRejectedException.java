package io.keywright.transport;

import io.keywright.SshPublicKey;
import java.util.List;

/** Thrown when a host key is not the right one; nothing secret has been sent by then. */
public final class HostKeyRejectedException extends TransportException {
    private static final long serialVersionUID = 1;

    private final transient SshPublicKey presented;
    private final transient HostKeyVerdict verdict;

    /**
     * Creates the exception.
     *
     * @param target whom the call was for
     * @param presented the key that the server showed
     * @param verdict why it is not accepted
     */
    public HostKeyRejectedException(SshTarget target, SshPublicKey presented, HostKeyVerdict verdict) {
        super(target, Phase.HOST_KEY, false, describe(presented, verdict), null);
        this.presented = presented;
        this.verdict = verdict;
    }

    /**
     * Returns the key that the server showed.
     *
     * @return the presented host key
     */
    public SshPublicKey presented() {
        return presented;
    }

    /**
     * Returns why the key is not accepted.
     *
     * @return unknown, changed or revoked, with the keys on record
     */
    public HostKeyVerdict verdict() {
        return verdict;
    }

    private static String describe(SshPublicKey presented, HostKeyVerdict verdict) {
        String shown = presented.algorithm() + " " + presented.fingerprint();
        return switch (verdict.status()) {
            case UNKNOWN ->
                "the host key " + shown + " is unknown: check it with the server's owner and add it to known_hosts";
            case CHANGED ->
                "the host key has changed to " + shown + ", on record are " + fingerprints(verdict.known())
                        + ": another machine may be answering; nothing was sent";
            case REVOKED -> "the host key " + shown + " is revoked";
            case ACCEPTED -> throw new IllegalArgumentException("an accepted host key is no error");
        };
    }

    private static List<String> fingerprints(List<SshPublicKey> keys) {
        return keys.stream().map(key -> key.fingerprint().toString()).toList();
    }
}
