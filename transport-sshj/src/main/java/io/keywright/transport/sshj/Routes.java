package io.keywright.transport.sshj;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.Route;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import io.keywright.transport.internal.Addresses;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.ChannelStreams;
import io.keywright.transport.internal.Channels;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.ProxyTunnel;
import io.keywright.transport.internal.RemoteChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import net.schmizz.sshj.common.IOUtils;

/** Makes what connections run over: sockets, to servers or to proxies, and channels of jump hosts. */
final class Routes implements AutoCloseable {
    private final ExecutorService threads;
    private final Set<Socket> connecting = ConcurrentHashMap.newKeySet();

    Routes(ExecutorService threads) {
        this.threads = threads;
    }

    /** Closes the sockets that are not connected yet. */
    @Override
    public void close() {
        connecting.forEach(IOUtils::closeQuietly);
    }

    /** Opens a channel of a jump host to the target. */
    static Wire through(SshjLink jumpHost, SshTarget target, Deadline deadline) {
        try {
            return Wire.of(ChannelStreams.open(
                    new Channels(jumpHost),
                    new RemoteChannel.Purpose.Destination(target.host(), target.port()),
                    deadline));
        } catch (ChannelRefusedException e) {
            throw new UnreachableException(target, Phase.CONNECT, "no way through the jump host: " + e.getMessage(), e);
        }
    }

    /** Connects to the target, or through the proxy on its route. */
    Wire connect(SshTarget target, Deadline deadline) {
        Optional<Route.Proxy> proxy = ProxyTunnel.proxyOf(target.route());
        String host = proxy.map(Route.Proxy::host).orElse(target.host());
        int port = proxy.map(Route.Proxy::port).orElse(target.port());
        List<InetAddress> addresses = Addresses.of(target, host, threads, deadline);
        List<TransportException> failures = new ArrayList<>();
        // One address after the other, each for its share of the time that is left.
        for (int i = 0; i < addresses.size(); i++) {
            Duration share = deadline.remaining().dividedBy(addresses.size() - i);
            try {
                return connect(target, new InetSocketAddress(addresses.get(i), port), Deadline.in(share));
            } catch (UnreachableException | TransportTimeoutException e) {
                failures.add(e);
            }
        }
        TransportException last = failures.remove(failures.size() - 1);
        failures.forEach(last::addSuppressed);
        throw last;
    }

    private Wire connect(SshTarget target, InetSocketAddress address, Deadline deadline) {
        // Without a proxy that the JVM's properties may name: the route says where to go.
        Socket socket = new Socket(Proxy.NO_PROXY);
        connecting.add(socket);
        CompletableFuture<Wire> connected = new CompletableFuture<>();
        boolean done = false;
        try {
            threads.execute(() -> connect(target, address, socket, connected)); // closing the socket ends it
            Wire wire = deadline.await(connected, target, Phase.CONNECT, "connecting to " + address);
            done = true;
            return wire;
        } finally {
            connecting.remove(socket);
            if (!done) {
                IOUtils.closeQuietly(socket);
            }
        }
    }

    /** Small packets go at once: what waits for the answer to the one before waits 40 ms with some servers. */
    static void connect(Socket socket, InetSocketAddress address) throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(address);
    }

    private static void connect(
            SshTarget target, InetSocketAddress address, Socket socket, CompletableFuture<Wire> connected) {
        boolean proxied = ProxyTunnel.proxyOf(target.route()).isPresent();
        try {
            connect(socket, address);
            if (proxied) {
                ProxyTunnel.open(target, socket.getInputStream(), socket.getOutputStream());
            }
            connected.complete(Wire.of(socket));
        } catch (TransportException e) {
            connected.completeExceptionally(new CallFailed(() -> e)); // what the proxy said
        } catch (IOException e) {
            String where = proxied ? "the proxy " + address : address.toString();
            connected.completeExceptionally(new CallFailed(() -> new UnreachableException(
                    target, Phase.CONNECT, "nothing answers at " + where + ": " + e.getMessage(), e)));
        }
    }
}
