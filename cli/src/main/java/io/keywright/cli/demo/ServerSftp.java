package io.keywright.cli.demo;

import java.io.IOException;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.BufferUtils;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.apache.sshd.common.util.threads.ThreadUtils;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.apache.sshd.sftp.server.SftpSubsystemConfigurator;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/**
 * MINA's SFTP, whose answers to requests that came together go together, as OpenSSH's do: one packet to encrypt, to send and
 * to be woken up by instead of one for each.
 */
final class ServerSftp extends SftpSubsystem {
    // As much as a packet of SSH's takes; more would only pile up.
    private static final int MAX_COLLECTED_BYTES = 32 << 10;

    private Buffer collected = new ByteArrayBuffer();

    private ServerSftp(ChannelSession channel, SftpSubsystemConfigurator configurator) {
        super(channel, configurator);
    }

    /** Makes sessions that work on these files, each in a thread of the executor. */
    static SftpSubsystemFactory factory(SftpFileSystemAccessor files, CloseableExecutorService executor) {
        SftpSubsystemFactory factory = new SftpSubsystemFactory() {
            @Override
            public Command createSubsystem(ChannelSession channel) {
                return new ServerSftp(channel, this);
            }
        };
        factory.setFileSystemAccessor(files);
        factory.setExecutorServiceProvider(() -> ThreadUtils.noClose(executor));
        return factory;
    }

    /** Called by the one thread that takes the requests from their queue. */
    @Override
    protected void send(Buffer answer) throws IOException {
        BufferUtils.updateLengthPlaceholder(answer, 0);
        collected.putBuffer(answer);
        if (requests.isEmpty() || requests.peek() == CLOSE || collected.available() >= MAX_COLLECTED_BYTES) {
            Buffer together = collected;
            collected = new ByteArrayBuffer();
            out.writeBuffer(together);
        }
    }
}
