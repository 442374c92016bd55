package io.keywright.transport;

import java.net.InetSocketAddress;

/** TCP connections that a server opens for us (RFC 4254, section 7.2): an optional capability of a connection. */
public interface PortForwarding {

    /**
     * Listens here, and lets the server connect to a destination for whoever connects here. Every user of this machine can
     * connect to the port.
     *
     * @param local where to listen: a loopback address unless others shall be let in; port 0 takes a free one
     * @param host the destination, as the server resolves it
     * @param port the destination's TCP port
     * @return the open port; the caller closes it
     * @throws TransportException when it cannot listen there
     */
    ForwardedPort listen(InetSocketAddress local, String host, int port);

    /**
     * Lets the server connect to a destination, without a listening port here.
     *
     * @param host the destination, as the server resolves it
     * @param port the destination's TCP port
     * @return the connection's two streams; the caller closes them
     * @throws ChannelRefusedException when the server cannot or will not connect there
     * @throws TransportException for everything else
     */
    ForwardedStream connectTo(String host, int port);
}
