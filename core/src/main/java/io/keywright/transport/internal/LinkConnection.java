package io.keywright.transport.internal;

import io.keywright.SshPublicKey;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.ShellAccess;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import java.util.List;
import java.util.Optional;

/** A logged-in connection; commands, SFTP, terminals and forwarded connections each run on a channel of their own. */
final class LinkConnection implements SshConnection {
    private final Link link;
    private final Channels channels;
    private final LinkForwarding forwarding;

    LinkConnection(Link link) {
        this.link = link;
        this.channels = new Channels(link);
        this.forwarding = new LinkForwarding(link, channels);
        link.whenOver(forwarding::close);
    }

    @Override
    public SshTarget target() {
        return link.target();
    }

    @Override
    public SshPublicKey hostKey() {
        return link.handshake().hostKey();
    }

    @Override
    public String serverVersion() {
        return link.handshake().serverVersion();
    }

    @Override
    public List<ProbeAnswer> probes() {
        return link.handshake().dialogue().answers();
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        return new Command(channels, request).run();
    }

    @Override
    public SftpSession openSftp() {
        Deadline deadline = Deadline.in(target().timeouts().request());
        return SftpClient.open(target(), deadline, output -> openSftp(output, deadline));
    }

    private Subsystem openSftp(Subsystem.Output output, Deadline deadline) {
        return channels.open(
                new RemoteChannel.Purpose.NamedSubsystem("sftp"),
                new RemoteChannel.Receiver() {
                    @Override
                    public void asked(RemoteChannel channel) {
                        output.asked(channel);
                    }

                    @Override
                    public void standardOutput(byte[] data, int offset, int length) {
                        output.receive(data, offset, length);
                    }

                    @Override
                    public void standardError(byte[] data, int offset, int length) {
                        // A server's chatter; the protocol runs on standard output alone.
                    }
                },
                deadline);
    }

    @Override
    public Optional<ShellAccess> shellAccess() {
        return Optional.of(request -> TerminalSession.open(channels, request));
    }

    @Override
    public Optional<PortForwarding> portForwarding() {
        return Optional.of(forwarding);
    }

    @Override
    public boolean isOpen() {
        return link.isOpen();
    }

    @Override
    public void close() {
        link.close();
        forwarding.close();
    }

    /** Says whom this connects to. */
    @Override
    public String toString() {
        return "SshConnection[" + target() + "]";
    }
}
