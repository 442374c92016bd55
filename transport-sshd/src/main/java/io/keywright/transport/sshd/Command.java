package io.keywright.transport.sshd;

import io.keywright.LimitExceededException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.Deadline;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** One run of a command. */
final class Command implements OutgoingChannel.Receiver {
    private final Link link;
    private final ExecRequest request;
    private final SessionChannel channel;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    Command(Link link, ExecRequest request) {
        this.link = link;
        this.request = request;
        this.channel = SessionChannel.command(link.target(), request.command(), this);
    }

    ExecResult run() {
        Deadline deadline =
                Deadline.in(request.timeout().orElse(link.target().timeouts().request()));
        link.open(channel, deadline);
        byte[] stdin = request.stdin();
        try {
            if (stdin.length > 0) {
                channel.write(stdin);
            }
            channel.endInput();
            deadline.await(channel.ended(), link.target(), Phase.EXEC, "running the command");
            return result();
        } finally {
            channel.abandon();
            Arrays.fill(stdin, (byte) 0);
        }
    }

    private synchronized ExecResult result() {
        return new ExecResult(
                channel.getExitStatus(), channel.getExitSignal(), stdout.toByteArray(), stderr.toByteArray());
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
        channel.ended()
                .completeExceptionally(new CallFailed(() -> new LimitExceededException(
                        "bytes on the command's " + name,
                        total,
                        request.outputLimitBytes(),
                        "ExecRequest.withOutputLimit raises it")));
    }
}
