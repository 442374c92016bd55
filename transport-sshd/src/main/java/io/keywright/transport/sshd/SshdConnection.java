package io.keywright.transport.sshd;

import io.keywright.SshPublicKey;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.PortForwarding;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.ShellAccess;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.internal.Deadline;
import io.keywright.transport.internal.SftpClient;
import java.util.List;
import java.util.Optional;

/** A logged-in connection; commands and SFTP each run on a channel of their own. */
final class SshdConnection implements SshConnection {
    private final Link link;

    SshdConnection(Link link) {
        this.link = link;
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
        return link.serverVersion();
    }

    @Override
    public List<ProbeAnswer> probes() {
        return link.answers();
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        return new Command(link, request).run();
    }

    @Override
    public SftpSession openSftp() {
        Deadline deadline = Deadline.in(target().timeouts().request());
        return SftpClient.open(target(), deadline, output -> SftpChannel.start(link, output, deadline));
    }

    @Override
    public Optional<ShellAccess> shellAccess() {
        return Optional.of(request -> SshdShellSession.open(link, request));
    }

    @Override
    public Optional<PortForwarding> portForwarding() {
        return Optional.of(new SshdPortForwarding(link));
    }

    @Override
    public boolean isOpen() {
        return link.isOpen();
    }

    @Override
    public void close() {
        link.close();
    }

    /** Says whom this connects to. */
    @Override
    public String toString() {
        return "SshdConnection[" + target() + "]";
    }
}
