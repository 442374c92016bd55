package io.keywright.transport.sshj;

import io.keywright.testkit.rotation.RemoteEditingContractTest;
import io.keywright.transport.SshTransport;
import io.keywright.transport.sshd.SshdTransport;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Editing on a real sshd, over both transports at once; here, because this module's tests have both. */
@Tag("once")
class RemoteEditingOnBothTransportsTest extends RemoteEditingContractTest {
    @Override
    protected List<SshTransport> createTransports() {
        return List.of(SshjTransport.create(), SshdTransport.create());
    }
}
