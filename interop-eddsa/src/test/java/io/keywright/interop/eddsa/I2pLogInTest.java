package io.keywright.interop.eddsa;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywright.SshKeyPair;
import io.keywright.SshPublicKey;
import io.keywright.testkit.server.OpenSshServer;
import io.keywright.testkit.server.ServerAccount;
import io.keywright.transport.ConnectRequest;
import io.keywright.transport.ExecRequest;
import io.keywright.transport.HostKeyVerifier;
import io.keywright.transport.LogIn;
import io.keywright.transport.ProbeAnswer;
import io.keywright.transport.SshConnection;
import io.keywright.transport.SshTarget;
import io.keywright.transport.SshTransport;
import io.keywright.transport.SshTransportProvider;
import java.security.KeyPair;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import net.i2p.crypto.eddsa.KeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Logging in with keys that i2p made, over both transports, where i2p is on the class path: MINA finds it by itself and then
 * reads Ed25519 host keys as i2p's objects, which must make no difference.
 */
class I2pLogInTest {
    static Stream<SshTransportProvider> transports() {
        return ServiceLoader.load(SshTransportProvider.class).stream().map(ServiceLoader.Provider::get);
    }

    @Test
    void bothTransports_areTried() {
        assertThat(transports().map(SshTransportProvider::name)).containsExactlyInAnyOrder("sshd", "sshj");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void pairOfI2p_logsInAndItsPublicHalfIsAskedAbout(SshTransportProvider provider) {
        List<Provider> before = List.of(Security.getProviders());
        KeyPair foreign = new KeyPairGenerator().generateKeyPair();
        SshPublicKey other =
                I2pKeys.publicKey(new KeyPairGenerator().generateKeyPair().getPublic());
        try (OpenSshServer server = OpenSshServer.start();
                SshTransport transport = provider.create();
                SshKeyPair pair = I2pKeys.keyPair(foreign)) {
            ServerAccount account = server.addAccount();
            account.writeAuthorizedKeys(I2pKeys.publicKey(foreign.getPublic()).toLine() + "\n");
            SshTarget target = SshTarget.of(
                    server.host(), server.port(), account.name(), HostKeyVerifier.pinned(server.hostKeys()));
            ConnectRequest request = ConnectRequest.of(target, LogIn.withKey(pair))
                    .withProbes(List.of(other, I2pKeys.publicKey(foreign.getPublic())));

            try (SshConnection connection = transport.connect(request)) {
                assertThat(connection.probes()).containsExactly(ProbeAnswer.REFUSED, ProbeAnswer.ACCEPTED);
                assertThat(connection.exec(ExecRequest.of("echo in")).stdoutText())
                        .isEqualTo("in\n");
                assertThat(connection.hostKey()).isEqualTo(server.hostKeys().get(0));
            }
        }
        assertThat(Security.getProviders()).as("nobody registers i2p's").containsExactlyElementsOf(before);
    }
}
