package io.keywright.transport.sshj;

import io.keywright.testkit.rotation.RemoteEditingContractTest;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import java.util.List;

/** Both transports at work on the same files. */
class RemoteEditingTest extends RemoteEditingContractTest {
    @Override
    protected List<SshTransport> createTransports() {
        return List.of(SshjTransport.create(), SshdTransport.create());
    }
}
