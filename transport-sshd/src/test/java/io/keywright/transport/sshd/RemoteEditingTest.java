package io.keywright.transport.sshd;

import io.keywright.testkit.rotation.RemoteEditingContractTest;
import io.keywright.transport.SshTransport;
import java.util.List;

class RemoteEditingTest extends RemoteEditingContractTest {
    @Override
    protected List<SshTransport> createTransports() {
        return List.of(SshdTransport.create(), SshdTransport.create());
    }
}
