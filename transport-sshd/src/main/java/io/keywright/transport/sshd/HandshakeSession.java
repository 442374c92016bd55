package io.keywright.transport.sshd;

import io.keywright.transport.TransportTimeouts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

/** A MINA client session that tells its {@link Handshake} what happens. */
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

    Handshake handshake() {
        return Objects.requireNonNull(
                getConnectionContext().getAttribute(Handshake.KEY), "every connection is opened with a handshake");
    }

    /** Takes no packets: MINA would write them to its log at TRACE before they are encrypted, passwords among them. */
    @Override
    protected SimplifiedLog getSimplifiedLogger() {
        return SimplifiedLog.EMPTY;
    }

    /** Orders the host key algorithms so that the server shows a key that can be recognised, where it has one. */
    @Override
    protected String resolveAvailableSignaturesProposal(FactoryManager manager) {
        Handshake handshake = handshake();
        List<String> offered = new ArrayList<>(NamedResource.getNameList(HostKeySignature.FACTORIES));
        Set<String> ordered = new LinkedHashSet<>();
        for (String algorithm : handshake
                .target()
                .hostKeys()
                .knownAlgorithms(handshake.target().host(), handshake.target().port())) {
            offered.stream()
                    .filter(name ->
                            name.equals(algorithm) || (algorithm.equals("ssh-rsa") && name.startsWith("rsa-sha2-")))
                    .forEach(ordered::add);
        }
        ordered.addAll(offered);
        return String.join(",", ordered);
    }

    @Override
    protected void checkKeys() throws IOException {
        if (!handshake().acceptsHostKey(HostKeySignature.toSshPublicKey(getServerKey()))) {
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
        handshake().disconnected(code, msg, getServerVersion());
        super.handleDisconnect(code, msg, lang, buffer);
    }

    @Override
    public void exceptionCaught(Throwable t) {
        handshake().broken(t);
        super.exceptionCaught(t);
    }

    @Override
    protected void preClose() {
        handshake().closed();
        super.preClose();
    }
}
