package io.keywright.transport.sshj;

import io.keywright.testkit.transport.OpenSshTransportContractTest;
import io.keywright.transport.SshTransport;

class SshjAgainstOpenSshTest extends OpenSshTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshjTransport.create();
    }
}
