package io.keywright.transport.sshj;

import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.testkit.transport.TransportContractTest;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.MinaServer;

class SshjAgainstMinaTest extends TransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshjTransport.create();
    }

    @Override
    protected ContractServer startServer(ServerOptions options) {
        return MinaServer.start(options);
    }
}
