package io.keywright.transport.sshd;

import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.PortListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;

/** Forwarding over a connection; each stream is a channel of its own. */
final class SshdPortForwarding implements PortForwarding {
    private final Link link;

    SshdPortForwarding(Link link) {
        this.link = link;
    }

    @Override
    public ForwardedPort listen(InetSocketAddress local, String host, int port) {
        try {
            PortListener listener = PortListener.open(local, () -> connectTo(host, port));
            link.endWith(listener);
            return listener;
        } catch (IOException e) {
            throw new TransportException(
                    link.target(), Phase.CHANNEL, false, "cannot listen at " + local + ": " + e.getMessage(), e);
        }
    }

    @Override
    public ForwardedStream connectTo(String host, int port) {
        ChannelStreams streams = new ChannelStreams(receiver -> new DirectChannel(link.target(), host, port, receiver));
        link.open(streams.channel(), Deadline.in(link.target().timeouts().request()));
        return new Connected(streams);
    }

    private record Connected(ChannelStreams streams) implements ForwardedStream {
        @Override
        public InputStream input() {
            return streams.input();
        }

        @Override
        public OutputStream output() {
            return streams.output();
        }

        @Override
        public void close() {
            streams.close();
        }
    }
}
