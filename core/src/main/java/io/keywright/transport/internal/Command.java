package io.keywright.transport.internal;

import io.keywright.LimitExceededException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.TransportException.Phase;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** One run of a command. */
final class Command implements RemoteChannel.Receiver {
    private final Channels channels;
    private final ExecRequest request;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final CompletableFuture<Void> tooMuch = new CompletableFuture<>();

    Command(Channels channels, ExecRequest request) {
        this.channels = channels;
        this.request = request;
    }

    ExecResult run() {
        Deadline deadline = Deadline.in(
                request.timeout().orElse(channels.target().timeouts().request()));
        RemoteChannel channel = channels.open(new RemoteChannel.Purpose.Command(request.command()), this, deadline);
        byte[] stdin = request.stdin();
        try {
            if (stdin.length > 0) {
                channel.write(stdin);
            }
            channel.endInput();
            deadline.await(
                    CompletableFuture.anyOf(tooMuch, channel.ended()),
                    channels.target(),
                    Phase.EXEC,
                    "running the command");
            return result(channel);
        } finally {
            channel.abandon();
            Arrays.fill(stdin, (byte) 0);
        }
    }

    private synchronized ExecResult result(RemoteChannel channel) {
        return new ExecResult(channel.exitStatus(), channel.exitSignal(), stdout.toByteArray(), stderr.toByteArray());
    }

    @Override
    public synchronized void standardOutput(byte[] data, int offset, int length) {
        keep(stdout, "standard output", data, offset, length);
    }

    @Override
    public synchronized void standardError(byte[] data, int offset, int length) {
        keep(stderr, "standard error", data, offset, length);
    }

    private void keep(ByteArrayOutputStream kept, String name, byte[] data, int offset, int length) {
        long total = (long) kept.size() + length;
        if (total <= request.outputLimitBytes()) {
            kept.write(data, offset, length);
            return;
        }
        tooMuch.completeExceptionally(new CallFailed(() -> new LimitExceededException(
                "bytes on the command's " + name,
                total,
                request.outputLimitBytes(),
                "ExecRequest.withOutputLimit raises it")));
    }
}
