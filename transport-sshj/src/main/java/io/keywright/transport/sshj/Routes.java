package io.keywright.transport.sshj;

import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import io.keywright.transport.internal.Addresses;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import net.schmizz.sshj.common.IOUtils;

/** Makes the sockets that connections run over. */
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

    /** Tries one address after the other, each for its share of the time that is left. */
    Wire connect(SshTarget target, Deadline deadline) {
        List<InetAddress> addresses = Addresses.of(target, threads, deadline);
        List<TransportException> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            Duration share = deadline.remaining().dividedBy(addresses.size() - i);
            try {
                return connect(target, new InetSocketAddress(addresses.get(i), target.port()), Deadline.in(share));
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
            threads.execute(() -> {
                try {
                    socket.setTcpNoDelay(true);
                    socket.connect(address); // closing the socket ends it
                    connected.complete(Wire.of(socket));
                } catch (IOException e) {
                    connected.completeExceptionally(new CallFailed(() -> new UnreachableException(
                            target, Phase.CONNECT, "nothing answers at " + address + ": " + e.getMessage(), e)));
                }
            });
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
}
