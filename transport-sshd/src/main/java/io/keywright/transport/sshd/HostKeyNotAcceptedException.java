package io.keywright.transport.sshd;

import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;

/** Tells MINA to hang up because of the host key, politely. */
final class HostKeyNotAcceptedException extends SshException {
    private static final long serialVersionUID = 1;

    HostKeyNotAcceptedException() {
        super(SshConstants.SSH2_DISCONNECT_HOST_KEY_NOT_VERIFIABLE, "the host key was not accepted");
    }
}
