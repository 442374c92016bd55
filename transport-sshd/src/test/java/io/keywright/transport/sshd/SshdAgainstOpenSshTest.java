package io.keywright.transport.sshd;

import io.keywright.testkit.transport.OpenSshTransportContractTest;
import io.keywright.transport.SshTransport;

class SshdAgainstOpenSshTest extends OpenSshTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }
}
