package io.keywright.transport.sshd;

import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.Subsystem;
import java.util.concurrent.CompletableFuture;

/** The subsystem {@code sftp} on a channel of its own. */
final class SftpChannel implements Subsystem {
    private final SessionChannel channel;

    private SftpChannel(SessionChannel channel) {
        this.channel = channel;
    }

    /** Starts it and waits until the server has agreed. */
    static SftpChannel start(Link link, Output output, Deadline deadline) {
        SessionChannel channel = SessionChannel.subsystem(link.target(), "sftp", new OutgoingChannel.Receiver() {
            @Override
            public void standardOutput(byte[] data, int offset, int length) {
                output.receive(data, offset, length);
            }

            @Override
            public void standardError(byte[] data, int offset, int length) {
                // A server's chatter; the protocol runs on standard output alone.
            }
        });
        link.open(channel, deadline);
        return new SftpChannel(channel);
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
}
