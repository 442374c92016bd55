package io.keywright.transport.sshd;

import io.keywright.transport.TransportTimeouts;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.ClientFactoryManager;
import org.apache.sshd.client.session.ClientConnectionServiceFactory;
import org.apache.sshd.client.session.ClientSessionImpl;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.Service;
import org.apache.sshd.common.ServiceFactory;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.logging.SimplifiedLog;
import org.apache.sshd.core.CoreModuleProperties;

/** A MINA client session that tells its {@link SshdHandshake} what happens. */
final class HandshakeSession extends ClientSessionImpl {
    /** Makes the service for channels, which reads the session's settings when it is made. */
    static final ServiceFactory CONNECTION_SERVICE = new ServiceFactory() {
        @Override
        public String getName() {
            return ClientConnectionServiceFactory.INSTANCE.getName();
        }

        @Override
        public Service create(Session session) throws IOException {
            TransportTimeouts timeouts =
                    ((HandshakeSession) session).handshake().target().timeouts();
            CoreModuleProperties.IDLE_TIMEOUT.set(session, timeouts.idle());
            CoreModuleProperties.HEARTBEAT_INTERVAL.set(session, timeouts.keepAlive());
            CoreModuleProperties.HEARTBEAT_REQUEST.set(session, "keepalive@openssh.com");
            CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(session, TransportTimeouts.MAX_KEEP_ALIVES_UNANSWERED);
            return ClientConnectionServiceFactory.INSTANCE.create(session);
        }
    };

    HandshakeSession(ClientFactoryManager client, IoSession ioSession) throws Exception {
        super(client, ioSession);
    }

    SshdHandshake handshake() {
        return Objects.requireNonNull(
                getConnectionContext().getAttribute(SshdHandshake.KEY), "every connection is opened with a handshake");
    }

    /** Takes no packets: MINA would write them to its log at TRACE before they are encrypted, passwords among them. */
    @Override
    protected SimplifiedLog getSimplifiedLogger() {
        return SimplifiedLog.EMPTY;
    }

    @Override
    protected String resolveAvailableSignaturesProposal(FactoryManager manager) {
        return String.join(",", handshake().ordered(NamedResource.getNameList(HostKeySignature.FACTORIES)));
    }

    @Override
    protected void checkKeys() throws IOException {
        if (!handshake().accepts(HostKeySignature.toSshPublicKey(getServerKey()))) {
            // Ends the session; the handshake has kept the reason.
            throw new HostKeyNotAcceptedException();
        }
    }

    @Override
    protected void signalSessionEvent(SessionListener.Event event) throws Exception {
        if (event == SessionListener.Event.KeyEstablished) {
            handshake().keysExchanged().complete(null);
        }
        super.signalSessionEvent(event);
    }

    @Override
    protected void handleServiceAccept(String serviceName, Buffer buffer) throws Exception {
        super.handleServiceAccept(serviceName, buffer);
        AuthenticationService authentication = getService(AuthenticationService.class);
        if (authentication != null) {
            authentication.serviceAccepted();
        }
    }

    @Override
    protected void signalReadPeerIdentificationLine(String line, List<String> extraLines) throws Exception {
        handshake().heardLine(line);
        super.signalReadPeerIdentificationLine(line, extraLines);
    }

    @Override
    protected void handleDisconnect(int code, String msg, String lang, Buffer buffer) throws Exception {
        handshake().disconnected(code, msg);
        super.handleDisconnect(code, msg, lang, buffer);
    }

    @Override
    public void exceptionCaught(Throwable t) {
        handshake().failed(t);
        super.exceptionCaught(t);
    }

    @Override
    protected void preClose() {
        handshake().closed();
        super.preClose();
    }
}
