package io.keywright.transport.sshd;

import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.Handshake;
import java.io.StreamCorruptedException;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.SshException;

/** What a {@link HandshakeSession} tells, in the words of MINA. */
final class SshdHandshake extends Handshake {
    /** Where a MINA session keeps its handshake. */
    static final AttributeKey<SshdHandshake> KEY = new AttributeKey<>();

    SshdHandshake(SshTarget target, AuthenticationDialogue dialogue) {
        super(target, dialogue);
    }

    /** Something went wrong in MINA, or in the network beneath it. */
    void failed(Throwable cause) {
        boolean protocol = cause instanceof SshException
                || cause instanceof StreamCorruptedException
                || cause instanceof RuntimeException;
        if (protocol) {
            broken(cause);
        } else {
            lost("the connection broke: " + cause.getMessage(), cause);
        }
    }

    /** The connection ended without a word. */
    void closed() {
        lost("the server closed the connection", null);
    }
}
