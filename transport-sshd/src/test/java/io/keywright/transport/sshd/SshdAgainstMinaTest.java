package io.keywright.transport.sshd;

import io.keywright.transport.SshTransport;
import org.junit.jupiter.api.Tag;

@Tag("once")
class SshdAgainstMinaTest extends MinaTransportContractTest {
    @Override
    protected SshTransport createTransport() {
        return SshdTransport.create();
    }
}
