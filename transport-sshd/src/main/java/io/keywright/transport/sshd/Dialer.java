package io.keywright.transport.sshd;

import io.keywright.transport.ChannelRefusedException;
import io.keywright.transport.Route;
import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.TransportTimeoutException;
import io.keywright.transport.UnreachableException;
import io.keywright.transport.internal.Addresses;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.ProxyTunnel;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.jspecify.annotations.Nullable;

/** Starts sessions: over a socket to the target, or through a proxy or a jump host. */
final class Dialer implements AutoCloseable {
    // Stands in for the address of a target that somebody else connects to; nothing is ever sent there.
    private static final String NO_ADDRESS = "0.0.0.0";

    private final SshClient client;
    private final ExecutorService workers;
    private final ProxySockets proxies = new ProxySockets();

    /**
     * Makes a dialer.
     *
     * @param workers looks up names and carries data for jump hosts; stays the caller's
     */
    Dialer(SshClient client, ExecutorService workers) {
        this.client = client;
        this.workers = workers;
    }

    /**
     * Starts a session, whose handshake then goes on by itself.
     *
     * @param handshakes makes one for each attempt
     * @param jumpHost the connection to the jump host on the target's route, or null
     */
    HandshakeSession dial(
            SshTarget target, Supplier<SshdHandshake> handshakes, @Nullable SshdLink jumpHost, Deadline connecting) {
        if (jumpHost != null) {
            return dialThrough(jumpHost, handshakes.get(), connecting);
        }
        Optional<Route.Proxy> proxy = ProxyTunnel.proxyOf(target.route());
        if (proxy.isEmpty()) {
            return dialDirectly(target, handshakes, connecting);
        }
        SshdHandshake handshake = handshakes.get();
        List<InetAddress> addresses = Addresses.of(target, proxy.get().host(), workers, connecting);
        return start(handshake, NO_ADDRESS, proxies.open(target, proxy.get(), addresses, connecting), connecting);
    }

    private HandshakeSession dialThrough(SshdLink jumpHost, SshdHandshake handshake, Deadline connecting) {
        SshTarget target = handshake.target();
        ChannelSocket socket = new ChannelSocket(jumpHost, target.host(), target.port(), workers);
        try {
            jumpHost.open(socket.channel(), connecting);
        } catch (ChannelRefusedException e) {
            throw new UnreachableException(target, Phase.CONNECT, "no way through the jump host: " + e.getMessage(), e);
        }
        return start(handshake, NO_ADDRESS, socket, connecting);
    }

    @Override
    public void close() {
        proxies.close();
    }

    /** Tries one address after the other, each for its share of the time that is left. */
    private HandshakeSession dialDirectly(SshTarget target, Supplier<SshdHandshake> handshakes, Deadline connecting) {
        List<InetAddress> addresses = Addresses.of(target, target.host(), workers, connecting);
        List<TransportException> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            Duration share = connecting.remaining().dividedBy(addresses.size() - i);
            try {
                // The literal: MINA would look a name up again.
                return start(handshakes.get(), addresses.get(i).getHostAddress(), null, Deadline.in(share));
            } catch (UnreachableException | TransportTimeoutException e) {
                failures.add(e);
            }
        }
        TransportException last = failures.remove(failures.size() - 1);
        failures.forEach(last::addSuppressed);
        throw last;
    }

    /**
     * Starts a session.
     *
     * @param address an address literal
     * @param socket the socket to use, which is owned from now on, or null to connect to the address
     */
    private HandshakeSession start(
            SshdHandshake handshake, String address, @Nullable AsynchronousSocketChannel socket, Deadline deadline) {
        SshTarget target = handshake.target();
        CompletableFuture<HandshakeSession> connected = new CompletableFuture<>();
        // The handshake may have failed before MINA tells that it is connected; then its own failure is the true one.
        CompletableFuture<?> unused = handshake.keysExchanged().whenComplete((nothing, failure) -> {
            if (failure != null) {
                connected.completeExceptionally(failure);
            }
        });
        ConnectFuture connecting = null;
        boolean done = false;
        try {
            connecting = connect(handshake, address, socket);
            connecting.addListener(result -> {
                if (!result.isConnected()) {
                    Throwable cause = result.getException();
                    connected.completeExceptionally(new CallFailed(() -> unreachable(target, address, cause)));
                } else if (!connected.complete((HandshakeSession) result.getClientSession())) {
                    result.getClientSession().close(true); // nobody waits for it any more
                }
            });
            HandshakeSession session = deadline.await(connected, target, Phase.CONNECT, "connecting to " + address);
            done = true;
            return session;
        } finally {
            if (!done) {
                giveUp(connected, connecting, socket);
            }
        }
    }

    private ConnectFuture connect(SshdHandshake handshake, String address, @Nullable AsynchronousSocketChannel socket) {
        SshTarget target = handshake.target();
        HostConfigEntry entry = new HostConfigEntry("", address, target.port(), target.user());
        entry.setIdentitiesOnly(true);
        Map<AttributeKey<?>, Object> attributes = new HashMap<>();
        attributes.put(SshdHandshake.KEY, handshake);
        if (socket != null) {
            attributes.put(TunnelConnector.SOCKET, socket);
        }
        try {
            return client.connect(entry, AttributeRepository.ofAttributesMap(attributes), null);
        } catch (IOException | RuntimeException e) {
            throw unreachable(target, address, e);
        }
    }

    /** Ends what was begun, however far it came. */
    private static void giveUp(
            CompletableFuture<HandshakeSession> connected,
            @Nullable ConnectFuture connecting,
            @Nullable AsynchronousSocketChannel socket) {
        if (!connected.cancel(false) && !connected.isCompletedExceptionally()) {
            connected.join().close(true); // it came in the last moment
        } else if (connecting != null) {
            connecting.cancel();
        }
        if (socket != null) {
            ProxySockets.close(socket); // which MINA may never have seen
        }
    }

    private static UnreachableException unreachable(SshTarget target, String address, @Nullable Throwable cause) {
        String why = cause == null ? "cancelled" : String.valueOf(cause.getMessage());
        return new UnreachableException(target, Phase.CONNECT, "nothing answers at " + address + ": " + why, cause);
    }
}
