package io.keywright.transport.internal;

import io.keywright.transport.SshTarget;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The channels of one connection. A new one is opened when those are gone that were abandoned: dropbear closes a channel
 * without an answer when it comes while the one before is being torn down. Thread-safe.
 */
public final class Channels {
    // A server whose program does not end may not close its side; everybody but dropbear takes new channels meanwhile.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Link link;
    private final Set<RemoteChannel> open = ConcurrentHashMap.newKeySet();

    /** Begins without any. */
    public Channels(Link link) {
        this.link = link;
    }

    SshTarget target() {
        return link.target();
    }

    /** Opens a channel and waits until the server has agreed to all that it is for. */
    RemoteChannel open(RemoteChannel.Purpose purpose, RemoteChannel.Receiver receiver, Deadline deadline) {
        awaitAbandoned(deadline);
        RemoteChannel channel = link.open(purpose, receiver, deadline);
        open.add(channel);
        CompletableFuture<Void> unused = channel.gone().thenRun(() -> open.remove(channel));
        return channel;
    }

    /** Once for each: one that does not go holds up the next channel, not those after it. */
    private void awaitAbandoned(Deadline deadline) {
        List<RemoteChannel> leaving =
                open.stream().filter(RemoteChannel::isAbandoned).toList();
        CompletableFuture<Void> allGone = CompletableFuture.allOf(
                leaving.stream().map(RemoteChannel::gone).toArray(CompletableFuture<?>[]::new));
        Links.awaitFarewell(allGone, deadline.atMost(PATIENCE).remaining());
        leaving.forEach(open::remove);
    }
}
