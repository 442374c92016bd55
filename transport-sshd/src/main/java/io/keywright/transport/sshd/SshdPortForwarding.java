package io.keywright.transport.sshd;

import io.keywright.transport.internal.Deadline;
import io.keywright.transport.ForwardedPort;
import io.keywright.transport.ForwardedStream;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.apache.sshd.client.session.forward.ExplicitPortForwardingTracker;
import org.apache.sshd.common.util.net.SshdSocketAddress;

/** Forwarding over a connection: listening is MINA's own, single streams are channels of ours. */
final class SshdPortForwarding implements PortForwarding {
    private final Link link;

    SshdPortForwarding(Link link) {
        this.link = link;
    }

    @Override
    public ForwardedPort listen(InetSocketAddress local, String host, int port) {
        try {
            return new Listening(link.session()
                    .createLocalPortForwardingTracker(
                            new SshdSocketAddress(local.getHostString(), local.getPort()),
                            new SshdSocketAddress(host, port)));
        } catch (IOException | RuntimeException e) {
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

    private record Listening(ExplicitPortForwardingTracker tracker) implements ForwardedPort {
        @Override
        public InetSocketAddress localAddress() {
            SshdSocketAddress bound = tracker.getBoundAddress();
            return new InetSocketAddress(bound.getHostName(), bound.getPort());
        }

        @Override
        public void close() {
            try {
                tracker.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the port stays open: " + e.getMessage(), e);
            }
        }
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
