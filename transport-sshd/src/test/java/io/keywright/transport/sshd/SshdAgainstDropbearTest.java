package io.keywright.transport.sshd;

import io.keywright.testkit.transport.DropbearTransportContractTest;
import io.keywright.transport.SshTransport;
import org.junit.jupiter.api.Tag;

@Tag("once")
class SshdAgainstDropbearTest extends DropbearTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }
}
