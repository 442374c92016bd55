package io.keywright.transport.sshd;

import io.keywright.transport.internal.AuthenticationDialogue;
import io.keywright.transport.internal.AuthenticationDialogue.Step;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.common.Service;
import org.apache.sshd.common.ServiceFactory;
import org.apache.sshd.common.kex.extension.DefaultClientKexExtensionHandler;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.closeable.AbstractCloseable;

/** Carries an {@link AuthenticationDialogue} over a MINA session, as its service {@code ssh-userauth}. */
final class AuthenticationService extends AbstractCloseable implements Service {
    /** Makes the service for a session. */
    static final ServiceFactory FACTORY = new ServiceFactory() {
        @Override
        public String getName() {
            return "ssh-userauth";
        }

        @Override
        public Service create(Session session) {
            return new AuthenticationService((HandshakeSession) session);
        }
    };

    private final HandshakeSession session;
    private final Map<String, Object> properties = new ConcurrentHashMap<>();
    private boolean started;

    private AuthenticationService(HandshakeSession session) {
        this.session = session;
    }

    @Override
    public Session getSession() {
        return session;
    }

    @Override
    public Map<String, Object> getProperties() {
        return properties;
    }

    /** Called when the service has been requested; the server need not have answered yet. */
    @Override
    public void start() {
        if (!session.handshake().dialogue().dependsOnServerAlgorithms()) {
            begin();
        }
    }

    /** Called when the server has answered, which is after its list of signature algorithms (RFC 8308, section 2.4). */
    void serviceAccepted() {
        begin();
    }

    private void begin() {
        synchronized (this) {
            if (started) {
                return;
            }
            started = true;
        }
        Collection<String> algorithms = session.getAttribute(DefaultClientKexExtensionHandler.SERVER_ALGORITHMS);
        take(session.handshake().dialogue().start(session.getSessionId(), algorithms));
    }

    @Override
    public void process(int command, Buffer message) {
        if (command != AuthenticationDialogue.BANNER) {
            byte[] body = new byte[message.available()];
            message.getRawBytes(body);
            take(session.handshake().dialogue().receive(command, body));
        }
    }

    private void take(Step step) {
        SshdHandshake handshake = session.handshake();
        try {
            if (step instanceof Step.Send send) {
                Buffer packet = session.createBuffer((byte) send.command(), send.sizeBytes());
                send.write(packet::putRawBytes);
                session.writePacket(packet);
            } else if (step instanceof Step.Later later) {
                handshake.askCaller(() -> take(later.work().get()));
            } else if (step instanceof Step.LoggedIn) {
                session.setAuthenticated();
                session.switchToNextService();
                handshake.authenticated().complete(null);
            } else {
                handshake.take(step);
            }
        } catch (IOException e) {
            handshake.failed(e);
        }
    }
}
