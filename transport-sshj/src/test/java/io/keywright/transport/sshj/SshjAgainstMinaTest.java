package io.keywright.transport.sshj;

import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.MinaTransportContractTest;
import org.junit.jupiter.api.Tag;

@Tag("once")
class SshjAgainstMinaTest extends MinaTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshjTransport.create();
    }
}
