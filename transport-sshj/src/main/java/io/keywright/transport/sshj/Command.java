package io.keywright.transport.sshj;

import io.keywright.LimitExceededException;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.TransportException.Phase;
import io.keywright.transport.internal.CallFailed;
import io.keywright.transport.internal.Deadline;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** One run of a command. */
final class Command implements LinkChannel.Receiver {
    private final Link link;
    private final ExecRequest request;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    Command(Link link, ExecRequest request) {
        this.link = link;
        this.request = request;
    }

    ExecResult run() {
        Deadline deadline =
                Deadline.in(request.timeout().orElse(link.target().timeouts().request()));
        LinkChannel channel =
                link.open(on -> LinkChannel.session(on, List.of(LinkChannel.exec(request.command())), this), deadline);
        byte[] stdin = request.stdin();
        try {
            channel.write(stdin);
            channel.endInput();
            deadline.await(channel.ended(), link.target(), Phase.EXEC, "running the command");
            return result(channel);
        } finally {
            channel.abandon();
            Arrays.fill(stdin, (byte) 0);
        }
    }

    private synchronized ExecResult result(LinkChannel channel) {
        return new ExecResult(channel.exitStatus(), channel.exitSignal(), stdout.toByteArray(), stderr.toByteArray());
    }

    @Override
    public void standardOutput(LinkChannel channel, byte[] data, int offset, int length) {
        keep(channel, stdout, "standard output", data, offset, length);
    }

    @Override
    public void standardError(LinkChannel channel, byte[] data, int offset, int length) {
        keep(channel, stderr, "standard error", data, offset, length);
    }

    @Override
    public void outputEnds(LinkChannel channel) {
        // the command ends when its channel does
    }

    private synchronized void keep(
            LinkChannel channel, ByteArrayOutputStream kept, String name, byte[] data, int offset, int length) {
        channel.release(length);
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
