package io.keywright.transport.sshd;

import io.keywright.testkit.transport.DropbearTransportContractTest;
import io.keywright.transport.SshTransport;

class SshdAgainstDropbearTest extends DropbearTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }
}
