package io.keywright.transport.sshd;

import io.keywright.transport.SshTransport;

class SshdAgainstMinaTest extends MinaTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }
}
