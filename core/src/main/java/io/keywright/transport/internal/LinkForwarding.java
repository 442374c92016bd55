package io.keywright.transport.internal;

import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Forwarding over a connection; each stream is a channel of its own. Thread-safe. */
final class LinkForwarding implements PortForwarding {
    private final Link link;
    private final Channels channels;
    private final Set<PortListener> ports = ConcurrentHashMap.newKeySet();

    LinkForwarding(Link link, Channels channels) {
        this.link = link;
        this.channels = channels;
    }

    @Override
    public ForwardedPort listen(InetSocketAddress local, String host, int port) {
        PortListener listener;
        try {
            listener = PortListener.open(local, () -> connectTo(host, port), ports::remove);
        } catch (IOException e) {
            throw new TransportException(
                    link.target(), Phase.CHANNEL, false, "cannot listen at " + local + ": " + e.getMessage(), e);
        }
        ports.add(listener);
        if (!link.isOpen()) {
            listener.close(); // the connection's end may have been told before
        }
        return listener;
    }

    @Override
    public ForwardedStream connectTo(String host, int port) {
        return ChannelStreams.open(
                channels,
                new RemoteChannel.Purpose.Destination(host, port),
                Deadline.in(link.target().timeouts().request()));
    }

    /** Closes every port that is open. */
    void close() {
        ports.forEach(PortListener::close);
    }
}
