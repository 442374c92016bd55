package io.keywright.transport.sshj;

import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.AuthenticationDialogue.Step;
import net.schmizz.sshj.AbstractService;
import net.schmizz.sshj.Service;
import net.schmizz.sshj.common.Message;
import net.schmizz.sshj.common.SSHException;
import net.schmizz.sshj.common.SSHPacket;
import net.schmizz.sshj.transport.Transport;

/** Carries an {@link AuthenticationDialogue} over sshj's transport, as its service {@code ssh-userauth}. */
final class AuthenticationService extends AbstractService {
    private final SshjHandshake handshake;
    private final Outbox outbox;
    private final Service next;

    AuthenticationService(Transport transport, SshjHandshake handshake, Outbox outbox, Service next) {
        super("ssh-userauth", transport);
        this.handshake = handshake;
        this.outbox = outbox;
        this.next = next;
    }

    /** Asks for the service and sends the first request. */
    void begin() throws SSHException {
        request();
        take(handshake.dialogue().start(trans.getSessionID(), handshake.signatureAlgorithms()));
    }

    @Override
    public void handle(Message message, SSHPacket packet) throws SSHException {
        // sshj knows few numbers, and calls all others unknown.
        int number = packet.array()[packet.rpos() - 1] & 0xff;
        if (number != AuthenticationDialogue.BANNER) {
            take(handshake.dialogue().receive(number, packet.getCompactData()));
        }
    }

    @Override
    public void notifyError(SSHException error) {
        handshake.failed(error);
    }

    private void take(Step step) {
        if (step instanceof Step.Send send) {
            // Large enough from the start: growing would leave copies of a password behind.
            SSHPacket packet = new SSHPacket(Message.fromByte((byte) send.command()));
            packet.ensureCapacity(send.sizeBytes() + Outbox.MAX_OVERHEAD_BYTES);
            send.write(packet::putRawBytes);
            outbox.send(packet);
        } else if (step instanceof Step.Later later) {
            handshake.askCaller(() -> take(later.work().get()));
        } else if (step instanceof Step.LoggedIn) {
            trans.setAuthenticated();
            trans.setService(next);
            handshake.authenticated().complete(null);
        } else {
            handshake.take(step);
        }
    }
}
