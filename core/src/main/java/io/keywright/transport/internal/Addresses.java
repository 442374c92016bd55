package io.keywright.transport.internal;

import io.keywright.transport.SshTarget;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.UnreachableException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/** Looks names up on a thread of its own, because the JDK's look-up can neither be bounded nor interrupted. */
public final class Addresses {
    // Whatever else consists of digits and dots may still be looked up as a name.
    private static final Pattern LITERAL =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}|.*:.*");

    private Addresses() {}

    /**
     * Returns the addresses of a host, in the resolver's order; a literal needs no look-up and no thread.
     *
     * @param target for whom
     * @param host the target's host or that of a proxy on the way to it
     */
    public static List<InetAddress> of(SshTarget target, String host, Executor workers, Deadline deadline) {
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        if (LITERAL.matcher(host).matches()) {
            lookUp(target, host, found);
        } else {
            workers.execute(() -> lookUp(target, host, found));
        }
        return deadline.await(found, target, Phase.RESOLVE, "looking up the name");
    }

    private static void lookUp(SshTarget target, String host, CompletableFuture<List<InetAddress>> found) {
        try {
            found.complete(List.of(InetAddress.getAllByName(host)));
        } catch (UnknownHostException | RuntimeException e) {
            found.completeExceptionally(new CallFailed(() ->
                    new UnreachableException(target, Phase.RESOLVE, "the name " + host + " cannot be resolved", e)));
        }
    }
}
