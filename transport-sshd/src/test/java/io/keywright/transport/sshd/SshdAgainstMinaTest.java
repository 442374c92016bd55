package io.keywright.transport.sshd;

import io.keywright.testkit.transport.ContractServer;
import io.keywright.testkit.transport.ServerOptions;
import io.keywright.testkit.transport.TransportContractTest;
import io.keywright.transport.SshTransport;

class SshdAgainstMinaTest extends TransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }

    @Override
    protected ContractServer startServer(ServerOptions options) {
        return MinaServer.start(options);
    }
}
