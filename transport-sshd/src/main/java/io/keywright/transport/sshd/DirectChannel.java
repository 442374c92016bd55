package io.keywright.transport.sshd;

import io.keywright.transport.SshTarget;
import io.keywright.transport.TerminalSize;
import java.io.IOException;
import org.apache.sshd.client.future.DefaultOpenFuture;
import org.apache.sshd.client.future.OpenFuture;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.util.buffer.Buffer;

/** A channel of type "direct-tcpip": a TCP connection that the server opens to a destination (RFC 4254, section 7.2). */
final class DirectChannel extends OutgoingChannel {
    // Whom the server may log as the connection's origin; what we really are is no business of it.
    private static final String ORIGINATOR = "127.0.0.1";

    private final Purpose.Destination destination;

    DirectChannel(SshTarget server, Purpose.Destination destination, Receiver receiver) {
        super("direct-tcpip", server, receiver);
        this.destination = destination;
    }

    @Override
    String purpose() {
        return "to " + destination.host() + ":" + destination.port();
    }

    @Override
    public synchronized OpenFuture open() throws IOException {
        if (isClosing()) {
            throw new SshException("the session has been closed");
        }
        openFuture = new DefaultOpenFuture(toString(), futureLock);
        Buffer buffer = getSession().createBuffer(SshConstants.SSH_MSG_CHANNEL_OPEN);
        buffer.putString(getChannelType());
        buffer.putUInt(getChannelId());
        buffer.putUInt(getLocalWindow().getSize());
        buffer.putUInt(getLocalWindow().getPacketSize());
        buffer.putString(destination.host());
        buffer.putUInt(destination.port());
        buffer.putString(ORIGINATOR);
        buffer.putUInt(0);
        writePacket(buffer);
        return openFuture;
    }

    @Override
    void opened() {
        isReady();
    }

    @Override
    public void resize(TerminalSize size) {
        throw new IllegalStateException("a connection to a port has no terminal");
    }
}
