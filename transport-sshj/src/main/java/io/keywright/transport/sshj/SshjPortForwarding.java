package io.keywright.transport.sshj;

import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.PortListener;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Forwarding over a connection; each stream is a channel of its own. */
final class SshjPortForwarding implements PortForwarding {
    private final Link link;

    SshjPortForwarding(Link link) {
        this.link = link;
    }

    @Override
    public ForwardedPort listen(InetSocketAddress local, String host, int port) {
        try {
            PortListener listener = PortListener.open(local, () -> connectTo(host, port));
            link.whenDead(listener::close);
            return listener;
        } catch (IOException e) {
            throw new TransportException(
                    link.target(), Phase.CHANNEL, false, "cannot listen at " + local + ": " + e.getMessage(), e);
        }
    }

    @Override
    public ForwardedStream connectTo(String host, int port) {
        return ChannelStreams.toDestination(
                link, host, port, Deadline.in(link.target().timeouts().request()));
    }
}
