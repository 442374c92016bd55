package io.keywright.transport.sshj;

import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.Subsystem;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The subsystem {@code sftp} on a channel of its own. */
final class SftpChannel implements Subsystem {
    private final LinkChannel channel;

    private SftpChannel(LinkChannel channel) {
        this.channel = channel;
    }

    /** Starts it and waits until the server has agreed. */
    static SftpChannel start(Link link, Output output, Deadline deadline) {
        return new SftpChannel(link.open(
                on -> LinkChannel.session(on, List.of(LinkChannel.subsystem("sftp")), new Receiver(output)), deadline));
    }

    @Override
    public void write(byte[] data) {
        channel.write(data);
    }

    @Override
    public CompletableFuture<Void> ended() {
        return channel.ended();
    }

    @Override
    public void abandon() {
        channel.abandon();
    }

    private record Receiver(Output output) implements LinkChannel.Receiver {
        @Override
        public void standardOutput(LinkChannel channel, byte[] data, int offset, int length) {
            output.receive(data, offset, length);
            channel.release(length);
        }

        /** Drops a server's chatter; the protocol runs on standard output alone. */
        @Override
        public void standardError(LinkChannel channel, byte[] data, int offset, int length) {
            channel.release(length);
        }

        @Override
        public void outputEnds(LinkChannel channel) {
            // the session ends when its channel does
        }
    }
}
