package io.keywright.testkit.simulation;

import io.keywright.SshPublicKey;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.ExecResult;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SftpSession;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import java.util.List;

/** A connection that asks another. For the tests of other packages as well. */
public abstract class DelegatingConnection implements SshConnection {
    private final SshConnection connection;

    protected DelegatingConnection(SshConnection connection) {
        this.connection = connection;
    }

    @Override
    public SshTarget target() {
        return connection.target();
    }

    @Override
    public SshPublicKey hostKey() {
        return connection.hostKey();
    }

    @Override
    public String serverVersion() {
        return connection.serverVersion();
    }

    @Override
    public List<ProbeAnswer> probes() {
        return connection.probes();
    }

    @Override
    public ExecResult exec(ExecRequest request) {
        return connection.exec(request);
    }

    @Override
    public SftpSession openSftp() {
        return connection.openSftp();
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public void close() {
        connection.close();
    }
}
