package io.keywright.transport.sshj;

import io.keywright.testkit.transport.DropbearTransportContractTest;
import io.keywright.transport.SshTransport;
import org.junit.jupiter.api.Tag;

@Tag("once")
class SshjAgainstDropbearTest extends DropbearTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshjTransport.create();
    }
}
